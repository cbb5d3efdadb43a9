import type { Reason } from '../policy/reasons.ts'
import type { Answer } from './answer.ts'
import { errorPage } from './error-page.ts'

export interface UnavailableData {
  readonly reason: Reason
  readonly retryAfterSeconds: number
  readonly tryAgainHref?: string | undefined
  readonly reference?: string | undefined
}

/** 503: it cannot be told right now whether somebody may pass. Nobody is signed out by that. */
export function unavailablePage({ reason, retryAfterSeconds, tryAgainHref, reference }: UnavailableData): Answer {
  return errorPage({
    status: 503,
    ...(TEXTS[reason] ?? WAIT),
    link: tryAgainHref === undefined ? undefined : { label: 'Try again', href: tryAgainHref },
    reason,
    reference,
    retryAfterSeconds,
    icon: { name: 'pause', tone: 'wait' },
  })
}

/** 503: a session was to be ended, and it cannot be told whether that has been recorded. */
export function notSignedOutPage({ reason, retryAfterSeconds, tryAgainHref }: UnavailableData): Answer {
  return errorPage({
    status: 503,
    title: 'Not signed out yet',
    what: 'We could not record that just now. Take whatever you wanted to end to be still signed in.',
    next: 'This usually passes within a minute. Then sign out again.',
    link: tryAgainHref === undefined ? undefined : { label: 'Try again', href: tryAgainHref },
    reason,
    retryAfterSeconds,
    icon: { name: 'pause', tone: 'wait' },
  })
}

const WAIT = {
  title: 'One moment, please',
  what: 'We cannot check your sign-in right now. Nothing is lost: if you were signed in, you still are.',
  next: 'This usually passes within a minute. Then load the page again.',
}

const TEXTS: Partial<Record<Reason, typeof WAIT>> = {
  'not-ready': {
    title: 'Just starting',
    what: 'The gatekeeper of this site is starting and does not know yet who may pass. Nothing is lost.',
    next: 'Load the page again in a few seconds.',
  },
  'answer-too-large': {
    title: 'This can’t be passed on',
    what: 'You may pass, but what has to be said about you is longer than the server in front of this app accepts.',
    next: 'Waiting will not help. Please tell the people who run it, with the reason below.',
  },
}

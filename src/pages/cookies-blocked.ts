import type { Answer } from './answer.ts'
import { errorPage } from './error-page.ts'

export interface CookiesBlockedData {
  /** The host for which cookies have to be allowed. */
  readonly host: string
  readonly tryAgainHref: string
  readonly reason: string
  readonly reference?: string | undefined
}

/** 400: the browser keeps no cookies for this host, so a login would go round in circles. */
export function cookiesBlockedPage({ host, tryAgainHref, reason, reference }: CookiesBlockedData): Answer {
  return errorPage({
    status: 400,
    title: 'Your browser blocks cookies',
    what: `You signed in, but your browser did not keep the cookie that says so. Without it, ${host} cannot tell that it is you.`,
    next: `Allow cookies for ${host} in the browser’s settings, and switch off extensions that block them there. Then try again.`,
    link: { label: 'Try again', href: tryAgainHref },
    reason,
    reference,
    icon: { name: 'cookie', tone: 'wait' },
  })
}

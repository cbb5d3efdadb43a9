import type { Answer } from '../../src/pages/answer.ts'
import { chooserPage } from '../../src/pages/chooser.ts'
import { confirmSignOutPage } from '../../src/pages/confirm-sign-out.ts'
import { continuePage } from '../../src/pages/continue.ts'
import { cookiesBlockedPage } from '../../src/pages/cookies-blocked.ts'
import { deniedPage } from '../../src/pages/denied.ts'
import { errorPage } from '../../src/pages/error-page.ts'
import { forbiddenPage } from '../../src/pages/forbidden.ts'
import { launcherPage } from '../../src/pages/launcher.ts'
import { notFoundPage } from '../../src/pages/not-found.ts'
import { providerUnreachablePage } from '../../src/pages/provider-unreachable.ts'
import { sessionsPage } from '../../src/pages/sessions.ts'
import { signedOutPage } from '../../src/pages/signed-out.ts'
import { unavailablePage } from '../../src/pages/unavailable.ts'

export interface SamplePage {
  readonly name: string
  readonly status: number
  readonly answer: Answer
}

/** Every page and variant, with one text in every field that is text and one address in every field that is a link. */
export function everyPage(text: string, href: string, count = 20): readonly SamplePage[] {
  const application = { title: text, host: `host ${text}` }
  const person = { label: text, provider: text }
  const providers = Array.from({ length: count }, () => ({ name: text, href }))
  const denied = { person, application, denyMessage: text, switchAccountHref: href, signOutHref: href, reference: text }
  const forbidden = { application: text, host: `host ${text}`, who: text, denyMessage: text, reference: text }
  const nobody = { application: undefined, host: undefined, who: undefined, denyMessage: undefined }
  const error = { title: text, what: text, next: text, reason: text, reference: text, link: { label: text, href } }
  const launcher = { person, sessionsHref: href, signOutHref: href }
  const tile = { title: text, description: text, href }
  const session = {
    sid: 'a'.repeat(43),
    device: text,
    clientAddress: text,
    provider: text,
    signedInAtMs: Date.parse('2026-03-04T05:06:07Z'),
    lastSeenAtMs: Date.parse('2026-12-31T23:59:59Z'),
    isThisOne: false,
  }
  const sessions = {
    person,
    sessions: Array.from({ length: Math.min(count, 15) }, (_, index) => ({ ...session, isThisOne: index === 0 })),
    hasOthers: true,
    moreHref: undefined,
    notice: undefined,
    formOrigins: [],
  }
  return [
    [200, 'chooser', chooserPage({ application, providers })],
    [200, 'chooser for Gatehouse itself', chooserPage({ application: undefined, providers })],
    [200, 'chooser without providers', chooserPage({ application, providers: [] })],
    [200, 'switch account', chooserPage({ application, providers, switching: { person, backHref: href } })],
    [403, 'denied', deniedPage({ ...denied, reason: 'no-policy-matches', ruleErrors: ['email-unverified'] })],
    [403, 'forbidden', forbiddenPage({ ...forbidden, reason: 'policy-denies', switchAccountHref: href })],
    [403, 'forbidden to nobody', forbiddenPage({ ...nobody, reason: 'no-application' })],
    [200, 'signed out', signedOutPage({ back: { label: text, href } })],
    [200, 'signed out everywhere', signedOutPage({ isEverywhere: true })],
    [
      200,
      'confirm sign-out',
      confirmSignOutPage({ person, action: '/logout', offersEverywhere: true, formOrigins: [], backHref: href }),
    ],
    [200, 'launcher', launcherPage({ ...launcher, tiles: Array.from({ length: count }, () => tile) })],
    [200, 'empty launcher', launcherPage({ ...launcher, tiles: [] })],
    [200, 'sessions', sessionsPage({ ...sessions, notice: 'ended', moreHref: href })],
    [
      200,
      'sessions, no other',
      sessionsPage({ ...sessions, sessions: sessions.sessions.slice(0, 1), hasOthers: false }),
    ],
    [400, 'error', errorPage({ ...error, status: 400 })],
    [400, 'cookies blocked', cookiesBlockedPage({ host: text, tryAgainHref: href, reason: text, reference: text })],
    [
      503,
      'provider unreachable',
      providerUnreachablePage({
        provider: text,
        tryAgainHref: href,
        otherProviders: providers,
        retryAfterSeconds: 5,
        reason: text,
        reference: text,
      }),
    ],
    [
      503,
      'unavailable',
      unavailablePage({ reason: 'store-unavailable', retryAfterSeconds: 5, tryAgainHref: href, reference: text }),
    ],
    [404, 'not found', notFoundPage({ host: text, homeHref: href })],
    [200, 'continue', continuePage({ href })],
  ].map(([status, name, answer]) => ({ status, name, answer }) as SamplePage)
}

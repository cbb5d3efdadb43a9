import { type Answer, redirect } from '../pages/answer.ts'
import { cookiesBlockedPage } from '../pages/cookies-blocked.ts'
import { errorPage } from '../pages/error-page.ts'
import { admit, type Entry, entranceUrl } from './admit.ts'
import { choose } from './choose.ts'
import type { LoginPorts } from './login-ports.ts'
import { openRequest } from './login-request.ts'
import { refused } from './refusal.ts'
import { MAX_ROUNDS, roundOf } from './rounds.ts'
import { findSession } from './signed-in.ts'
import type { Visit } from './visit.ts'

/**
 * `/login` on the auth host. With a live session straight on to the app; otherwise the providers that the application
 * admits, as a page of links, or straight to the only one. Without a request the visitor came for the launcher.
 */
export async function login(ports: LoginPorts, visit: Visit): Promise<Answer> {
  const sealed = visit.query.get('request')
  const entry = sealed === null ? undefined : await readEntry(ports, sealed)
  if (sealed !== null && entry === undefined) return refused(ports, visit, 'login-request-invalid', expiredPage())

  const switchAccount = visit.query.has('switch')
  if (!switchAccount) {
    const session = await findSession(ports, visit)
    if (session !== undefined) {
      return entry === undefined ? redirect(302, `${ports.urls.issuer}/`) : admit(ports, visit, entry, session)
    }
  }
  const round = roundOf(visit)
  return round < MAX_ROUNDS
    ? choose(ports, visit, { entry, round, switchAccount })
    : refused(ports, visit, 'cookies-blocked', blockedPage(ports, entry))
}

/** What the visitor came for; undefined if that was never so, is too long ago, or the application is gone. */
async function readEntry(ports: LoginPorts, sealed: string): Promise<Entry | undefined> {
  const request = await openRequest(ports, sealed)
  const application = request && ports.policySet()?.applications.get(request.application)
  return application && { request, sealed, application }
}

function blockedPage(ports: LoginPorts, entry: Entry | undefined): Answer {
  return cookiesBlockedPage({
    host: ports.urls.authHost,
    tryAgainHref: entry === undefined ? '/' : entranceUrl(ports, entry),
    reason: 'cookies-blocked',
  })
}

function expiredPage(): Answer {
  return errorPage({
    status: 400,
    title: 'This sign-in has expired',
    what: 'The link that brought you here is too old, or was not made by this service.',
    next: 'Open the app again, and sign in from there.',
    reason: 'login-request-invalid',
  })
}

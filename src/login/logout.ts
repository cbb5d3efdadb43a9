import { type Answer, redirect, withHeaders } from '../pages/answer.ts'
import { confirmSignOutPage } from '../pages/confirm-sign-out.ts'
import { type CrossOriginPageData, crossOriginPage } from '../pages/cross-origin.ts'
import { personOf } from '../pages/person.ts'
import type { Session } from '../sessions/session.ts'
import { lastPage, leftBefore, toProvider } from './after-logout.ts'
import { appCookies, appSessions } from './app-sessions.ts'
import { issueCode, takeCode } from './code-record.ts'
import { clearCookie, sessionCookieName } from './cookie.ts'
import { endSession, endSessionsOf } from './end-session.ts'
import { clearFlows } from './flow.ts'
import type { LoginPorts } from './login-ports.ts'
import { refused } from './refusal.ts'
import { findSession, sessionIdHash } from './signed-in.ts'
import { isSameOrigin, type Visit } from './visit.ts'

const CROSS_ORIGIN: CrossOriginPageData = {
  attempt: 'sign you out',
  next: 'If you want to sign out, do it from here.',
}

/**
 * `GET` of a logout path: asks first, so that no link or image can sign anybody out. An app's host where no token counts
 * any more cannot tell whether the session lives, so there the auth host asks.
 */
export async function confirmLogout(ports: LoginPorts, visit: Visit): Promise<Answer> {
  const isAuthHost = visit.host === ports.urls.authHost
  if (isAuthHost && visit.query.has('code')) return finishAppLogout(ports, visit)
  const session = isAuthHost ? await findSession(ports, visit) : (await appSessions(ports, visit))[0]?.session
  if (session === undefined)
    return isAuthHost ? lastPage(ports, await leftBefore(ports, visit)) : redirect(302, `${ports.urls.issuer}/logout`)
  return confirmSignOutPage({
    action: isAuthHost ? '/logout' : '/.gatehouse/logout',
    person: personOf(session.identity, ports.providers.get(session.identity.provider)?.displayName),
    offersEverywhere: true,
    formOrigins: [ports.urls.issuer, ...ports.providers.endSessionOrigins()],
    backHref: '/',
  })
}

/** `POST /logout` on the auth host: ends the session here, or all of this person's, and then the provider's. */
export async function logoutAtAuthHost(ports: LoginPorts, visit: Visit): Promise<Answer> {
  if (!isSameOrigin(visit, ports.urls.issuer))
    return refused(ports, visit, 'cross-origin', crossOriginPage(CROSS_ORIGIN))
  const session = await findSession(ports, visit)
  if (session !== undefined) await end(ports, visit, [session])
  const cookie = clearCookie(ports.cookieStyle, sessionCookieName(ports.cookieStyle))
  const { identity, sealedIdToken } = session ?? {}
  const left = { isEverywhere: wantsEverywhere(visit) }
  const answer = await toProvider(ports, { provider: identity?.provider, sealedIdToken }, left)
  return withHeaders(answer, [cookie])
}

/**
 * `POST /.gatehouse/logout` on an app's host: ends the sessions that its tokens belong to, which shuts every other app too,
 * and goes on to the auth host, where the session's cookie and the provider's own session are ended.
 */
export async function logoutAtApp(ports: LoginPorts, visit: Visit): Promise<Answer> {
  if (!isSameOrigin(visit, ports.urls.origin(visit.host))) {
    return refused(ports, visit, 'cross-origin', crossOriginPage(CROSS_ORIGIN))
  }
  const found = await appSessions(ports, visit)
  const sessions = found.map(({ session }) => session)
  const cookies = appCookies(ports, visit).map((name) => clearCookie(ports.cookieStyle, name))
  const [first] = sessions
  if (first === undefined) return withHeaders(redirect(303, `${ports.urls.issuer}/logout`), cookies)
  await end(ports, visit, sessions)
  const code = await issueCode(ports, {
    kind: 'logout',
    host: visit.host,
    provider: first.identity.provider,
    isEverywhere: wantsEverywhere(visit),
    ...(first.sealedIdToken === undefined ? {} : { sealedIdToken: first.sealedIdToken }),
  })
  return withHeaders(redirect(303, `${ports.urls.issuer}/logout?code=${code}`), [
    ...cookies,
    ...clearFlows(ports, visit),
  ])
}

/**
 * The second half of a logout on an app's host. The code proves that the person asked for it there, where the session has
 * been ended; one that still lives in this browser is another, and no code made elsewhere ends it.
 */
async function finishAppLogout(ports: LoginPorts, visit: Visit): Promise<Answer> {
  if ((await findSession(ports, visit)) !== undefined) return redirect(303, `${ports.urls.issuer}/logout`)
  const record = await takeCode(ports, 'logout', visit.query.get('code'))
  const answer =
    record === undefined
      ? lastPage(ports, { isEverywhere: false })
      : await toProvider(ports, record, { host: record.host, isEverywhere: record.isEverywhere })
  const isCookieLeft = sessionIdHash(ports, visit) !== undefined
  return isCookieLeft
    ? withHeaders(answer, [clearCookie(ports.cookieStyle, sessionCookieName(ports.cookieStyle))])
    : answer
}

async function end(ports: LoginPorts, visit: Visit, sessions: readonly Session[]): Promise<void> {
  const isEverywhere = wantsEverywhere(visit)
  let ended = 0
  for (const { sid, identity, expiresAtMs } of sessions) {
    const by = {
      actor: 'person',
      name: identity.email ?? identity.subject,
      reason: 'signed-out',
      from: visit.clientAddress,
    } as const
    if (isEverywhere) ended += await endSessionsOf(ports, identity.subject, by)
    else if (await endSession(ports, sid, by, expiresAtMs)) ended += 1
  }
  const [first] = sessions
  ports.events.loggedOut({
    subject: first?.identity.subject,
    sid: first?.sid,
    email: first?.identity.email,
    clientAddress: visit.clientAddress,
    scope: isEverywhere ? 'user' : 'session',
    sessions: ended,
  })
}

function wantsEverywhere({ form }: Visit): boolean {
  return new URLSearchParams(form ?? '').get('scope') === 'everywhere'
}

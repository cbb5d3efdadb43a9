import { readCookie } from '../policy/cookies.ts'
import type { Session } from '../sessions/session.ts'
import { sidOf } from '../sessions/session-id.ts'
import { sessionCookieName } from './cookie.ts'
import type { LoginPorts } from './login-ports.ts'
import type { Visit } from './visit.ts'

/**
 * The live session of a visitor of the auth host, read from the store itself.
 * Throws `StoreUnavailableError`: then nobody is signed out, the answer is only "not now".
 */
export async function findSession(ports: LoginPorts, visit: Visit): Promise<Session | undefined> {
  const sid = sessionIdHash(ports, visit)
  if (sid === undefined) return undefined
  const session = await ports.sessions.find(sid)
  return session !== undefined && ports.now() < session.expiresAtMs ? session : undefined
}

/** The hash of the session id that a visitor of the auth host carries, live or not. */
export function sessionIdHash(ports: LoginPorts, visit: Visit): string | undefined {
  const cookie = readCookie(visit.cookies, sessionCookieName(ports.cookieStyle))
  return cookie === undefined || cookie === 'doubled' ? undefined : sidOf(cookie.value)
}

import { readCookie } from '../policy/cookies.ts'
import { StoreUnavailableError } from '../policy/errors.ts'
import type { StoredSession } from '../sessions/session.ts'
import { sidOf } from '../sessions/session-id.ts'
import { sessionCookieName } from './cookie.ts'
import type { LoginPorts } from './login-ports.ts'
import type { Visit } from './visit.ts'

/**
 * The live session of a visitor of the auth host, read from the store itself.
 * Throws `StoreUnavailableError`: then nobody is signed out, the answer is only "not now".
 */
export async function findSession(ports: LoginPorts, visit: Visit): Promise<StoredSession | undefined> {
  const sid = sessionIdHash(ports, visit)
  return sid === undefined ? undefined : liveSession(ports, sid)
}

/**
 * A session that is in the store and has neither expired nor been revoked. A record that a revocation hits may be there
 * still, or again after the store was restored from a copy.
 *
 * @throws StoreUnavailableError if the store gives no answer, or its revocations are not known as of lately
 */
export async function liveSession(ports: LoginPorts, sid: string): Promise<StoredSession | undefined> {
  const session = await ports.sessions.find(sid)
  if (session === undefined || ports.now() >= session.expiresAtMs || ports.revocations.hitsSession(session)) {
    return undefined
  }
  if (ports.revocations.state() !== 'current') throw new StoreUnavailableError('the revocations are out of date')
  return session
}

/** The hash of the session id that a visitor of the auth host carries, live or not. */
export function sessionIdHash(ports: LoginPorts, visit: Visit): string | undefined {
  const cookie = readCookie(visit.cookies, sessionCookieName(ports.cookieStyle))
  return cookie === undefined || cookie === 'doubled' ? undefined : sidOf(cookie.value)
}

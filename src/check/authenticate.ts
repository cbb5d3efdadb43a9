import type { Credentials } from '../policy/access-request.ts'
import type { Application } from '../policy/application.ts'
import { StoreUnavailableError } from '../policy/errors.ts'
import type { Reason } from '../policy/reasons.ts'
import type { SessionCache } from '../sessions/cache.ts'
import type { KnownSession } from '../sessions/session.ts'
import type { AppTokens, KnownToken } from './credentials/app-token.ts'

/** What became of the credentials of a request. */
export type Authentication =
  /** Somebody is signed in. */
  | { readonly kind: 'session'; readonly session: KnownSession; readonly known: KnownToken }
  /** Nobody is signed in, and why the credential that was offered does not count. */
  | { readonly kind: 'nobody'; readonly reason: Reason }
  /** It cannot be known. */
  | { readonly kind: 'unavailable'; readonly reason: Reason }

const NOBODY: Authentication = { kind: 'nobody', reason: 'login-required' }
const DOUBLED: Authentication = { kind: 'nobody', reason: 'token-doubled' }
const ENDED: Authentication = { kind: 'nobody', reason: 'session-ended' }

/**
 * Finds out who is asking: the app token, then its session. Answers at once when both are known to this process;
 * otherwise verifies one signature and reads the store at most once.
 */
export type Authenticate = (
  application: Application,
  credentials: Credentials,
  now: number,
) => Authentication | Promise<Authentication>

export function createAuthenticate(tokens: AppTokens, sessions: SessionCache): Authenticate {
  return (application, credentials, now) => {
    const text = tokens.offered(application, credentials)
    if (text === undefined) return NOBODY
    if (text === 'token-doubled') return DOUBLED
    const known = tokens.known(application, text, now)
    if (known === undefined) {
      return tokens.verify(application, text, now).then((verified) => bySession(verified, now))
    }
    return bySession(known, now)
  }

  function bySession(known: KnownToken | Reason, now: number): Authentication | Promise<Authentication> {
    if (typeof known === 'string') return { kind: 'nobody', reason: known }
    const session = sessions.peek(known.token.sid)
    if (session === 'absent') return ENDED
    if (session === undefined) return loaded(known, now)
    return signedIn(session, known, now)
  }

  async function loaded(known: KnownToken, now: number): Promise<Authentication> {
    try {
      const session = await sessions.load(known.token.sid)
      return session === undefined ? ENDED : signedIn(session, known, now)
    } catch (error) {
      if (error instanceof StoreUnavailableError) return { kind: 'unavailable', reason: error.reason }
      throw error
    }
  }
}

function signedIn(session: KnownSession, known: KnownToken, now: number): Authentication {
  if (now >= session.expiresAtMs || session.identity.subject !== known.token.subject) return ENDED
  return { kind: 'session', session, known }
}

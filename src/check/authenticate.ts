import type { Events } from '../observe/events.ts'
import type { Credentials } from '../policy/access-request.ts'
import type { Application } from '../policy/application.ts'
import { StoreUnavailableError } from '../policy/errors.ts'
import type { Reason } from '../policy/reasons.ts'
import type { RevocationView } from '../revocation/view.ts'
import type { SessionCache } from '../sessions/cache.ts'
import { IdentityUnconfirmedError } from '../sessions/refresh.ts'
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
const TOKEN_REVOKED: Authentication = { kind: 'nobody', reason: 'token-revoked' }
const STALE: Authentication = { kind: 'unavailable', reason: 'revocations-stale' }

/** The view is confirmed about once a second, and with Sentinels a little later. */
const ABSENCE_BELIEVED_MS = 5000

/** What a credential counts that cannot be held against current revocations. */
export type OnStale = 'Deny' | 'Allow'

export interface AuthenticatePorts {
  readonly tokens: AppTokens
  readonly sessions: SessionCache
  readonly revocations: RevocationView
  readonly onStale: OnStale
  readonly events: Pick<Events, 'staleRevocationsTrusted'>
}

/**
 * Finds out who is asking: the app token, then its session, both held against the revocations. Answers at once when both are
 * known to this process; otherwise verifies one signature and reads the store at most once.
 */
export type Authenticate = (
  application: Application,
  credentials: Credentials,
  now: number,
) => Authentication | Promise<Authentication>

export function createAuthenticate(ports: AuthenticatePorts): Authenticate {
  const { tokens, sessions, revocations } = ports

  return (application, credentials, now) => {
    const text = tokens.offered(application, credentials)
    if (text === undefined) return NOBODY
    if (text === 'token-doubled') return DOUBLED
    const known = tokens.known(application, text, now)
    if (known === undefined) {
      return tokens.verify(application, text, now).then((verified) => bySession(application, verified, now))
    }
    return bySession(application, known, now)
  }

  function bySession(
    application: Application,
    known: KnownToken | Reason,
    now: number,
  ): Authentication | Promise<Authentication> {
    if (typeof known === 'string') return { kind: 'nobody', reason: known }
    if (revocations.hitsToken(application.key, known.token.issuedAtMs)) return TOKEN_REVOKED
    const session = sessions.peek(known.token.sid)
    if (session === undefined) return loaded(application, known, now)
    return session === 'absent' ? gone() : signedIn(application, session, known, now)
  }

  async function loaded(application: Application, known: KnownToken, now: number): Promise<Authentication> {
    try {
      const session = await sessions.load(known.token.sid)
      // What has been heard of meanwhile may be what makes the revocations current.
      if (revocations.hitsToken(application.key, known.token.issuedAtMs)) return TOKEN_REVOKED
      return session === undefined ? gone() : signedIn(application, session, known, now)
    } catch (error) {
      if (error instanceof StoreUnavailableError || error instanceof IdentityUnconfirmedError) {
        return { kind: 'unavailable', reason: error.reason }
      }
      throw error
    }
  }

  /** That there is no such session is believed only of a store that was known to be whole a moment ago. */
  function gone(): Authentication {
    return (revocations.ageMs() ?? Number.POSITIVE_INFINITY) <= ABSENCE_BELIEVED_MS ? ENDED : STALE
  }

  /** What is known to be revoked is refused however old the view is; its age matters only for what is not. */
  function signedIn(application: Application, session: KnownSession, known: KnownToken, now: number): Authentication {
    if (now >= session.expiresAtMs || session.identity.subject !== known.token.subject) return ENDED
    if (revocations.hitsSession(session)) return ENDED
    const state = revocations.state()
    if (state !== 'current') {
      if (ports.onStale === 'Deny' || state === 'never-read') return STALE
      ports.events.staleRevocationsTrusted({ application: application.key, sid: session.sid })
    }
    return { kind: 'session', session, known }
  }
}

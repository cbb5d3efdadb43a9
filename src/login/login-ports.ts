import type { Events } from '../observe/events.ts'
import type { PolicySet } from '../policy/policy-set.ts'
import type { PublicUrls } from '../policy/public-url.ts'
import type { Providers } from '../providers/index.ts'
import type { Revoker } from '../revocation/revoker.ts'
import type { RevocationView } from '../revocation/view.ts'
import type { SessionCache } from '../sessions/cache.ts'
import type { Refresher } from '../sessions/refresh.ts'
import type { SessionStore } from '../sessions/session-store.ts'
import type { KeyRing } from '../tokens/key-ring.ts'
import type { CodeStore } from './code-store.ts'
import type { CookieStyle } from './cookie.ts'

/** What the steps of a login work with. */
export interface LoginPorts {
  readonly urls: PublicUrls
  /** Undefined until the first full set is there. */
  readonly policySet: () => PolicySet | undefined
  readonly providers: Providers
  readonly sessions: SessionStore
  readonly sessionCache: SessionCache
  readonly codes: CodeStore
  readonly revocations: RevocationView
  readonly revoker: Revoker
  readonly refresher: Pick<Refresher, 'begin'>
  readonly keyRing: () => KeyRing
  readonly cookieStyle: CookieStyle
  /** Life of a session. */
  readonly sessionSeconds: number
  /** Most sessions of a person at once; undefined: as many as they like. */
  readonly maxSessionsPerUser: number | undefined
  /** Longest life of an app token. */
  readonly appTokenSeconds: number
  readonly events: Events
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** The moment of whatever is issued now, in milliseconds of the store's clock: revocations are compared with it. */
  readonly issueTime: () => number
  readonly randomBytes: (size: number) => Buffer
}

import type { Events } from '../observe/events.ts'
import type { Revoker } from '../revocation/revoker.ts'
import type { RevocationView } from '../revocation/view.ts'
import type { SessionStore } from '../sessions/session-store.ts'

/** What the admin API needs of the rest. */
export interface AdminPorts {
  readonly sessions: Pick<SessionStore, 'list' | 'find' | 'remove'>
  /** Forgets this replica's copy of a session. */
  readonly forget: (sid: string) => void
  readonly revoker: Pick<Revoker, 'revoke'>
  readonly view: Pick<RevocationView, 'hitsSession' | 'state' | 'ageMs' | 'size'>
  /** The audit log hears of these, too. */
  readonly events: Pick<Events, 'adminActed' | 'adminCredentialsTrouble' | 'internalError'>
  /** Whether there is such an application, or identity provider, now. */
  readonly isApplication: (key: string) => boolean
  readonly isProvider: (name: string) => boolean
  /** Whether a text stands in examples for a real secret. */
  readonly isPlaceholder: (text: string) => boolean
  /** Milliseconds of a clock that never goes back. */
  readonly monotonicMs: () => number
  /** A new reference by which a fault can be found in the log. */
  readonly newReference: () => string
}

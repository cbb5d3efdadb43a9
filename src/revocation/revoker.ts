import type { Events } from '../observe/events.ts'
import { LEEWAY_MS, LONGEST_SESSION_MS } from './life.ts'
import type { Recorded, RevocationLog } from './log.ts'
import type { RevocationScope } from './revocation.ts'
import type { RevocationView } from './view.ts'

/** On whose behalf, and why, something is revoked. It is for the audit trail and the counters; what is revoked does not depend on it. */
export interface RevokedBy {
  /** `person`: who ends what is their own. `gatehouse`: nobody asked, such as when a new sign-in ends an old one. */
  readonly actor: 'person' | 'admin' | 'provider' | 'gatehouse'
  /** Who of them: the email or subject of the person, the name of the admin's credential, the name of the provider. */
  readonly name?: string | undefined
  /** Stable, kebab-case. What the caller found out, or what an admin was asked to give. */
  readonly reason: string
  /** Words that an admin gave for it. */
  readonly note?: string | undefined
  /** Address of the client that asked. */
  readonly from?: string | undefined
}

/** Ends what was issued. */
export interface Revoker {
  /**
   * Revokes at every replica. This one refuses from the moment on at which the store has answered, whether `accepted` or
   * `pending`, the others a moment later. Reports it by `revoked`.
   *
   * @param endsAtMs of the scope `session`: when that session ends anyhow, if that is known; its revocation is kept no longer
   * @throws StoreUnavailableError if the store gave no answer: it may or may not be recorded, nobody refuses on account of it
   * unless it is, and it may be asked for again
   * @throws ScopeNotStorableError if the scope names something that cannot be written down
   */
  revoke(scope: RevocationScope, by: RevokedBy, endsAtMs?: number): Promise<Recorded>
  /** Tells every replica, this one first, to read a session's record again. Throws `StoreUnavailableError`. */
  sessionChanged(sid: string): Promise<void>
}

export interface RevokerContext {
  readonly log: Pick<RevocationLog, 'record' | 'announce'>
  readonly view: Pick<RevocationView, 'add'>
  readonly events: Pick<Events, 'revoked'>
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** Tells this replica that a session's record has changed. */
  readonly onSessionChanged: (sid: string) => void
}

export function createRevoker({ log, view, events, now, onSessionChanged }: RevokerContext): Revoker {
  async function recorded(scope: RevocationScope, by: RevokedBy, lifeMs: number): Promise<Recorded> {
    try {
      return await log.record(scope, lifeMs)
    } catch (error) {
      events.revoked({ scope, by, outcome: 'unconfirmed' })
      throw error
    }
  }

  return {
    async revoke(named, by, endsAtMs) {
      const scope = inLowerCase(named)
      const answer = await recorded(scope, by, lifeOf(scope, endsAtMs, now()))
      view.add(answer.revocation)
      events.revoked({ scope, by, outcome: answer.status, holders: answer.holders, wanted: answer.wanted })
      return answer
    },
    async sessionChanged(sid) {
      onSessionChanged(sid)
      await log.announce(sid)
    },
  }
}

/** How long anything that the scope hits can live, in milliseconds. Whoever has a token has a session that lives longer. */
function lifeOf(scope: RevocationScope, endsAtMs: number | undefined, now: number): number {
  const isKnown = scope.kind === 'session' && endsAtMs !== undefined
  const lifeMs = isKnown ? Math.max(0, endsAtMs - now) : LONGEST_SESSION_MS
  return Math.min(lifeMs, LONGEST_SESSION_MS) + LEEWAY_MS
}

/** As identities hold their addresses. */
function inLowerCase(scope: RevocationScope): RevocationScope {
  return scope.kind === 'email' ? { kind: 'email', email: scope.email.toLowerCase() } : scope
}

import { ignoreUnavailable } from '../policy/errors.ts'
import type { Recorded } from '../revocation/log.ts'
import type { RevokedBy, Revoker } from '../revocation/revoker.ts'
import type { SessionFilter, SessionStore } from './session-store.ts'

/** What ending sessions needs. */
export interface EndingPorts {
  readonly store: Pick<SessionStore, 'list' | 'remove'>
  readonly revoker: Pick<Revoker, 'revoke'>
  /** Forgets this replica's copy of a session. */
  readonly forget: (sid: string) => void
}

/** What became of records; the revocation is what holds, whatever becomes of them. */
export interface Cleared {
  readonly removed: number
  /** Whether no record is left that the store's list has. */
  readonly isWhole: boolean
}

/** Records are removed in pages of so many; what is left after so many pages ends by itself. */
const PAGE = 100
const MAX_PAGES = 100

/**
 * Ends one session: revoked first, so that it counts nowhere any more whatever becomes of the record, then taken out of the
 * store, if that answers. Throws `StoreUnavailableError` if the revocation may not have been recorded.
 *
 * @param endsAtMs when it would have ended anyhow, if that is known
 * @returns false if there was no record
 */
export async function endSession(
  { store, revoker, forget }: Omit<EndingPorts, 'store'> & { readonly store: Pick<SessionStore, 'remove'> },
  sid: string,
  by: RevokedBy,
  endsAtMs?: number,
): Promise<boolean> {
  await revoker.revoke({ kind: 'session', sid }, by, endsAtMs)
  forget(sid)
  return (await store.remove(sid).catch(ignoreUnavailable)) !== false
}

/**
 * Ends all sessions of a person as one provider knows them, whether the store's list has them or not. Throws
 * `StoreUnavailableError` if the revocation may not have been recorded.
 */
export async function endSessionsOf(ports: EndingPorts, subject: string, by: RevokedBy): Promise<Recorded & Cleared> {
  const recorded = await ports.revoker.revoke({ kind: 'subject', subject }, by)
  return { ...recorded, ...(await clearRecords(ports, { subject }, recorded.revocation.atMs)) }
}

/**
 * Removes the records of sessions that were begun up to a moment, and have been revoked: whoever has signed in since then
 * stays signed in. Where the store gives no answer, they are left.
 */
export async function clearRecords(
  { store, forget }: Pick<EndingPorts, 'store' | 'forget'>,
  filter: SessionFilter,
  atMs: number,
): Promise<Cleared> {
  let removed = 0
  let after: string | undefined
  try {
    for (let page = 0; page < MAX_PAGES; page += 1) {
      const list = await store.list(filter, { limit: PAGE, after })
      const sids = list.sessions.filter(({ createdAtMs }) => createdAtMs <= atMs).map(({ sid }) => sid)
      for (const sid of sids) forget(sid)
      removed += (await Promise.all(sids.map((sid) => store.remove(sid)))).filter(Boolean).length
      after = list.next
      if (after === undefined) return { removed, isWhole: true }
    }
  } catch (error) {
    ignoreUnavailable(error)
  }
  return { removed, isWhole: false }
}

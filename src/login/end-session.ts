import type { RevokedBy } from '../revocation/revoker.ts'
import type { LoginPorts } from './login-ports.ts'

/**
 * Ends one session: revoked first, so that it counts nowhere any more whatever becomes of the record, then taken out of the
 * store. Throws `StoreUnavailableError`: then it may or may not have ended.
 *
 * @param endsAtMs when it would have ended anyhow, if that is known
 * @returns whether there was a record
 */
export async function endSession(ports: LoginPorts, sid: string, by: RevokedBy, endsAtMs?: number): Promise<boolean> {
  await ports.revoker.revoke({ kind: 'session', sid }, by, endsAtMs)
  ports.sessionCache.drop(sid)
  return ports.sessions.remove(sid)
}

/**
 * Ends all sessions of a person as one provider knows them. The revocation is what holds; the records are cleared away as
 * far as the store's list of them goes. Throws `StoreUnavailableError` if the revocation may not have been recorded.
 *
 * @returns how many records there were
 */
export async function endSessionsOf(ports: LoginPorts, subject: string, by: RevokedBy): Promise<number> {
  await ports.revoker.revoke({ kind: 'subject', subject }, by)
  const sids = await ports.sessions.removeBySubject(subject)
  for (const sid of sids) ports.sessionCache.drop(sid)
  return sids.length
}

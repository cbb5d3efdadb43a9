import type { StoredSession } from './session.ts'
import { LIST_LIMIT, newestFirst, type SessionStore } from './session-store.ts'

/** Pages that are looked through. Whoever has more sessions than that loses the rest at the next sign-ins. */
const MAX_PAGES = 10

/**
 * Which of a person's sessions have to end so that no more are left than allowed: the oldest. To be asked once a new session
 * has been saved; ending them is the caller's. Of sign-ins at the same moment each may see the other's session, so that for
 * that moment there may be one too many, or one too few.
 *
 * @param isLive whether a session still counts, such as one that no revocation hits
 * @returns their sids, the newest first; throws `StoreUnavailableError`
 */
export async function sessionsBeyond(
  store: Pick<SessionStore, 'list' | 'countBySubject'>,
  subject: string,
  { maxPerUser, isLive }: { readonly maxPerUser: number; readonly isLive: (session: StoredSession) => boolean },
): Promise<readonly string[]> {
  if ((await store.countBySubject(subject)) <= maxPerUser) return []
  const live: StoredSession[] = []
  let after: string | undefined
  for (let pages = 0; pages < MAX_PAGES; pages += 1) {
    const { sessions, next } = await store.list({ subject }, { limit: LIST_LIMIT, after })
    live.push(...sessions.filter(isLive))
    if (next === undefined) break
    after = next
  }
  return live
    .sort(newestFirst)
    .slice(maxPerUser)
    .map(({ sid }) => sid)
}

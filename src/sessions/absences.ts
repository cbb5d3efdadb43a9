import { LRUCache } from 'lru-cache'

/** Kept apart from the sessions, so that invented ids cannot push sessions out. */
const MAX_ABSENT = 10_000
/** How long the store's word is believed that there is no session: one may just be about to be saved. */
const BELIEVED_MS = 1000

const GET_OPTIONS = {}

/** Sids of which the store has just said that it has no such session. */
export interface Absences {
  has(sid: string, atMs: number): boolean
  /** @param saidAtMs when the store was asked */
  add(sid: string, saidAtMs: number): void
  forget(sid: string): void
}

export function createAbsences(maxEntries = MAX_ABSENT): Absences {
  const said = new LRUCache<string, number>({ max: maxEntries })
  return {
    has(sid, atMs) {
      const saidAtMs = said.get(sid, GET_OPTIONS)
      return saidAtMs !== undefined && atMs >= saidAtMs && atMs < saidAtMs + BELIEVED_MS
    },
    add(sid, saidAtMs) {
      said.set(sid, saidAtMs)
    },
    forget(sid) {
      said.delete(sid)
    },
  }
}

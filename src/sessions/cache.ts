import { isDeepStrictEqual } from 'node:util'
import { LRUCache } from 'lru-cache'
import { StoreUnavailableError } from '../policy/errors.ts'
import type { KnownSession } from './session.ts'
import type { SessionStore } from './session-store.ts'

export interface SessionCacheSettings {
  /** Most sessions kept; the least recently used go first. */
  readonly maxEntries?: number | undefined
  /** How long a copy is served without asking the store, in milliseconds. */
  readonly freshMs?: number | undefined
  /** How old a copy may be that is served because the store gives no answer, in milliseconds. */
  readonly maxStalenessMs?: number | undefined
}

/**
 * What this replica remembers of the store's sessions, so that a check in the steady state asks nobody. As long as a record
 * does not change, every answer holds the same `identity` object, so that callers can tell by it that nothing has changed.
 */
export interface SessionCache {
  /**
   * The session if it may be served without asking: a copy that is fresh, or that the store could not confirm a moment ago
   * but is within the longest staleness. 'absent' if the store has just said so, or the session has expired. Undefined:
   * `load` has to be asked. Does no I/O and allocates nothing.
   */
  peek(sid: string): KnownSession | 'absent' | undefined
  /**
   * The session, from a fresh copy or else from the store, which is asked once for all who wait. If it gives no answer, a
   * copy within the longest staleness is served. The age of a copy counts from the start of the last read that succeeded.
   *
   * @throws StoreUnavailableError if the store gives no answer and there is no such copy
   */
  load(sid: string): Promise<KnownSession | undefined>
  /** Forgets a session; a load that is under way does not bring it back, and later ones ask the store anew. */
  drop(sid: string): void
}

interface Copy {
  readonly session: KnownSession
  readonly readAtMs: number
  /** Begin and end of the time in which the copy is served without asking. */
  servedFromMs: number
  servedUntilMs: number
}

const MAX_ENTRIES = 200_000
const FRESH_MS = 1000
const MAX_STALENESS_MS = 30_000
/** Absent ones are kept apart, so that invented ids cannot push sessions out. */
const MAX_ABSENT = 10_000

// Passed on each get, since the library would make a new object otherwise.
const GET_OPTIONS = {}

/** @param context.now milliseconds since 1970; a clock that is set back makes copies count as too old, never as fresh */
export function createSessionCache(context: {
  readonly store: Pick<SessionStore, 'find'>
  readonly now: () => number
  readonly settings?: SessionCacheSettings | undefined
}): SessionCache {
  const { store, now } = context
  const freshMs = context.settings?.freshMs ?? FRESH_MS
  const maxStalenessMs = context.settings?.maxStalenessMs ?? MAX_STALENESS_MS
  const copies = new LRUCache<string, Copy>({ max: context.settings?.maxEntries ?? MAX_ENTRIES })
  const absences = new LRUCache<string, number>({ max: MAX_ABSENT })
  const loads = new Map<string, Promise<KnownSession | undefined>>()

  function peek(sid: string): KnownSession | 'absent' | undefined {
    const at = now()
    const copy = copies.get(sid, GET_OPTIONS)
    if (copy !== undefined) {
      if (at < copy.servedFromMs || at >= copy.servedUntilMs) return undefined
      return copy.session.expiresAtMs > at ? copy.session : 'absent'
    }
    const absentSince = absences.get(sid, GET_OPTIONS)
    return absentSince !== undefined && at >= absentSince && at < absentSince + freshMs ? 'absent' : undefined
  }

  function keepAbsence(sid: string, readAtMs: number): void {
    copies.delete(sid)
    absences.set(sid, readAtMs)
  }

  function keep(session: KnownSession, readAtMs: number): void {
    absences.delete(session.sid)
    copies.set(session.sid, { session, readAtMs, servedFromMs: readAtMs, servedUntilMs: readAtMs + freshMs })
  }

  /** The copy to serve while the store gives no answer; it is not asked again for a while. */
  function staleCopy(sid: string): KnownSession | 'absent' | undefined {
    const at = now()
    const copy = copies.get(sid, GET_OPTIONS)
    if (copy === undefined || at < copy.readAtMs || at >= copy.readAtMs + maxStalenessMs) return undefined
    copy.servedFromMs = at
    copy.servedUntilMs = Math.min(at + freshMs, copy.readAtMs + maxStalenessMs)
    return copy.session.expiresAtMs > at ? copy.session : 'absent'
  }

  async function read(sid: string, isCurrent: () => boolean): Promise<KnownSession | undefined> {
    const startedAtMs = now()
    try {
      const found = await store.find(sid)
      const session = found && unchanged(copies.peek(sid)?.session, found)
      if (!isCurrent()) return session
      if (session === undefined) keepAbsence(sid, startedAtMs)
      else keep(session, startedAtMs)
      return session
    } catch (error) {
      const stale = error instanceof StoreUnavailableError && isCurrent() ? staleCopy(sid) : undefined
      if (stale === undefined) throw error
      return stale === 'absent' ? undefined : stale
    }
  }

  async function load(sid: string): Promise<KnownSession | undefined> {
    const known = peek(sid)
    if (known !== undefined) return known === 'absent' ? undefined : known
    const underWay = loads.get(sid)
    if (underWay !== undefined) return underWay
    const mine: Promise<KnownSession | undefined> = read(sid, () => loads.get(sid) === mine).finally(() => {
      if (loads.get(sid) === mine) loads.delete(sid)
    })
    loads.set(sid, mine)
    return mine
  }

  return {
    peek,
    load,
    drop(sid) {
      loads.delete(sid)
      copies.delete(sid)
      absences.delete(sid)
    },
  }
}

/** The session as far as it is remembered, in the objects of the copy before where they say the same. */
function unchanged(before: KnownSession | undefined, found: KnownSession): KnownSession {
  const { sid, createdAtMs, expiresAtMs } = found
  const identity = isDeepStrictEqual(before?.identity, found.identity) && before ? before.identity : found.identity
  return { sid, identity, createdAtMs, expiresAtMs }
}

import { isDeepStrictEqual } from 'node:util'
import { LRUCache } from 'lru-cache'
import type { Events } from '../observe/events.ts'
import { StoreUnavailableError } from '../policy/errors.ts'
import type { RevocationView } from '../revocation/view.ts'
import { createAbsences } from './absences.ts'
import { type Copy, createUpkeep, type Refreshing } from './copy.ts'
import { type IdleLimit, idleLimit } from './idle.ts'
import { type KnownSession, knownOf, type StoredSession } from './session.ts'
import type { SessionStore } from './session-store.ts'

export interface SessionCacheSettings {
  /** Most sessions kept; the least recently used go first. */
  readonly maxEntries?: number | undefined
  /** Most sids remembered of which the store has said that it has none. */
  readonly maxAbsences?: number | undefined
  /** Whether a copy that cannot be read again is served although the revocations are stale, too; default Deny. */
  readonly onStale?: 'Deny' | 'Allow' | undefined
}

/**
 * What this replica remembers of the store's sessions, so that a check in the steady state asks nobody. A copy counts until
 * the session expires or somebody says that it has changed; whether the session has been revoked, and whether the revocations
 * are current, is the caller's to ask. As long as a record does not change, every answer holds the same `identity` object, so
 * that callers can tell by it that nothing has changed.
 */
export interface SessionCache {
  /**
   * The session if it may be served without asking. 'absent' if the store has just said so, or the session has expired.
   * Undefined: `load` has to be asked. Waits for nothing and, but for the moments at which something is due, allocates nothing.
   */
  peek(sid: string): KnownSession | 'absent' | undefined
  /**
   * The session, from a copy that counts or else from the store, which is asked once for all who wait. If it gives no answer,
   * a copy that was to be read again is served as long as the revocations are current: what ends a session is among them.
   *
   * @throws StoreUnavailableError if the store gives no answer and there is no such copy
   */
  load(sid: string): Promise<KnownSession | undefined>
  /** A session's record has changed: it is read again at its next use, and what is being read now does not count. */
  changed(sid: string): void
  /** Announcements may have been missed: every session is read again at its next use. */
  everythingMayHaveChanged(): void
  /** Forgets a session; a load that is under way does not bring it back, and later ones ask the store anew. */
  drop(sid: string): void
}

export interface SessionCacheContext {
  readonly store: Pick<SessionStore, 'find' | 'touch'>
  readonly view: Pick<RevocationView, 'state' | 'hitsSession'>
  readonly events: Pick<Events, 'internalError' | 'sessionRecordLost'>
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** Default: sessions may be left alone as long as they like. */
  readonly idle?: IdleLimit | undefined
  /** Undefined: identities stay as they were at the login. */
  readonly refreshing?: Refreshing | undefined
  readonly settings?: SessionCacheSettings | undefined
}

const MAX_ENTRIES = 200_000
/** How long a store that gave no answer is left alone before a copy is read again. */
const EXCUSE_MS = 1000

// Passed on each get, since the library would make a new object otherwise.
const GET_OPTIONS = {}

export function createSessionCache(context: SessionCacheContext): SessionCache {
  const { store, view, events, now, settings, refreshing } = context
  const idle = context.idle ?? idleLimit(undefined)
  const upkeep = createUpkeep({ store, events, idle, refreshing })
  const copies = new LRUCache<string, Copy>({ max: settings?.maxEntries ?? MAX_ENTRIES })
  const absences = createAbsences(settings?.maxAbsences)
  const loads = new Map<string, Promise<KnownSession | undefined>>()
  /** Copies of an earlier one have to be read again. */
  let generation = 1

  function peek(sid: string): KnownSession | 'absent' | undefined {
    const at = now()
    const copy = copies.get(sid, GET_OPTIONS)
    if (copy === undefined) return absences.has(sid, at) ? 'absent' : undefined
    if (copy.generation === generation && at < copy.quietUntilMs) {
      copy.usedAtMs = at
      return copy.session
    }
    if (at >= copy.session.expiresAtMs) return 'absent'
    if (!isRead(copy) && at >= copy.excusedUntilMs) return undefined
    return serve(copy, at)
  }

  function isRead(copy: Copy): boolean {
    return copy.generation === generation
  }

  /** The session of a copy, unless it has to be asked first whether it still is one. */
  function serve(copy: Copy, at: number): KnownSession | undefined {
    if (upkeep.isIdle(copy, at) || upkeep.isUnconfirmed(copy.session, at)) return undefined
    upkeep.used(copy, at)
    return copy.session
  }

  async function load(sid: string): Promise<KnownSession | undefined> {
    const known = peek(sid)
    if (known !== undefined) return known === 'absent' ? undefined : known
    const underWay = loads.get(sid)
    if (underWay !== undefined) return underWay
    const mine: Promise<KnownSession | undefined> = ask(sid, () => loads.get(sid) === mine).finally(() => {
      if (loads.get(sid) === mine) loads.delete(sid)
    })
    loads.set(sid, mine)
    return mine
  }

  async function ask(sid: string, isCurrent: () => boolean): Promise<KnownSession | undefined> {
    const held = copies.peek(sid)
    const needsReading = held === undefined || !isRead(held) || upkeep.isIdle(held, now())
    const copy = needsReading ? await read(sid, isCurrent) : held
    if (copy === undefined) return undefined
    if (!upkeep.isUnconfirmed(copy.session, now())) return copy.session
    const confirmed = await refreshing?.ensureConfirmed(copy.session)
    if (isCurrent()) {
      if (confirmed === undefined) copies.delete(sid)
      else copies.set(sid, renewed(copy, confirmed, copy.generation))
    }
    return confirmed
  }

  /** A copy as the store has it now, or undefined if it has none. */
  async function read(sid: string, isCurrent: () => boolean): Promise<Copy | undefined> {
    const startedAtMs = now()
    const startedIn = generation
    let found: StoredSession | undefined
    try {
      found = await store.find(sid)
    } catch (error) {
      const copy = error instanceof StoreUnavailableError ? unreadCopy(sid) : undefined
      if (copy === undefined) throw error
      return copy
    }
    const held = copies.peek(sid)
    const copy = taken(found, held, startedIn)
    const at = now()
    const isLive = copy !== undefined && at < copy.session.expiresAtMs && !upkeep.isIdle(copy, at)
    if (isLive) upkeep.used(copy, at)
    if (!isCurrent()) return isLive ? copy : undefined
    if (isLive) {
      absences.forget(sid)
      copies.set(sid, copy)
      return copy
    }
    copies.delete(sid)
    absences.add(sid, startedAtMs)
    return undefined
  }

  /** Whatever ends a session revokes it first: one that is gone and was not revoked has been lost, not ended. */
  function isLost({ session }: Copy): boolean {
    return now() < session.expiresAtMs && !view.hitsSession(session)
  }

  /** What is known after a read that gave an answer. */
  function taken(found: StoredSession | undefined, held: Copy | undefined, readIn: number): Copy | undefined {
    if (found === undefined) {
      if (held !== undefined && isLost(held)) events.sessionRecordLost({ sid: held.session.sid })
      return held && renewed(held, held.session, readIn)
    }
    const session = knownAgain(found, held?.session)
    return held === undefined ? upkeep.copyOf(session, readIn) : renewed(held, newer(held.session, session), readIn)
  }

  /** The copy to serve while the store gives no answer; the store is left alone for a moment. */
  function unreadCopy(sid: string): Copy | undefined {
    const at = now()
    const copy = copies.peek(sid)
    if (copy === undefined || at >= copy.session.expiresAtMs || upkeep.isIdle(copy, at)) return undefined
    if (view.state() !== 'current' && settings?.onStale !== 'Allow') return undefined
    copy.excusedUntilMs = at + EXCUSE_MS
    upkeep.used(copy, at)
    return copy
  }

  return {
    peek,
    load,
    changed(sid) {
      loads.delete(sid)
      absences.forget(sid)
      const copy = copies.peek(sid)
      if (copy !== undefined) copy.generation = 0
    },
    everythingMayHaveChanged() {
      generation += 1
    },
    drop(sid) {
      loads.delete(sid)
      copies.delete(sid)
      absences.forget(sid)
    },
  }
}

/** The same copy with what is known by now. */
function renewed(copy: Copy, session: KnownSession, generation: number): Copy {
  return { ...copy, session, generation, quietUntilMs: 0, excusedUntilMs: 0 }
}

/** A store that was restored from an old copy may know less of a session than this process. */
function newer(held: KnownSession, found: KnownSession): KnownSession {
  const [heldAt, foundAt] = [held.refresh?.confirmedAtMs ?? 0, found.refresh?.confirmedAtMs ?? 0]
  return foundAt < heldAt ? held : found
}

/** What is remembered of a session, with the identity of the copy before where it says the same. */
function knownAgain(found: StoredSession, before: KnownSession | undefined): KnownSession {
  const known = knownOf(found)
  if (before === undefined || !isDeepStrictEqual(before.identity, known.identity)) return known
  return { ...known, identity: before.identity }
}

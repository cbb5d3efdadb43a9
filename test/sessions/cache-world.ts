import { StoreUnavailableError } from '../../src/policy/errors.ts'
import type { ViewState } from '../../src/revocation/view.ts'
import { createSessionCache, type SessionCacheContext } from '../../src/sessions/cache.ts'
import { memorySessionStore } from '../../src/sessions/memory.ts'
import type { KnownSession, Session } from '../../src/sessions/session.ts'
import { standingClock } from '../contracts/clock.ts'
import { sampleSession } from './sample-session.ts'

/** A cache over a store that counts its calls, can be held up, and can be taken away. */
export function cacheWorld(parts: Partial<SessionCacheContext> = {}) {
  const clock = standingClock()
  const store = memorySessionStore({ now: clock.now })
  const state = {
    reads: 0,
    touches: [] as number[],
    isDown: false,
    fault: undefined as Error | undefined,
    gate: Promise.resolve(),
    view: 'current' as ViewState,
    revoked: new Set<string>(),
    lost: [] as string[],
    faults: [] as unknown[],
  }
  function answering(): void {
    if (state.isDown) throw new StoreUnavailableError('down')
    if (state.fault !== undefined) throw state.fault
  }
  const cache = createSessionCache({
    now: clock.now,
    // Room for few, so that a new world costs little: all of it is set aside at once.
    settings: { maxEntries: 1000, maxAbsences: 1000 },
    view: { state: () => state.view, hitsSession: ({ sid }) => state.revoked.has(sid) },
    events: {
      sessionRecordLost: ({ sid }) => state.lost.push(sid),
      internalError: (event) => state.faults.push(event),
    },
    store: {
      async find(sid) {
        state.reads += 1
        answering()
        const session = await store.find(sid)
        await state.gate
        return structuredClone(session)
      },
      async touch(sid, atMs, options) {
        state.touches.push(atMs - 1_790_000_000_000)
        answering()
        await state.gate
        await store.touch(sid, atMs, options)
      },
    },
    ...parts,
  })
  async function saved(parts: Parameters<typeof sampleSession>[0] = {}): Promise<Session> {
    const session = sampleSession(parts)
    await store.save(session)
    return session
  }
  /** What a check gets: from memory if it can, else from the store. */
  async function check(sid: string): Promise<KnownSession | 'absent' | 'unavailable'> {
    const peeked = cache.peek(sid)
    if (peeked !== undefined) return peeked
    try {
      return (await cache.load(sid)) ?? 'absent'
    } catch (error) {
      if (error instanceof StoreUnavailableError) return 'unavailable'
      throw error
    }
  }
  /** Lets calls get as far as the store, and holds their answers back until the returned function is called. */
  function holdAnswers(): () => void {
    const { promise, resolve } = Promise.withResolvers<void>()
    state.gate = promise
    return resolve
  }
  return { clock, store, state, cache, saved, check, holdAnswers }
}

/** What a cache remembers of a session that has not been seen since its sign-in. */
export function known({ sid, identity, createdAtMs, expiresAtMs, providerSid, refresh }: Session): KnownSession {
  const times = refresh && { dueAtMs: refresh.dueAtMs, confirmedAtMs: refresh.confirmedAtMs }
  return { sid, identity, createdAtMs, expiresAtMs, providerSid, lastSeenAtMs: createdAtMs, refresh: times }
}

import type { Events } from '../observe/events.ts'
import { StoreUnavailableError } from '../policy/errors.ts'

/**
 * Where locks are kept. A lock ends by itself; only its holder can prolong or free it. Every method throws
 * `StoreUnavailableError` when the store gives no answer.
 */
export interface LockStore {
  /** True if the lock was free and is the holder's now. */
  take(sid: string, holder: string, lifeMs: number): Promise<boolean>
  /** True if the lock is still the holder's, and lasts `lifeMs` from now. */
  prolong(sid: string, holder: string, lifeMs: number): Promise<boolean>
  /** Does nothing if the lock is somebody else's by now. */
  free(sid: string, holder: string): Promise<void>
}

/** A lock that is renewed as long as it is held. */
export interface HeldLock {
  /** Whether nobody else can have it yet. */
  isHeld(): boolean
  /** Gives it back. Does not throw: where the store gives no answer, the lock ends by itself. */
  release(): Promise<void>
}

/** So that one replica at a time works on a session. */
export interface SessionLocks {
  /**
   * Undefined: another holds it.
   *
   * @throws StoreUnavailableError if the store gives no answer
   */
  acquire(sid: string): Promise<HeldLock | undefined>
}

/** Whoever has a new refresh token and cannot write it tries for a minute: nobody else may ask with the old one meanwhile. */
const LIFE_MS = 90_000

/**
 * Locks that last 90 s and are renewed every 30 s.
 *
 * @param ports.now milliseconds; only differences count
 * @param ports.later runs something once after so many milliseconds, and gives what calls that off
 * @param ports.newHolder a name that no other holder has
 */
export function createSessionLocks(ports: {
  readonly store: LockStore
  readonly now: () => number
  readonly later: (ms: number, run: () => void) => () => void
  readonly newHolder: () => string
  readonly events: Pick<Events, 'internalError'>
  readonly lifeMs?: number | undefined
}): SessionLocks {
  const { store, now, later, newHolder, events, lifeMs = LIFE_MS } = ports

  /** Nobody waits for what a timer does; a store that is away has been reported by its connection. */
  function noAnswer(error: unknown): undefined {
    if (!(error instanceof StoreUnavailableError)) events.internalError({ where: 'session-lock', error })
  }

  function hold(sid: string, holder: string, takenAtMs: number): HeldLock {
    let heldUntilMs = takenAtMs + lifeMs
    let isOver = false
    let callOff = later(lifeMs / 3, () => void renew())

    async function renew(): Promise<void> {
      const startedAtMs = now()
      const isOurs = await store.prolong(sid, holder, lifeMs).catch(noAnswer)
      if (isOver) return
      if (isOurs === true) heldUntilMs = startedAtMs + lifeMs
      if (isOurs === false) heldUntilMs = Number.NEGATIVE_INFINITY
      // No answer says nothing: the next one may come in time.
      if (isOurs !== false && now() < heldUntilMs) callOff = later(lifeMs / 3, () => void renew())
    }

    return {
      isHeld: () => !isOver && now() < heldUntilMs,
      async release() {
        isOver = true
        callOff()
        await store.free(sid, holder).catch(noAnswer)
      },
    }
  }

  return {
    async acquire(sid) {
      const holder = newHolder()
      const startedAtMs = now()
      return (await store.take(sid, holder, lifeMs)) ? hold(sid, holder, startedAtMs) : undefined
    },
  }
}

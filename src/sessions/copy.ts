import type { Events } from '../observe/events.ts'
import { StoreUnavailableError } from '../policy/errors.ts'
import type { IdleLimit } from './idle.ts'
import { believedUntilMs } from './refresh-times.ts'
import type { KnownSession } from './session.ts'
import type { SessionStore } from './session-store.ts'

/** Keeps identities true while sessions last. */
export interface Refreshing {
  /** How long an identity counts without the provider's word, in milliseconds. */
  readonly confirmationBoundMs: number
  /** A session in use is due to be refreshed. Called once for each due time; must return at once and not throw. */
  onDue(session: KnownSession): void
  /**
   * Called before a session is served whose identity has counted for longer than the bound. Whatever it throws, the check
   * gets to see.
   *
   * @returns the session as the provider vouches for it now; undefined: it has ended
   */
  ensureConfirmed(session: KnownSession): Promise<KnownSession | undefined>
}

/** A session in this process's memory. */
export interface Copy {
  readonly session: KnownSession
  /** When the store was read; 0: the record has changed since. */
  generation: number
  usedAtMs: number
  /** Until then nothing has to be asked or done, however often the copy is used. */
  quietUntilMs: number
  /** Until then the copy is served although it should have been read again. */
  excusedUntilMs: number
  /** When a use is worth a write again. */
  touchAtMs: number
  /** The due time that has been announced; 0: none. */
  announcedDueAtMs: number
}

/** What becomes due about a copy while it is used. */
export interface Upkeep {
  copyOf(session: KnownSession, generation: number): Copy
  isIdle(copy: Copy, atMs: number): boolean
  /** Whether the provider has not vouched for the identity for too long. */
  isUnconfirmed(session: KnownSession, atMs: number): boolean
  /** Notes a use, starts in the background what is due, and finds out for how long nothing will be. */
  used(copy: Copy, atMs: number): void
}

export function createUpkeep(context: {
  readonly store: Pick<SessionStore, 'touch'>
  readonly events: Pick<Events, 'internalError'>
  readonly idle: IdleLimit
  readonly refreshing: Refreshing | undefined
}): Upkeep {
  const { store, events, idle, refreshing } = context
  const boundMs = refreshing?.confirmationBoundMs ?? Number.POSITIVE_INFINITY

  async function touch({ sid, expiresAtMs }: KnownSession, atMs: number): Promise<void> {
    try {
      await store.touch(sid, atMs, { expiresAtMs, unlessSeenAfterMs: atMs - idle.touchEveryMs })
    } catch (error) {
      // A store that gives no answer has been reported by its connection, and the next use writes again.
      if (!(error instanceof StoreUnavailableError)) events.internalError({ where: 'session-touch', error })
    }
  }

  return {
    copyOf: (session, generation) => ({
      session,
      generation,
      usedAtMs: Number.NEGATIVE_INFINITY,
      quietUntilMs: 0,
      excusedUntilMs: 0,
      touchAtMs: session.lastSeenAtMs + idle.touchEveryMs,
      announcedDueAtMs: 0,
    }),
    isIdle: ({ session, usedAtMs }, atMs) => idle.isIdle(session.lastSeenAtMs, usedAtMs, atMs),
    isUnconfirmed: ({ refresh }, atMs) => atMs >= believedUntilMs(refresh, boundMs),
    used(copy, atMs) {
      const { session } = copy
      const { refresh } = session
      copy.usedAtMs = atMs
      if (atMs >= copy.touchAtMs) {
        copy.touchAtMs = atMs + idle.touchEveryMs
        void touch(session, atMs)
      }
      let quietUntilMs = Math.min(session.expiresAtMs, copy.touchAtMs, atMs + idle.timeoutMs)
      if (refresh !== undefined && refreshing !== undefined) {
        if (atMs < refresh.dueAtMs) quietUntilMs = Math.min(quietUntilMs, refresh.dueAtMs)
        else if (copy.announcedDueAtMs !== refresh.dueAtMs) {
          copy.announcedDueAtMs = refresh.dueAtMs
          refreshing.onDue(session)
        }
        quietUntilMs = Math.min(quietUntilMs, believedUntilMs(refresh, boundMs))
      }
      copy.quietUntilMs = quietUntilMs
    },
  }
}

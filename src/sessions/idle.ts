import type { StoredSession } from './session.ts'
import type { SessionStore } from './session-store.ts'

/** A session is seen anew in the store at most this often, in milliseconds: where its use decides whether it lasts, and else. */
const TOUCH_MS = 60_000
const TOUCH_WITHOUT_LIMIT_MS = 300_000

/** How long a session lasts that nobody uses. */
export interface IdleLimit {
  /** In milliseconds; infinite if there is no limit. */
  readonly timeoutMs: number
  /** How often its use is worth a write, in milliseconds. */
  readonly touchEveryMs: number
  /**
   * Whether a session has been left alone for too long. What the store says may be behind by as long as writes are put off,
   * so that a session may last so much longer, and never less.
   *
   * @param lastSeenAtMs what the store says
   * @param usedAtMs when this process last saw it in use; -Infinity: never
   */
  isIdle(lastSeenAtMs: number, usedAtMs: number, atMs: number): boolean
}

/** @param timeoutSeconds undefined: no limit */
export function idleLimit(timeoutSeconds: number | undefined): IdleLimit {
  if (timeoutSeconds === undefined) {
    return { timeoutMs: Number.POSITIVE_INFINITY, touchEveryMs: TOUCH_WITHOUT_LIMIT_MS, isIdle: () => false }
  }
  const timeoutMs = timeoutSeconds * 1000
  return {
    timeoutMs,
    touchEveryMs: TOUCH_MS,
    isIdle: (lastSeenAtMs, usedAtMs, atMs) =>
      atMs >= usedAtMs + timeoutMs && atMs >= lastSeenAtMs + timeoutMs + TOUCH_MS,
  }
}

/** A store in which a session that has been left alone for too long does not exist, though its record still lies there. */
export function withoutIdle(
  store: SessionStore,
  { limit, now }: { readonly limit: IdleLimit; readonly now: () => number },
): SessionStore {
  const isLive = ({ lastSeenAtMs }: StoredSession) => !limit.isIdle(lastSeenAtMs, Number.NEGATIVE_INFINITY, now())
  return {
    ...store,
    async find(sid) {
      const session = await store.find(sid)
      return session !== undefined && isLive(session) ? session : undefined
    },
    async list(filter, page) {
      const { sessions, next } = await store.list(filter, page)
      return { sessions: sessions.filter(isLive), next }
    },
  }
}

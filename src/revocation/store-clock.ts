import type { Events } from '../observe/events.ts'
import { StoreUnavailableError } from '../policy/errors.ts'
import type { ClockSample } from './log.ts'

/** What time it is: by the store's clock for issues and revocations, by the wall clock for lives. */
export interface StoreClock {
  /**
   * The moment of whatever is issued now, in whole milliseconds of the store's clock: never later than that clock is, so
   * that a revocation recorded afterwards hits it; and never earlier than the one before.
   *
   * @throws StoreUnavailableError before the store has been heard at all
   */
  issueTime(): number
  /** As `issueTime`, but 0 before the store has been heard. */
  lowerBound(): number
  /**
   * Milliseconds since 1970, for the comparison with ends of lives: the local clock, as long as it agrees with the server's
   * within 2 s. If one of the two jumps away, time goes on as before until they agree again. Where they never have, it is the
   * server's, since all replicas have that in common.
   */
  now(): number
  /** What time it is at least, by both; 0 before the store has been heard. What has ended by this has ended everywhere. */
  atLeast(): number
  /** Takes in what the store's clocks said in an answer that has just come. */
  sample(sample: ClockSample): void
}

export interface StoreClockContext {
  /** Milliseconds since 1970, by the local clock. */
  readonly wall: () => number
  /** Milliseconds; only differences count. */
  readonly monotonicMs: () => number
  readonly events: Pick<Events, 'clockDisagrees'>
}

/**
 * How far the clock of issues can be ahead of the server's own: 300 years, further than any server's clock can be set wrong. A
 * moment beyond has been written by somebody else.
 */
export const FARTHEST_AHEAD_MS = 300 * 365 * 24 * 3_600_000

/** How far the two wall clocks may be apart. */
const TOLERANCE_MS = 2000
/** Clocks that are disciplined by NTP differ by less than this part in their rate, 0.05 %, and the store's may be slewed by as much. */
const RATE_ERROR = 0.001

/** Reads no clock but those it is given. */
export function createStoreClock({ wall, monotonicMs, events }: StoreClockContext): StoreClock {
  /** The store's clock was at least `valueMs` at `at` of the monotonic clock. */
  let bound: { readonly valueMs: number; readonly at: number } | undefined
  let server: { readonly timeMs: number; readonly at: number } | undefined
  /** Wall clock less monotonic clock, when the two wall clocks last agreed. */
  let courseMs: number | undefined
  let isAgreed = true

  function lowerBoundAt(at: number): number {
    return bound === undefined ? 0 : bound.valueMs + (at - bound.at) * (1 - RATE_ERROR)
  }

  function report(differenceMs: number): void {
    const agrees = Math.abs(differenceMs) <= TOLERANCE_MS
    if (agrees === isAgreed) return
    isAgreed = agrees
    events.clockDisagrees({ byMs: agrees ? undefined : Math.round(differenceMs) })
  }

  function now(): number {
    const local = wall()
    if (server === undefined) return local
    const at = monotonicMs()
    const serverMs = server.timeMs + (at - server.at)
    const differenceMs = local - serverMs
    report(differenceMs)
    if (Math.abs(differenceMs) <= TOLERANCE_MS) {
      courseMs = local - at
      return local
    }
    courseMs ??= serverMs - at
    return Math.floor(at + courseMs)
  }

  const lowerBound = () => Math.floor(lowerBoundAt(monotonicMs()))

  return {
    issueTime() {
      if (bound === undefined) throw new StoreUnavailableError('issue-time: the store’s clock is not known yet')
      return lowerBound()
    },
    lowerBound,
    now,
    atLeast: () => Math.min(now(), lowerBound()),
    sample({ clockMs, timeMs }) {
      const at = monotonicMs()
      const known = lowerBoundAt(at)
      // A moment that the store's clock cannot have would be one that nothing revokes.
      if (clockMs >= known || known > timeMs + FARTHEST_AHEAD_MS) bound = { valueMs: clockMs, at }
      // What the local clock has done since the last look is judged by what was known before.
      now()
      server = { timeMs, at }
      now()
    },
  }
}

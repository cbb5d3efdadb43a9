import { fieldOf } from '../resources/raw-value.ts'
import { isReleased, readLease } from './lease-record.ts'

export interface VacancySettings {
  readonly identity: string
  /** A holder that was not seen to renew for so long has ceased to lead, by its own clock. */
  readonly leaseDurationMs: number
  /** A holder that reaches the server finds out within so long that its lease is gone. */
  readonly noticeMs: number
}

/** Tells from what was seen of a lease when it may be taken. Its times are of the own clock; those of the record count nothing. */
export interface Vacancy {
  /**
   * @param lease as the server has it; undefined if there is none
   * @param atMs when the answer was there, on a clock that only goes forward
   */
  readonly saw: (lease: unknown, atMs: number) => void
  /** How many milliseconds are left until it may be taken: 0 if it may. */
  readonly waitMs: (nowMs: number) => number
  /** How many milliseconds whoever takes it as it is has to hold it before it leads. */
  readonly settlingMs: () => number
}

/** No lease is waited for any longer, whatever it says of itself. */
const LONGEST_MS = 60_000

/**
 * A lease may be taken at once if its holder gave it up; if it is held, once it has not changed for as long as it lasts. One
 * that was deleted, or whose holder was taken out by hand, may be taken at once, too, but its holder may not know yet: so
 * nobody leads by it before the time of such a holder is up. Where this process never saw it held, as on the first day, it
 * only waits for as long as a holder needs to notice.
 */
export function createVacancy({ identity, leaseDurationMs, noticeMs }: VacancySettings): Vacancy {
  let seen: string | undefined
  let freeAtMs = Number.POSITIVE_INFINITY
  let wasHeld = false
  let settlingMs = 0

  return {
    saw(lease, atMs) {
      const text = JSON.stringify(lease === undefined ? null : (fieldOf(lease, 'spec') ?? {}))
      if (text === seen) return
      seen = text
      const record = readLease(lease)
      const isHeld = record.holder !== undefined
      const isOthers = isHeld && record.holder !== identity
      wasHeld ||= isHeld
      settlingMs = isHeld || isReleased(record) ? 0 : wasHeld ? leaseDurationMs : noticeMs
      freeAtMs = isOthers ? atMs + Math.min(LONGEST_MS, Math.max(leaseDurationMs, record.durationMs ?? 0)) : atMs
    },
    waitMs: (nowMs) => Math.max(0, freeAtMs - nowMs),
    settlingMs: () => settlingMs,
  }
}

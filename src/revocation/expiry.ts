import type { Moment } from './moments.ts'

/** Revocations by the time at which they end. */
export interface Expiry {
  /** Notes when a moment ends; to be called again when it has come to end later. */
  note(moment: Moment, previousMs: number | undefined): void
  /** Calls back for some of the moments that have ended, and forgets them. */
  take(nowMs: number, most: number, onEnded: (moment: Moment) => void): void
}

/** Ends are noted to this, so a revocation is kept a little longer than it has to be, never shorter. */
const SPAN_MS = 600_000

export function createExpiry(): Expiry {
  /** By number of the span. A moment that has been put off still stands in its first span too, where it is passed over. */
  const spans = new Map<number, Moment[]>()

  function take(nowMs: number, most: number, onEnded: (moment: Moment) => void): void {
    const current = Math.floor(nowMs / SPAN_MS)
    let left = most
    for (const [span, moments] of spans) {
      if (span >= current) continue
      while (left > 0) {
        const moment = moments.pop()
        if (moment === undefined) break
        left -= 1
        if (moment.expiresAtMs <= nowMs) onEnded(moment)
      }
      if (moments.length > 0) return
      spans.delete(span)
    }
  }

  return {
    note(moment, previousMs) {
      const span = Math.floor(moment.expiresAtMs / SPAN_MS)
      if (previousMs !== undefined && Math.floor(previousMs / SPAN_MS) === span) return
      const moments = spans.get(span)
      if (moments === undefined) spans.set(span, [moment])
      else moments.push(moment)
    },
    take,
  }
}

/** A clock that stands still until it is told to move. */
export interface Clock {
  readonly now: () => number
  advance(milliseconds: number): void
}

/** @param startMs milliseconds since 1970 */
export function standingClock(startMs = 1_790_000_000_000): Clock {
  let ms = startMs
  return {
    now: () => ms,
    advance(milliseconds) {
      ms += milliseconds
    },
  }
}

/** One uninterrupted time of leading. */
export interface Term {
  /** Whether it still lasts, to be asked right before each write: by the clock, so that a process that was paused knows. */
  readonly isLeader: () => boolean
  /** Fires when it ends, which may be a little after `isLeader` denies it. Requests under way ought to end with it. */
  readonly lost: AbortSignal
}

/** A term, as whoever holds the lease keeps it. */
export interface RunningTerm extends Term {
  /** @returns false if it was over already: what is over does not come back */
  readonly extend: (untilMs: number) => boolean
  /** Ends it; does nothing if it is over. */
  readonly end: (why: string) => void
}

/**
 * A term that ends by itself when it is not extended.
 *
 * @param untilMs on the clock `monotonicMs`
 * @param onEnd told once
 */
export function startTerm(untilMs: number, monotonicMs: () => number, onEnd: (why: string) => void): RunningTerm {
  const ending = new AbortController()
  let timer: ReturnType<typeof setTimeout> | undefined
  let lastsUntilMs = untilMs
  const isLeader = () => !ending.signal.aborted && monotonicMs() < lastsUntilMs

  function end(why: string): void {
    if (ending.signal.aborted) return
    clearTimeout(timer)
    ending.abort(new Error(why))
    onEnd(why)
  }
  function watch(): void {
    clearTimeout(timer)
    timer = setTimeout(
      () => {
        if (isLeader()) watch()
        else end('it was not renewed in time')
      },
      Math.ceil(lastsUntilMs - monotonicMs()),
    )
  }
  watch()
  return {
    isLeader,
    lost: ending.signal,
    end,
    extend(until) {
      if (!isLeader()) {
        end('it was not renewed in time')
        return false
      }
      lastsUntilMs = Math.max(lastsUntilMs, until)
      watch()
      return true
    },
  }
}

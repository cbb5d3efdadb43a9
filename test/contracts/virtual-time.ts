import { type Clock, standingClock } from './clock.ts'

/** A clock that runs what was put off when it is moved. */
export interface VirtualTime extends Clock {
  /** Runs something once when so much time has passed; gives what calls that off. */
  readonly later: (ms: number, run: () => void) => () => void
  /** How much has been put off and is still to come. */
  waiting(): number
}

export function virtualTime(startMs?: number): VirtualTime {
  const clock = standingClock(startMs)
  const timers = new Set<{ readonly atMs: number; readonly run: () => void }>()
  const nextUntil = (ms: number) => [...timers].filter(({ atMs }) => atMs <= ms).sort((a, b) => a.atMs - b.atMs)[0]

  return {
    now: clock.now,
    later(ms, run) {
      const timer = { atMs: clock.now() + ms, run }
      timers.add(timer)
      return () => void timers.delete(timer)
    },
    advance(milliseconds) {
      const endMs = clock.now() + milliseconds
      for (let timer = nextUntil(endMs); timer !== undefined; timer = nextUntil(endMs)) {
        timers.delete(timer)
        clock.advance(Math.max(0, timer.atMs - clock.now()))
        timer.run()
      }
      clock.advance(endMs - clock.now())
    },
    waiting: () => timers.size,
  }
}

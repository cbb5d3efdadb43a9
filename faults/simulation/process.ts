import type { Schedule } from './schedule.ts'

/** A process of ours: what is due in it waits while it is stopped, and never comes once it is killed. */
export interface Process {
  readonly name: string
  later(ms: number, run: () => void): () => void
  /** Resolves after so many milliseconds, or when the signal fires. Never rejects. */
  sleep(ms: number, signal: AbortSignal): Promise<void>
  stop(): void
  resume(): void
  kill(): void
  isRunning(): boolean
  /** Whether it has been killed. */
  isEnded(): boolean
  /** Whether it has been killed, or stopped for a time. */
  wasHarmed(): boolean
}

export function createProcess(name: string, schedule: Schedule): Process {
  let state: 'running' | 'stopped' | 'killed' = 'running'
  let waiting: (() => void)[] = []
  let wasHarmed = false

  function later(ms: number, run: () => void): () => void {
    let isCalledOff = false
    const callOff = schedule.later(ms, () => {
      if (state === 'running') run()
      else if (state === 'stopped') waiting.push(() => (isCalledOff ? undefined : run()))
    })
    return () => {
      isCalledOff = true
      callOff()
    }
  }

  return {
    name,
    later,
    sleep(ms, signal) {
      return new Promise((resolve) => {
        const callOff = later(ms, done)
        function done(): void {
          callOff()
          signal.removeEventListener('abort', done)
          resolve()
        }
        signal.addEventListener('abort', done)
      })
    },
    stop() {
      wasHarmed = true
      if (state === 'running') state = 'stopped'
    },
    resume() {
      if (state !== 'stopped') return
      state = 'running'
      const due = waiting
      waiting = []
      for (const run of due) run()
    },
    kill() {
      wasHarmed = true
      state = 'killed'
      waiting = []
    },
    isRunning: () => state === 'running',
    isEnded: () => state === 'killed',
    wasHarmed: () => wasHarmed,
  }
}

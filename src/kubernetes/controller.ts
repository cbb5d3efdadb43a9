import type { Events } from '../observe/events.ts'
import { NotLeaderError } from './apply.ts'
import { createBell } from './bell.ts'
import { createPatience } from './patience.ts'
import { pause } from './pause.ts'

/** Something to write. */
export interface Task {
  /** What it is written to, for people. */
  readonly key: string
  /** What is written, as a text: the same to the same place, time and again, is what patience is lost with. */
  readonly content?: string
  readonly run: () => Promise<unknown>
}

/** What one look at the cluster comes to: stages of writes, each done before the next. */
export type Plan = readonly (readonly Task[])[]

export interface ControllerOptions {
  /** Looks and decides; undefined while not everything has been seen. Writes nothing. */
  readonly plan: () => Promise<Plan | undefined>
  /** Calls back whenever there may be something to do. @returns a function that ends the listening */
  readonly onChange: (listener: () => void) => () => void
  /** Leading ends when it is aborted. */
  readonly signal: AbortSignal
  readonly events: Pick<Events, 'controllerRan' | 'controllerWrote' | 'internalError'>
  /** Milliseconds on a clock that only goes forward. */
  readonly monotonicMs: () => number
}

/** How soon what failed, or had to wait, is looked at again. */
const RETRY_MS = 2_000
/** How often everything is looked at, whether or not anything is known to have changed: clocks are among what decides. */
const RESYNC_MS = 30_000
const WRITES_AT_ONCE = 8
const REST_PER_WORK = 2
const LONGEST_REST_MS = 2_000

/**
 * Makes the cluster what it has to be, again and again, until it leads no more: looks at everything, decides, writes what
 * differs. A write that fails hinders no other; one that never sticks is tried more and more rarely.
 *
 * @returns a promise that resolves when the last write has ended
 */
export async function runController(options: ControllerOptions): Promise<void> {
  const { signal, events, monotonicMs } = options
  const patience = createPatience(monotonicMs)
  const bell = createBell()
  const stopListening = options.onChange(bell.ring)
  signal.addEventListener('abort', bell.ring, { once: true })
  try {
    while (!signal.aborted) {
      const started = monotonicMs()
      const isDone = await pass()
      // Where a look takes long, in a large cluster, it must not be taken all the time: checks are answered here too.
      await pause(Math.min(LONGEST_REST_MS, REST_PER_WORK * (monotonicMs() - started)), signal)
      await bell.wait(isDone ? RESYNC_MS : RETRY_MS)
    }
  } finally {
    stopListening()
  }

  /** @returns whether nothing is left to do */
  async function pass(): Promise<boolean> {
    const started = monotonicMs()
    const plan = await attempt(options.plan)
    if (plan === undefined) return false
    patience.settle(new Set(plan.flat().map(nameOf)))
    let left = 0
    for (const stage of plan) left += await write(stage)
    // What a look came to that was cut off says nothing, and another replica leads by now.
    if (signal.aborted) return false
    events.controllerRan({
      seconds: (monotonicMs() - started) / 1000,
      writes: plan.flat().length - left,
      failures: left,
      conflicts: patience.unsettled().length,
    })
    return left === 0
  }

  async function attempt(look: ControllerOptions['plan']): Promise<Plan | undefined> {
    try {
      return await look()
    } catch (error) {
      events.internalError({ where: 'controller', error })
      return undefined
    }
  }

  /** @returns how many of the tasks are not done */
  async function write(stage: readonly Task[]): Promise<number> {
    const queue = [...stage]
    let left = 0
    await Promise.all(
      Array.from({ length: WRITES_AT_ONCE }, async () => {
        for (let task = queue.shift(); task !== undefined; task = queue.shift()) {
          if (signal.aborted || !patience.mayTry(nameOf(task)) || !(await isWritten(task))) left += 1
        }
      }),
    )
    return left
  }

  async function isWritten({ key, run }: Task): Promise<boolean> {
    try {
      await run()
      events.controllerWrote({ object: key, outcome: 'ok' })
      return true
    } catch (error) {
      if (!(error instanceof NotLeaderError || signal.aborted))
        events.controllerWrote({ object: key, outcome: 'failed', error })
      return false
    }
  }
}

function nameOf({ key, content = '' }: Task): string {
  return `${key} ${content}`
}

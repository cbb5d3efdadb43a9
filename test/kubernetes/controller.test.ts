import { describe, expect, test } from 'vitest'
import { NotLeaderError } from '../../src/kubernetes/apply.ts'
import { type ControllerOptions, type Plan, runController } from '../../src/kubernetes/controller.ts'
import { until } from '../parts/until.ts'

interface Ran {
  readonly wrote: { object: string; outcome: string }[]
  readonly faults: unknown[]
  readonly conflicts: () => number
  /** How often it has reported a look. */
  readonly looks: () => number
}

/** Runs a controller for as long as the test's body takes. */
async function withController(
  plan: () => Plan | undefined,
  body: (ran: Ran & { readonly change: () => void; readonly stop: AbortController }) => Promise<void>,
): Promise<void> {
  const stop = new AbortController()
  const listeners = new Set<() => void>()
  const wrote: { object: string; outcome: string }[] = []
  const faults: unknown[] = []
  let conflicts = 0
  let looks = 0
  const events: ControllerOptions['events'] = {
    controllerRan: (event) => {
      conflicts = event.conflicts
      looks += 1
    },
    controllerWrote: ({ object, outcome }) => wrote.push({ object, outcome }),
    internalError: ({ error }) => faults.push(error),
  }
  const running = runController({
    plan: async () => plan(),
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    signal: stop.signal,
    events,
    monotonicMs: () => performance.now(),
  })
  const change = () => {
    for (const listener of listeners) listener()
  }
  try {
    await body({ wrote, faults, change, stop, conflicts: () => conflicts, looks: () => looks })
  } finally {
    stop.abort()
    await running
  }
  expect(listeners.size).toBe(0)
}

describe('the controller', () => {
  test('writes one stage after the other', async () => {
    const order: string[] = []
    const task = (key: string, ms: number) => ({
      key,
      run: async () => {
        await new Promise((resolve) => setTimeout(resolve, ms))
        order.push(key)
      },
    })
    let isDone = false
    const plan = () => (isDone ? [] : [[task('slow first', 40), task('fast first', 1)], [task('second', 1)]])
    await withController(plan, async ({ wrote }) => {
      await until('all is written', () => wrote.length >= 3)
      isDone = true
    })
    expect(order.slice(0, 3)).toEqual(['fast first', 'slow first', 'second'])
  })

  test('reports no look that outlived its term', async () => {
    const writing = Promise.withResolvers<void>()
    const isWritten = Promise.withResolvers<void>()
    const task = {
      key: 'Thing one',
      run: async () => {
        writing.resolve()
        await isWritten.promise
      },
    }
    let looks = () => -1
    await withController(
      () => [[task]],
      async (ran) => {
        looks = ran.looks
        await writing.promise
        ran.stop.abort()
        isWritten.resolve()
      },
    )
    expect(looks()).toBe(0)
  })

  test('goes on with everything else when a write fails', async () => {
    const fails = {
      key: 'Thing one',
      run: async () => {
        throw new Error('refused')
      },
    }
    const works = { key: 'Thing two', run: async () => undefined }
    await withController(
      () => [[fails, works]],
      async ({ wrote }) => {
        await until('both have been tried', () => wrote.length >= 2)
        expect(wrote).toContainEqual({ object: 'Thing one', outcome: 'failed' })
        expect(wrote).toContainEqual({ object: 'Thing two', outcome: 'ok' })
      },
    )
  })

  test('tries a write that never sticks more and more rarely, and counts it as a conflict', async () => {
    let tries = 0
    const undone = {
      key: 'Thing one',
      run: async () => {
        tries += 1
      },
    }
    await withController(
      () => [[undone]],
      async ({ change, conflicts }) => {
        const changing = setInterval(change, 10)
        await until('it is known as a conflict', () => conflicts() > 0)
        const before = tries
        await until(
          'a while has passed',
          (() => {
            const end = performance.now() + 500
            return () => performance.now() > end
          })(),
        )
        clearInterval(changing)
        expect(tries - before).toBeLessThanOrEqual(1)
      },
    )
  })

  test('does not lose patience with a place where something else has to be written each time', async () => {
    let tries = 0
    const plan = () => {
      tries += 1
      return [[{ key: 'Thing one', content: `${tries}`, run: async () => undefined }]]
    }
    await withController(plan, async ({ change, conflicts, wrote }) => {
      const changing = setInterval(change, 1)
      await until('it has been written often', () => wrote.length >= 10, { timeoutMs: 1_000 })
      clearInterval(changing)
      expect(conflicts()).toBe(0)
    })
  })

  test('looks again as soon as something has changed', async () => {
    let looks = 0
    await withController(
      () => {
        looks += 1
        return []
      },
      async ({ change }) => {
        await until('it has looked', () => looks === 1)
        change()
        await until('it has looked again', () => looks === 2, { timeoutMs: 1_000 })
      },
    )
  })

  test('a look that throws is a fault of ours, and the next look is taken all the same', async () => {
    let looks = 0
    await withController(
      () => {
        looks += 1
        if (looks === 1) throw new Error('a bug')
        return []
      },
      async ({ faults, change }) => {
        await until('it has failed', () => faults.length === 1)
        change()
        await until('it has looked again', () => looks === 2)
      },
    )
  })

  test('writes nothing more once it leads no more', async () => {
    let writes = 0
    const write = {
      key: 'Thing',
      run: async () => {
        writes += 1
        throw new NotLeaderError('this replica does not lead')
      },
    }
    await withController(
      () => [[write], [write], [write]],
      async ({ stop, wrote }) => {
        await until('it has written', () => writes > 0)
        stop.abort()
        expect(wrote).toEqual([])
      },
    )
    const after = writes
    await new Promise((resolve) => setImmediate(resolve))
    expect(writes).toBe(after)
  })
})

/** Virtual time, and what happens when. Whatever waits waits here, so that one seed always gives one order. */
export interface Schedule {
  /** Milliseconds since the beginning of the run. */
  now(): number
  /** Runs something once after so many milliseconds; what falls on one moment runs in the order in which it was asked for. */
  later(ms: number, run: () => void): () => void
  /** Lets time pass up to a moment: one thing after the other, and after each whatever it has set going. */
  runUntil(ms: number): Promise<void>
  /** How many things have happened. */
  steps(): number
}

interface Due {
  readonly atMs: number
  readonly order: number
  run: (() => void) | undefined
}

export function createSchedule(): Schedule {
  const heap: Due[] = []
  let nowMs = 0
  let order = 0
  let steps = 0

  function later(ms: number, run: () => void): () => void {
    const due: Due = { atMs: nowMs + Math.max(0, ms), order: order++, run }
    push(heap, due)
    return () => {
      due.run = undefined
    }
  }

  return {
    now: () => nowMs,
    later,
    async runUntil(ms) {
      await settled()
      for (let next = heap[0]; next !== undefined && next.atMs <= ms; next = heap[0]) {
        pop(heap)
        if (next.run === undefined) continue
        nowMs = next.atMs
        steps += 1
        next.run()
        await settled()
      }
      nowMs = Math.max(nowMs, ms)
    },
    steps: () => steps,
  }
}

/** Node calls this back once no promise has anything left to do. */
function settled(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve))
}

function isBefore(a: Due, b: Due): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order)
}

function push(heap: Due[], due: Due): void {
  let index = heap.length
  while (index > 0) {
    const parent = (index - 1) >> 1
    const above = heap[parent]
    if (above === undefined || isBefore(above, due)) break
    heap[index] = above
    index = parent
  }
  heap[index] = due
}

function pop(heap: Due[]): void {
  const last = heap.pop()
  if (last === undefined || heap.length === 0) return
  let index = 0
  for (;;) {
    const left = 2 * index + 1
    const right = left + 1
    const leftDue = heap[left]
    const rightDue = heap[right]
    if (leftDue === undefined) break
    const isRight = rightDue !== undefined && isBefore(rightDue, leftDue)
    const least = isRight ? rightDue : leftDue
    if (isBefore(last, least)) break
    heap[index] = least
    index = isRight ? right : left
  }
  heap[index] = last
}

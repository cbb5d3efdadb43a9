import { expect, test } from 'vitest'
import { createProcess } from '../../../faults/simulation/process.ts'
import { createRandom } from '../../../faults/simulation/random.ts'
import { createSchedule } from '../../../faults/simulation/schedule.ts'

const never = new AbortController().signal

test('things happen in the order of their moments, and of one moment in the order in which they were asked for', async () => {
  const schedule = createSchedule()
  const random = createRandom(1)
  const delays = Array.from({ length: 500 }, () => random.index(50))
  const happened: { delay: number; index: number; atMs: number }[] = []
  for (const [index, delay] of delays.entries()) {
    schedule.later(delay, () => happened.push({ delay, index, atMs: schedule.now() }))
  }
  await schedule.runUntil(100)
  expect(happened).toEqual(happened.toSorted((a, b) => a.delay - b.delay || a.index - b.index))
  expect(happened.every(({ delay, atMs }) => atMs === delay)).toBe(true)
  expect(happened).toHaveLength(500)
  expect(schedule.now()).toBe(100)
})

test('what a step sets going is over before the next step, however many promises it takes', async () => {
  const schedule = createSchedule()
  const seen: string[] = []
  schedule.later(1, () => void deep(100).then(() => seen.push('first')))
  schedule.later(1, () => seen.push('second'))
  await schedule.runUntil(1)
  expect(seen).toEqual(['first', 'second'])
})

async function deep(levels: number): Promise<void> {
  if (levels > 0) await deep(levels - 1)
}

test('what is called off does not happen, and what lies behind the end has not happened yet', async () => {
  const schedule = createSchedule()
  const seen: string[] = []
  schedule.later(5, () => seen.push('called off'))()
  schedule.later(11, () => seen.push('later'))
  await schedule.runUntil(10)
  expect(seen).toEqual([])
  await schedule.runUntil(11)
  expect(seen).toEqual(['later'])
})

test('a process that is stopped does what was due when it is resumed, and one that is killed never does', async () => {
  const schedule = createSchedule()
  const process = createProcess('g1', schedule)
  const seen: string[] = []
  process.later(1, () => seen.push('due'))
  const callOff = process.later(1, () => seen.push('called off'))
  void process.sleep(1, never).then(() => seen.push('woken'))
  process.stop()
  await schedule.runUntil(5)
  expect(seen).toEqual([])
  callOff()
  process.resume()
  await schedule.runUntil(6)
  expect(seen).toEqual(['due', 'woken'])
  process.later(1, () => seen.push('after the end'))
  process.kill()
  await schedule.runUntil(10)
  expect(seen).toEqual(['due', 'woken'])
})

test('sleep ends early when the signal fires', async () => {
  const schedule = createSchedule()
  const process = createProcess('g1', schedule)
  const stopping = new AbortController()
  let isAwake = false
  void process.sleep(1000, stopping.signal).then(() => {
    isAwake = true
  })
  schedule.later(10, () => stopping.abort())
  await schedule.runUntil(10)
  expect(isAwake).toBe(true)
})

test('chance comes out the same for a seed, evenly, and otherwise for another', () => {
  const numbers = (seed: number) => {
    const random = createRandom(seed)
    return Array.from({ length: 10_000 }, random.next)
  }
  expect(numbers(1)).toEqual(numbers(1))
  expect(numbers(2).slice(0, 10)).not.toEqual(numbers(1).slice(0, 10))
  for (const seed of [0, 1, 2, 999_999]) {
    const all = numbers(seed)
    expect(Math.min(...all)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...all)).toBeLessThan(1)
    expect(all.reduce((sum, number) => sum + number, 0) / all.length).toBeCloseTo(0.5, 1)
  }
})

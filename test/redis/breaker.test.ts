import { ReplyError } from 'ioredis'
import { describe, expect, test } from 'vitest'
import { StoreUnavailableError } from '../../src/policy/errors.ts'
import { createBreaker } from '../../src/redis/breaker.ts'
import { StoreCommandError, UnreadableKeyError } from '../../src/redis/failure.ts'
import { standingClock } from '../contracts/clock.ts'
import { recordedEvents } from './recorded-events.ts'

const timedOut = async () => {
  throw new Error('Command timed out')
}
const answers = (text: string) => async () => {
  throw new ReplyError(text)
}
const works = async () => 'result'

function setUp({ random = 0 }: { random?: number } = {}) {
  const clock = standingClock()
  const events = recordedEvents()
  const changes: boolean[] = []
  const breaker = createBreaker(
    { failureThreshold: 3, pauseMs: 500 },
    { events, now: clock.now, random: () => random, onChange: (isClosed) => changes.push(isClosed) },
  )
  const fail = async (times: number) => {
    for (let time = 0; time < times; time += 1) {
      await expect(breaker.run('find', timedOut)).rejects.toThrow(StoreUnavailableError)
    }
  }
  return { clock, events, changes, breaker, fail }
}

/** A call that ends when it is told to. */
function heldCall() {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  return { call: () => promise, resolve, reject }
}

test('gives back the result and reports how long the call took', async () => {
  const { breaker, events, clock } = setUp()
  const result = await breaker.run('find', async () => {
    clock.advance(2.5)
    return 7
  })
  expect(result).toBe(7)
  expect(events.calls).toEqual([{ operation: 'find', outcome: 'ok', seconds: 0.0025 }])
})

test('opens after so many calls in a row without an answer, then fails at once without calling', async () => {
  const { breaker, changes, events, fail } = setUp()
  await fail(2)
  expect(changes).toEqual([])
  await fail(1)
  expect(changes).toEqual([false])
  let called = false
  const call = async () => {
    called = true
  }
  await expect(breaker.run('find', call)).rejects.toThrow(StoreUnavailableError)
  expect(called).toBe(false)
  expect(events.calls.at(-1)).toMatchObject({
    operation: 'find',
    outcome: 'unavailable',
    seconds: 0,
    detail: 'not asked',
  })
})

test('stays closed while an answer comes between', async () => {
  const { breaker, changes, fail } = setUp()
  for (let round = 0; round < 5; round += 1) {
    await fail(2)
    await breaker.run('find', works)
  }
  expect(changes).toEqual([])
})

test.for([
  { random: 0, pauseMs: 250 },
  { random: 0.999_999, pauseMs: 500 },
])('lets one call through after a pause of $pauseMs ms when chance says $random', async ({ random, pauseMs }) => {
  const { breaker, clock, changes, fail } = setUp({ random })
  await fail(3)
  clock.advance(pauseMs - 1)
  await expect(breaker.run('find', works)).rejects.toThrow(StoreUnavailableError)
  clock.advance(1)
  const probe = heldCall()
  const probed = breaker.run('find', probe.call)
  await expect(breaker.run('find', works)).rejects.toThrow(StoreUnavailableError)
  probe.resolve('first')
  expect(await probed).toBe('first')
  expect(await breaker.run('find', works)).toBe('result')
  expect(changes).toEqual([false, true])
})

test('pauses again when the one call gets no answer, and reports no second opening', async () => {
  const { breaker, clock, changes, fail } = setUp()
  await fail(3)
  clock.advance(250)
  await fail(1)
  await expect(breaker.run('find', works)).rejects.toThrow(StoreUnavailableError)
  clock.advance(250)
  expect(await breaker.run('find', works)).toBe('result')
  expect(changes).toEqual([false, true])
})

test('a call from before the opening changes nothing when it ends late', async () => {
  const { breaker, clock, changes, fail } = setUp()
  const late = heldCall()
  const lateCall = breaker.run('find', late.call)
  const lateFailure = heldCall()
  const lateFailing = breaker.run('find', lateFailure.call)
  await fail(3)
  late.resolve('late')
  expect(await lateCall).toBe('late')
  await expect(breaker.run('find', works)).rejects.toThrow(StoreUnavailableError)
  clock.advance(250)
  await breaker.run('find', works)
  lateFailure.reject(new Error('Command timed out'))
  await expect(lateFailing).rejects.toThrow(StoreUnavailableError)
  expect(changes).toEqual([false, true])
})

describe('an answer that says no keeps the breaker closed', () => {
  test.for(['OOM command not allowed', 'READONLY replica', 'LOADING data'])('%s', async (text) => {
    const { breaker, changes, events } = setUp()
    for (let time = 0; time < 10; time += 1) {
      await expect(breaker.run('save', answers(text))).rejects.toThrow(StoreUnavailableError)
    }
    expect(changes).toEqual([])
    expect(events.calls.every(({ outcome }) => outcome === 'unavailable')).toBe(true)
  })
})

test('tells a key of another type and a command that is not accepted from a store without an answer', async () => {
  const { breaker } = setUp()
  await expect(breaker.run('find', answers('WRONGTYPE Operation'))).rejects.toThrow(UnreadableKeyError)
  await expect(breaker.run('find', answers('ERR syntax error'))).rejects.toThrow(StoreCommandError)
})

test('passes on a fault in the caller’s code, and does not take it for an answer', async () => {
  const { breaker, clock, changes, fail } = setUp()
  const faulty = async () => {
    throw new TypeError('x is undefined')
  }
  await expect(breaker.run('find', faulty)).rejects.toThrow(TypeError)
  await fail(3)
  clock.advance(250)
  await expect(breaker.run('find', faulty)).rejects.toThrow(TypeError)
  expect(changes).toEqual([false])
  expect(await breaker.run('find', works)).toBe('result')
})

test('reset closes it, once', async () => {
  const { breaker, changes, fail } = setUp()
  breaker.reset()
  await fail(3)
  breaker.reset()
  breaker.reset()
  expect(await breaker.run('find', works)).toBe('result')
  expect(changes).toEqual([false, true])
})

test('an error carries no argument of the command', async () => {
  const { breaker } = setUp()
  const leaking = async () => {
    throw Object.assign(new ReplyError("ERR with args 'hunter2'"), { command: { name: 'hello', args: ['hunter2'] } })
  }
  const error = await breaker.run('find', leaking).catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(StoreCommandError)
  expect(error).not.toHaveProperty('cause')
  expect(String(error)).not.toContain('hunter2')
})

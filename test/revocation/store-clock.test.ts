import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { StoreUnavailableError } from '../../src/policy/errors.ts'
import { createStoreClock } from '../../src/revocation/store-clock.ts'
import { standingClock } from '../contracts/clock.ts'
import { recordedRevocationEvents } from './recorded.ts'

const T = 1_790_000_000_000
const HOUR_MS = 3_600_000

/** A replica with clocks of its own, and a store with another. */
function opened({ localAheadMs = 0 } = {}) {
  const wall = standingClock(T + localAheadMs)
  const monotonic = standingClock(5000)
  const server = standingClock(T)
  const events = recordedRevocationEvents()
  const clock = createStoreClock({ wall: wall.now, monotonicMs: monotonic.now, events })
  function pass(ms: number) {
    for (const each of [wall, monotonic, server]) each.advance(ms)
  }
  const sample = (behindMs = 0) => clock.sample({ clockMs: server.now() - behindMs, timeMs: server.now() - behindMs })
  return { wall, monotonic, server, events, clock, pass, sample, disagreements: () => events.of('clockDisagrees') }
}

describe('the issue time', () => {
  test('is not known before the store has been heard', () => {
    const { clock, sample } = opened()
    expect(() => clock.issueTime()).toThrow(StoreUnavailableError)
    expect([clock.lowerBound(), clock.atLeast()]).toEqual([0, 0])
    sample()
    expect(clock.issueTime()).toBe(T)
  })

  test('goes on by the monotonic clock, a thousandth slower, whatever the wall clock does', () => {
    const { clock, sample, pass, wall } = opened({ localAheadMs: HOUR_MS })
    sample()
    pass(10_000)
    wall.advance(-2 * HOUR_MS)
    expect(clock.issueTime()).toBe(T + 9990)
  })

  test('keeps to the best sample: one that was long on its way does not set it back', () => {
    const { clock, sample, pass } = opened()
    sample()
    pass(1000)
    sample(500)
    expect(clock.issueTime()).toBe(T + 999)
    sample(0)
    expect(clock.issueTime()).toBe(T + 1000)
  })

  test('leaves a moment that no server’s clock can have, for the store’s own', () => {
    const { clock, sample, pass } = opened()
    sample()
    clock.sample({ clockMs: Number.MAX_SAFE_INTEGER, timeMs: Number.MAX_SAFE_INTEGER })
    expect(clock.issueTime()).toBe(Number.MAX_SAFE_INTEGER)
    pass(1000)
    sample()
    expect(clock.issueTime()).toBe(T + 1000)
  })

  test('never goes back, and is never later than the store’s clock, given samples that were true when they were sent', () => {
    const step = fc.oneof(
      fc.record({ pass: fc.nat(5000) }),
      fc.record({ wall: fc.integer({ min: -HOUR_MS, max: HOUR_MS }) }),
      fc.record({ behind: fc.nat(3000) }),
      // The store's clock only ever jumps ahead; its rate differs a little.
      fc.record({ ahead: fc.nat(HOUR_MS) }),
      fc.record({ slow: fc.nat(5000) }),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const world = opened()
        let last = 0
        for (const one of steps) {
          if ('pass' in one) world.pass(one.pass)
          else if ('wall' in one) world.wall.advance(one.wall)
          else if ('ahead' in one) world.server.advance(one.ahead)
          else if ('behind' in one) world.sample(one.behind)
          else {
            world.monotonic.advance(one.slow)
            world.server.advance(one.slow * 0.9991)
          }
          const issued = world.clock.lowerBound()
          expect(issued).toBeGreaterThanOrEqual(last)
          expect(issued).toBeLessThanOrEqual(world.server.now())
          expect(Number.isInteger(issued)).toBe(true)
          last = issued
        }
      }),
    )
  })
})

describe('the time of day', () => {
  test('is the local clock’s before the store has been heard, and while the two agree', () => {
    const { clock, pass, sample, wall, disagreements } = opened({ localAheadMs: 1900 })
    expect(clock.now()).toBe(wall.now())
    sample()
    pass(5000)
    expect(clock.now()).toBe(T + 6900)
    expect(disagreements()).toEqual([])
  })

  test.for([HOUR_MS, -HOUR_MS, 2101, -2101, 365 * 24 * HOUR_MS])(
    'does not follow a local clock that jumps by %i ms',
    (jump) => {
      const { clock, pass, sample, wall, disagreements } = opened({ localAheadMs: 100 })
      sample()
      pass(1000)
      expect(clock.now()).toBe(T + 1100)
      wall.advance(jump)
      pass(500)
      expect(clock.now()).toBe(T + 1600)
      sample()
      pass(500)
      expect(clock.now()).toBe(T + 2100)
      expect(disagreements()).toEqual([{ byMs: jump + 100 }])
      wall.advance(-jump)
      expect(clock.now()).toBe(T + 2100)
      expect(disagreements()).toEqual([{ byMs: jump + 100 }, { byMs: undefined }])
    },
  )

  test('is right from the first call after a jump, though nobody has asked since the last sample', () => {
    const { clock, pass, sample, wall } = opened()
    sample()
    wall.advance(HOUR_MS)
    pass(700)
    sample()
    expect(clock.now()).toBe(T + 700)
  })

  test.for([HOUR_MS, -HOUR_MS])('does not follow the store’s clock that jumps by %i ms', (jump) => {
    const { clock, pass, sample, server, wall, disagreements } = opened({ localAheadMs: 100 })
    sample()
    pass(1000)
    server.advance(jump)
    sample()
    expect(clock.now()).toBe(wall.now())
    pass(1000)
    expect(clock.now()).toBe(wall.now())
    expect(disagreements()).toEqual([{ byMs: 100 - jump }])
    server.advance(-jump)
    sample()
    expect(clock.now()).toBe(wall.now())
    expect(disagreements()).toHaveLength(2)
  })

  test('is the server’s where the two have never agreed', () => {
    const { clock, pass, sample, disagreements } = opened({ localAheadMs: HOUR_MS })
    sample()
    pass(1000)
    expect(clock.now()).toBe(T + 1000)
    expect(disagreements()).toEqual([{ byMs: HOUR_MS }])
  })

  test('moves by 2 s at most when the local clock jumps, however often', () => {
    const step = fc.record({
      pass: fc.nat(3000),
      jump: fc.integer({ min: -HOUR_MS, max: HOUR_MS }),
      isSampled: fc.boolean(),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), fc.integer({ min: -2000, max: 2000 }), (steps, localAheadMs) => {
        const world = opened({ localAheadMs })
        world.sample()
        for (const { pass, jump, isSampled } of steps) {
          world.pass(pass)
          world.wall.advance(jump)
          if (isSampled) world.sample()
          expect(Math.abs(world.clock.now() - world.server.now())).toBeLessThanOrEqual(2000)
        }
      }),
    )
  })

  test('at least, is the earlier of both clocks', () => {
    const { clock, sample, server, pass } = opened()
    sample()
    expect(clock.atLeast()).toBe(T)
    server.advance(HOUR_MS)
    sample()
    expect(clock.atLeast()).toBe(T)
    pass(1000)
    expect(clock.atLeast()).toBe(T + 1000)
  })
})

import { describe, expect, test } from 'vitest'
import { createAttempts } from '../../src/admin/attempts.ts'
import { standingClock } from '../contracts/clock.ts'

describe('wrong credentials', () => {
  test('are borne ten times, then one for every six seconds', () => {
    const clock = standingClock()
    const attempts = createAttempts(clock.now)
    for (let count = 0; count < 10; count++) {
      expect(attempts.waitMs('192.0.2.1')).toBe(0)
      attempts.failed('192.0.2.1')
    }
    expect(attempts.waitMs('192.0.2.1')).toBe(6_000)
    clock.advance(5_999)
    expect(attempts.waitMs('192.0.2.1')).toBe(1)
    clock.advance(1)
    expect(attempts.waitMs('192.0.2.1')).toBe(0)
    attempts.failed('192.0.2.1')
    expect(attempts.waitMs('192.0.2.1')).toBe(6_000)
    clock.advance(60_000)
    for (let count = 0; count < 10; count++) attempts.failed('192.0.2.1')
    expect(attempts.waitMs('192.0.2.1')).toBe(6_000)
  })

  test.for([
    ['2001:db8::1', '2001:db8::ffff', true],
    ['2001:db8:0:0:1::1', '2001:db8::2:0:0:1', true],
    ['2001:db8::1', '2001:db8:0:1::1', false],
    ['::1', '::2', true],
    ['192.0.2.1', '192.0.2.2', false],
    ['::ffff:192.0.2.1', '::ffff:192.0.2.2', false],
  ] as const)('of %s count for %s: %s', ([one, other, isSame]) => {
    const attempts = createAttempts(() => 0)
    for (let count = 0; count < 10; count++) attempts.failed(one)
    expect(attempts.waitMs(other) > 0).toBe(isSame)
  })

  test('of a million addresses are not all remembered', () => {
    const attempts = createAttempts(() => 0)
    for (let count = 0; count < 10; count++) attempts.failed('192.0.2.1')
    for (let address = 0; address < 2_000; address++) attempts.failed(`10.0.${address >> 8}.${address & 255}`)
    expect(attempts.waitMs('192.0.2.1')).toBe(0)
  })
})

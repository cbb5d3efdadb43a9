import { describe, expect, test } from 'vitest'
import { createExpectedReplicas } from '../../src/revocation/expected-replicas.ts'
import { standingClock } from '../contracts/clock.ts'

function counting(configured?: number) {
  const clock = standingClock(0)
  return { clock, replicas: createExpectedReplicas({ monotonicMs: clock.now, configured }) }
}

describe('as many replicas are expected as', () => {
  test('are online', () => {
    const { replicas } = counting()
    expect(replicas.expected('a', 0)).toBe(0)
    expect(replicas.expected('a', 2)).toBe(2)
  })

  test('were online within the last 10 seconds, at whichever master', () => {
    const { replicas, clock } = counting()
    replicas.seen('a', 2)
    clock.advance(10_000)
    expect(replicas.expected('b', 1)).toBe(2)
    clock.advance(1)
    expect(replicas.expected('b', 1)).toBe(1)
  })

  test('one, at a server that had one and has lost sight of it', () => {
    const { replicas, clock } = counting()
    replicas.seen('a', 1)
    clock.advance(60_000)
    expect(replicas.expected('a', 0)).toBe(1)
    expect(replicas.expected('b', 0)).toBe(0)
  })

  test('are configured, if that is more', () => {
    const { replicas } = counting(2)
    expect(replicas.expected('a', 0)).toBe(2)
    expect(replicas.expected('a', 3)).toBe(3)
  })
})

import { describe, expect, test } from 'vitest'
import { PROMISED } from '../../faults/bounds.ts'
import type { Entry } from '../../faults/history.ts'
import { figuresOfHistory, spreadOf } from '../../faults/history-figures.ts'
import { bystander, check, dataLoss, fault, forcedLogin, mint, revoke, signIn, sweep, tried } from './sample-history.ts'

const END_MS = 300_000

function figures(...entries: Entry[]) {
  return figuresOfHistory([...bystander(END_MS), ...entries], PROMISED)
}

const none = { count: 0, p50: undefined, p99: undefined, max: undefined }

describe('the figures of a history', () => {
  test('count what happened', () => {
    expect(figures(signIn(1), mint(30), revoke(1000), ...sweep(END_MS, 't1', 'challenge'))).toMatchObject({
      sessions: 2,
      tokens: 2,
      checks: { allow: 3, challenge: 3, forbid: 0, unavailable: 0, none: 0 },
      revocations: { accepted: 1, pending: 0, unknown: 0 },
    })
  })

  test('say how long the slowest replica took to refuse for good', () => {
    const refusals = [check(1050, 'r1', 'challenge'), check(1300, 'r2', 'challenge'), check(1100, 'r3', 'challenge')]
    const { acceptedToRefused } = figures(signIn(1), mint(30), revoke(1000), check(1200, 'r2', 'allow'), ...refusals)
    expect(acceptedToRefused).toEqual({ quiet: { count: 1, p50: 300, p99: 300, max: 300 }, troubled: none })
  })

  test('keep apart what took its time during a fault', () => {
    const { acceptedToRefused } = figures(
      ...[signIn(1), mint(30), revoke(1000), ...fault(900, 5000)],
      ...sweep(9000, 't1', 'challenge'),
    )
    expect(acceptedToRefused).toEqual({ quiet: none, troubled: { count: 1, p50: 8000, p99: 8000, max: 8000 } })
  })

  test('leave out what another revocation may have brought about', () => {
    const { acceptedToRefused } = figures(
      ...[signIn(1), mint(30), revoke(500, { answer: 'pending' }), revoke(1000)],
      ...sweep(9000, 't1', 'challenge'),
    )
    expect(acceptedToRefused).toEqual({ quiet: none, troubled: none })
  })

  test('say of pending revocations how many hold in the end', () => {
    const pending = revoke(1000, { answer: 'pending' })
    const issued = [signIn(1), mint(30)]
    expect(figures(...issued, pending, ...sweep(9000, 't1', 'challenge')).pending).toEqual({
      count: 1,
      heldInTheEnd: 1,
    })
    expect(figures(...issued, pending, ...sweep(9000, 't1', 'allow')).pending).toEqual({ count: 1, heldInTheEnd: 0 })
    expect(figures(signIn(2000), mint(2020), pending).pending).toEqual({ count: 0, heldInTheEnd: 0 })
  })

  test('say how long recovery took', () => {
    expect(figures(...fault(500, 5000), { kind: 'recovered', atMs: 7000 }).recovery).toMatchObject({
      count: 1,
      max: 2000,
    })
    expect(figures().recovery).toEqual(none)
  })

  test('count logins that data loss forced by its cause, each session once', () => {
    const { loginsForcedByDataLoss } = figures(
      ...[signIn(1), mint(30), signIn(1, 's2'), mint(30, 't2'), dataLoss(500)],
      ...[check(600, 'r1', 'challenge'), check(700, 'r2', 'challenge'), forcedLogin(800), forcedLogin(800, 's2')],
    )
    expect(loginsForcedByDataLoss).toEqual({ FLUSHALL: 2 })
  })

  test('count one-time things, those nobody got, and those got again because the store forgot', () => {
    const { oneTime, repeatedAfterDataLoss } = figures(
      ...[tried(10, true), dataLoss(500), tried(900, true)],
      tried(10, false, { thing: 'code 2' }),
    )
    expect(oneTime).toEqual({ things: 2, succeededNever: 1 })
    expect(repeatedAfterDataLoss).toBe(1)
  })
})

test('a spread goes by the nearest rank', () => {
  const upTo100 = Array.from({ length: 100 }, (_, index) => 100 - index)
  expect(spreadOf(upTo100)).toEqual({ count: 100, p50: 50, p99: 99, max: 100 })
  expect(spreadOf([7])).toEqual({ count: 1, p50: 7, p99: 7, max: 7 })
})

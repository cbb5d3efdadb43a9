import { describe, expect, test } from 'vitest'
import { figuresOf } from '../../bench/figures.ts'
import type { Machine } from '../../bench/machine.ts'
import { type Run, scheduleOf, withBaselines } from '../../bench/measure.ts'
import { allRows } from '../../bench/rows.ts'

const run = (name: string, more: Partial<Run> = {}): Run => ({
  name,
  requestsPerSecond: 30_000,
  p50Ms: 1,
  p99Ms: 2,
  ratioToEmpty: 0.8,
  ratioToConstant: 0.9,
  ...more,
})
const machine = { nginx: undefined } as Machine

describe('the rows', () => {
  test('are each named once', () => {
    const names = allRows([]).map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
  })

  test('bring the baselines that they are compared with', () => {
    const all = allRows([])
    const chosen = all.filter(({ name }) => name === 'check warm forward user only')
    const names = withBaselines(chosen, all).map(({ name }) => name)
    expect(names).toEqual(['empty', 'constant user only', 'check warm forward user only'])
  })

  test('say what they lack on a bare machine', () => {
    const lacking = allRows([]).filter((row) => row.missing(machine) !== undefined)
    expect(lacking.map(({ name }) => name)).toEqual(['nginx without auth', 'nginx with auth', 'oauth2-proxy'])
  })

  test('have a peer when its program is given', () => {
    const peer = allRows([{ name: 'oauth2-proxy', path: '/opt/oauth2-proxy' }]).find(
      ({ name }) => name === 'oauth2-proxy',
    )
    expect(peer?.missing(machine)).toBeUndefined()
  })
})

describe('the time of a row', () => {
  test.for([
    [0.2, { rounds: 1, sliceSeconds: 0.2 }],
    [1, { rounds: 1, sliceSeconds: 1 }],
    [3, { rounds: 3, sliceSeconds: 1 }],
    [10, { rounds: 5, sliceSeconds: 2 }],
  ] as const)('of %d s is cut up so that no slice is shorter than it can be', ([seconds, schedule]) => {
    expect(scheduleOf(seconds)).toEqual(schedule)
  })
})

describe('the goals', () => {
  test('are compared with constant for the full answer and with empty for the user alone', () => {
    const runs = [run('check warm nginx'), run('check warm nginx user only', { ratioToEmpty: 0.79 })]
    expect(figuresOf(runs, []).map(({ name, isReached }) => [name, isReached])).toEqual([
      ['check warm nginx, to constant', true],
      ['check warm nginx user only, to empty', false],
    ])
  })

  test('ask for three times the requests of a peer and a lower p99', () => {
    const runs = [run('check warm forward'), run('oauth2-proxy', { requestsPerSecond: 10_000, p99Ms: 4 })]
    expect(figuresOf(runs, ['oauth2-proxy']).at(-1)).toMatchObject({ isReached: true })
  })
})

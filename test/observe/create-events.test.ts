import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createEvents } from '../../src/observe/create-events.ts'
import type { Events } from '../../src/observe/events.ts'
import { logList } from '../../src/observe/log-list.ts'
import type { Reason } from '../../src/policy/reasons.ts'
import { ALLOW, eventTable, SID, SUBJECT } from './event-table.ts'
import { NOW, type Observed, observed } from './observed.ts'

function call(events: Events, name: keyof Events, argument: object): void {
  const report = events[name] as (argument: object) => void
  report(argument)
}

const check = {
  dialect: 'nginx',
  application: 'shop/cart',
  decision: ALLOW,
  host: 'cart.example.com',
  path: '/',
  method: 'GET',
  clientAddress: undefined,
  subject: undefined,
  seconds: 0,
}

describe('every event', () => {
  for (const { title, event, argument, samples, line } of eventTable) {
    test(`counts and logs ${title} (${event})`, async () => {
      const seen = observed()
      call(seen.events, event, argument)
      const found = await seen.samples()
      for (const sample of samples) expect(found).toContain(sample)
      expect(seen.lines()).toEqual([
        JSON.parse(
          JSON.stringify({
            ...line,
            time: new Date(NOW).toISOString(),
            service: 'gatehouse',
            version: '1.2.3',
            event,
          }),
        ),
      ])
    })
  }

  test('stands in the table, and counts nothing beside what the table says of it', async () => {
    const seen = observed()
    expect(new Set(eventTable.map(({ event }) => event))).toEqual(new Set(Object.keys(seen.events)))
    const names = new Set<string>()
    for (const { event, argument } of eventTable) {
      call(seen.events, event, argument)
      // Looked at each time: a later row may set a gauge back to 0.
      for (const sample of await seen.samples()) names.add(nameOf(sample))
    }
    const declared = eventTable.flatMap(({ samples }) => samples.map(nameOf))
    expect(names).toEqual(new Set(declared))
  })

  test('writes exactly the fields that the list gives it', () => {
    const written = new Map<string, Set<string>>(Object.keys(logList).map((event) => [event, new Set()]))
    for (const { event, argument } of eventTable) {
      const seen = observed()
      call(seen.events, event, argument)
      const common = ['level', 'time', 'service', 'version', 'event']
      for (const field of Object.keys(seen.lines()[0] ?? {}))
        if (!common.includes(field)) written.get(event)?.add(field)
    }
    for (const [event, { fields }] of Object.entries(logList)) {
      expect([event, [...(written.get(event) ?? [])].sort()]).toEqual([event, [...fields].sort()])
    }
  })

  test('of a replica that leads no more leaves none of the conflicts that it had as the leader', async () => {
    const { events, samples } = observed()
    events.leadershipChanged({ isLeader: true, detail: 'gatehouse-0' })
    events.controllerRan({ seconds: 0, writes: 1, failures: 1, conflicts: 1 })
    expect(await samples()).toContain('gatehouse_controller_conflicts 1')
    events.leadershipChanged({ isLeader: false, detail: 'it was not renewed in time' })
    expect((await samples()).filter((sample) => sample.startsWith('gatehouse_controller_conflicts'))).toEqual([])
  })

  test('survives a log that fails, and counts that', async () => {
    const { metrics, samples } = observed()
    const log = {
      isEnabled: () => true,
      write: () => {
        throw new Error('disk full')
      },
    }
    const events = createEvents({ metrics, log, allowSampling: 1, random: Math.random, now: () => NOW })
    for (const { event, argument } of eventTable) call(events, event, argument)
    expect(await samples()).toContain(`gatehouse_internal_errors_total{where="events"} ${eventTable.length}`)
  })

  test('survives an argument that fails while it is read', () => {
    const { events } = observed()
    const hostile = new Proxy(
      {},
      {
        get() {
          throw new Error('no')
        },
      },
    )
    for (const name of Object.keys(events) as (keyof Events)[]) expect(() => call(events, name, hostile)).not.toThrow()
  })
})

describe('sampling', () => {
  const drawn = (allowSampling: number, numbers: number[]) => {
    let draws = 0
    const seen = observed({ allowSampling, random: () => numbers[draws++] ?? 0 })
    for (const _ of numbers) seen.events.decided(check)
    return { draws, lines: seen.lines().length, seen }
  }

  test('writes every allow at 1 and none at 0, without drawing a number', () => {
    expect(drawn(1, [0.99, 0.99])).toMatchObject({ draws: 0, lines: 2 })
    expect(drawn(0, [0, 0])).toMatchObject({ draws: 0, lines: 0 })
  })

  test('writes an allow when the number drawn is below the share', () => {
    expect(drawn(0.25, [0.1, 0.25, 0.24, 0.9])).toMatchObject({ draws: 4, lines: 2 })
  })

  test('counts what it does not write', async () => {
    const { seen } = drawn(0, [0, 0, 0])
    expect(await seen.samples()).toContain(
      'gatehouse_checks_total{application="shop/cart",outcome="allow",reason="policy-allows",dialect="nginx"} 3',
    )
  })

  test('never leaves out what is no allow', () => {
    const seen = observed({ allowSampling: 0 })
    for (const outcome of ['challenge', 'forbid', 'unavailable'] as const)
      seen.events.decided({ ...check, decision: { ...ALLOW, outcome } })
    expect(seen.lines().map(({ outcome }) => outcome)).toEqual(['challenge', 'forbid', 'unavailable'])
  })
})

test('a level keeps lower lines out and still counts', async () => {
  const seen = observed({ level: 'warn' })
  seen.events.decided(check)
  seen.events.storeCalled({ operation: 'find', outcome: 'ok', seconds: 0.001 })
  seen.events.decided({ ...check, decision: { ...ALLOW, outcome: 'forbid', reason: 'policy-denies' } })
  expect(seen.lines().map(({ reason }) => reason)).toEqual(['policy-denies'])
  expect(await seen.samples()).toContain('gatehouse_store_calls_total{operation="find",outcome="ok"} 1')
})

test('a fault of ours that refuses a check is written as an error', () => {
  const seen = observed()
  seen.events.decided({ ...check, decision: { ...ALLOW, outcome: 'forbid', reason: 'internal-error' } })
  expect(seen.lines()[0]?.level).toBe('error')
})

describe('labels', () => {
  const labelOf = async (seen: Observed, metric: string) => (await seen.samples()).filter((s) => s.startsWith(metric))

  test('an application that nobody serves counts under the empty label, however often it changes', async () => {
    const seen = observed()
    for (let i = 0; i < 50; i++) {
      const application = `made-up/${i}`
      seen.events.decided({
        ...check,
        application,
        decision: { ...ALLOW, outcome: 'forbid', reason: 'no-application' },
      })
      seen.events.admitted({ application, decision: ALLOW, subject: SUBJECT, sid: SID, clientAddress: undefined })
      seen.events.redeemed({ application, subject: SUBJECT, sid: SID })
    }
    expect(await labelOf(seen, 'gatehouse_checks_total')).toEqual([
      'gatehouse_checks_total{application="",outcome="forbid",reason="no-application",dialect="nginx"} 50',
    ])
    expect(await labelOf(seen, 'gatehouse_admissions_total')).toHaveLength(1)
    expect(await labelOf(seen, 'gatehouse_redemptions_total')).toEqual([
      'gatehouse_redemptions_total{application=""} 50',
    ])
  })

  test('a dialect that does not exist counts under the empty label', async () => {
    const seen = observed()
    for (let i = 0; i < 50; i++)
      seen.events.decided({
        ...check,
        dialect: `made-up-${i}`,
        application: undefined,
        decision: { ...ALLOW, outcome: 'forbid', reason: 'dialect-unknown' },
      })
    expect(await labelOf(seen, 'gatehouse_check_duration_seconds_count')).toEqual([
      'gatehouse_check_duration_seconds_count{dialect=""} 50',
    ])
  })

  test('no text of a client’s and nothing about a person becomes one', async () => {
    const text = fc.oneof(fc.string(), fc.emailAddress(), fc.base64String({ minLength: 40 }))
    await fc.assert(
      fc.asyncProperty(text, fc.integer(), async (hostile, tag) => {
        const canary = `${hostile} canary${tag} `
        const seen = observed()
        for (const { event, argument } of eventTable) call(seen.events, event, poison(argument, canary))
        seen.events.decided({ ...check, decision: { ...ALLOW, reason: 'login-required' satisfies Reason } })
        expect(await seen.metrics.text()).not.toContain(`canary${tag}`)
      }),
      { numRuns: 30 },
    )
  })
})

/** Puts a text wherever a caller's own words stand; words of a fixed vocabulary stay. */
function poison(argument: object, canary: string): object {
  const fixed = [
    'outcome',
    'scope',
    'kind',
    'decision',
    'kinds',
    'line',
    'seconds',
    'status',
    'sessions',
    'isAvailable',
  ]
  const operations = 'provider' in argument ? ['operation'] : []
  return Object.fromEntries(
    Object.entries(argument).map(([key, value]) => [key, [...fixed, ...operations].includes(key) ? value : canary]),
  )
}

function nameOf(sample: string): string {
  return sample.replace(/[{ ].*/, '').replace(/_(bucket|sum|count)$/, '')
}

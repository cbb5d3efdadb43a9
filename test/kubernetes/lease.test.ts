import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { holdLease, type Leadership } from '../../src/kubernetes/lease.ts'
import type { Term } from '../../src/kubernetes/term.ts'
import { type Fault, type LeaseServer, leaseServer } from './lease-server.ts'

beforeEach(() => {
  vi.useFakeTimers({ now: Date.UTC(2026, 0, 2, 3, 4, 5, 678) })
})
afterEach(() => {
  vi.useRealTimers()
})

interface Candidate {
  readonly leadership: Leadership
  readonly link: { fault: Fault; latencyMs: number }
  readonly terms: Term[]
  readonly said: string[]
}

function candidate(
  server: LeaseServer,
  identity: string,
  { onLeading, random = Math.random }: { onLeading?: (term: Term) => Promise<void> | void; random?: () => number } = {},
): Candidate {
  const link = { fault: 'none' as Fault, latencyMs: 2 }
  const terms: Term[] = []
  const said: string[] = []
  const leadership = holdLease({
    client: server.client(link),
    namespace: 'gatehouse-system',
    name: 'gatehouse',
    identity,
    monotonicMs: () => performance.now(),
    now: Date.now,
    random,
    events: {
      leadershipChanged: ({ isLeader, detail }) => said.push(`${isLeader ? 'leads' : 'leads no more'}: ${detail}`),
      leaseTrouble: ({ problem }) => said.push(`trouble: ${problem ?? 'over'}`),
      internalError: ({ where, error }) => said.push(`error in ${where}: ${(error as Error).message}`),
    },
    onLeading: (term) => {
      terms.push(term)
      return onLeading?.(term)
    },
  })
  return { leadership, link, terms, said }
}

const seconds = (count: number) => vi.advanceTimersByTimeAsync(count * 1000)
const leaders = (...all: Candidate[]) => all.map(({ leadership }) => leadership.isLeader())
const spec = (server: LeaseServer) => server.lease?.spec as Record<string, unknown>

/** One that leads, and another one that would. */
async function two(): Promise<{ server: LeaseServer; a: Candidate; b: Candidate }> {
  const server = leaseServer()
  const a = candidate(server, 'a')
  await seconds(4)
  const b = candidate(server, 'b')
  await seconds(3)
  expect(leaders(a, b)).toEqual([true, false])
  return { server, a, b }
}

/** Lets time pass in small steps, and sees to it that never two lead. @returns who led at the end of each */
async function watched(all: Candidate[], count: number): Promise<boolean[][]> {
  const history: boolean[][] = []
  for (let step = 0; step < count * 20; step += 1) {
    await vi.advanceTimersByTimeAsync(50)
    const now = leaders(...all)
    expect(now.filter(Boolean).length).toBeLessThan(2)
    history.push(now)
  }
  return history
}

describe('an election', () => {
  test('makes the lease where there is none, and leads shortly after', async () => {
    const server = leaseServer()
    const a = candidate(server, 'a')
    await seconds(3.1)
    expect(leaders(a)).toEqual([true])
    expect(server.lease).toMatchObject({
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { namespace: 'gatehouse-system', name: 'gatehouse' },
      spec: { holderIdentity: 'a', leaseDurationSeconds: 15, leaseTransitions: 0 },
    })
    expect(spec(server).acquireTime).toMatch(/^2026-01-02T03:04:0\d\.\d{6}Z$/)
    await seconds(10)
    expect(Date.parse(String(spec(server).renewTime))).toBeGreaterThan(Date.parse(String(spec(server).acquireTime)))
    expect(a.terms).toHaveLength(1)
  })

  test('has one winner among many that begin at once, who goes on leading', async () => {
    const server = leaseServer()
    const all = ['a', 'b', 'c', 'd'].map((name) => candidate(server, name))
    const history = await watched(all, 60)
    expect(history.at(-1)?.filter(Boolean)).toHaveLength(1)
    expect(all.flatMap(({ terms }) => terms)).toHaveLength(1)
    expect(all.flatMap(({ said }) => said).filter((line) => line.startsWith('trouble'))).toEqual([])
  })

  test('is won by another one once the leader has fallen silent for as long as the lease lasts', async () => {
    const { server, a, b } = await two()
    a.link.fault = 'silent'
    const history = await watched([a, b], 20)
    const lost = history.findIndex(([isLeader]) => isLeader !== true) * 50
    const won = history.findIndex(([, isLeader]) => isLeader) * 50
    expect(lost).toBeGreaterThan(7_000)
    expect(lost).toBeLessThanOrEqual(10_050)
    expect(won - lost).toBeGreaterThan(4_000)
    expect(won).toBeLessThanOrEqual(17_200)
    expect(spec(server)).toMatchObject({ holderIdentity: 'b', leaseTransitions: 1 })
    a.link.fault = 'none'
    await watched([a, b], 30)
    expect(leaders(a, b)).toEqual([false, true])
    expect(a.said.slice(1)).toEqual([
      expect.stringMatching(/^trouble: /),
      'leads no more: it was not renewed in time',
      'trouble: over',
    ])
    expect(a.terms[0]?.lost.aborted).toBe(true)
  })

  test('goes by its own clock, and by no time that stands in the lease', async () => {
    const { server, a, b } = await two()
    vi.setSystemTime(Date.UTC(2031, 0, 1))
    await watched([a, b], 20)
    server.edit((old) => ({
      ...old,
      renewTime: '1999-01-01T00:00:00.000000Z',
      acquireTime: '2999-01-01T00:00:00.000000Z',
    }))
    await watched([a, b], 20)
    expect(leaders(a, b)).toEqual([true, false])
  })

  test('a renewal whose answer is lost on the way is no loss of the lead', async () => {
    const { a, b } = await two()
    a.link.fault = 'answer-lost'
    await seconds(4)
    a.link.fault = 'none'
    await watched([a, b], 20)
    expect(leaders(a, b)).toEqual([true, false])
    expect(a.terms).toHaveLength(1)
  })

  test('an answer that comes after the time that it would have given makes no leader', async () => {
    const server = leaseServer()
    const link = { fault: 'none' as Fault, latencyMs: 22_000 }
    const a = candidate(server, 'a')
    Object.assign(a.link, link)
    await watched([a], 80)
    expect(a.terms).toEqual([])
  })

  test('one that has lost the lead and regains it leads anew, after its earlier work has ended', async () => {
    const server = leaseServer()
    const ends: (() => void)[] = []
    const a = candidate(server, 'a', { onLeading: () => new Promise((resolve) => ends.push(resolve)) })
    await seconds(4)
    a.link.fault = 'unreachable'
    await seconds(30)
    expect(leaders(a)).toEqual([false])
    a.link.fault = 'none'
    await seconds(3)
    expect(leaders(a)).toEqual([true])
    expect(a.terms).toHaveLength(1)
    ends[0]?.()
    await seconds(1)
    expect(a.terms.map((term) => term.isLeader())).toEqual([false, true])
    expect(spec(server)).toMatchObject({ leaseTransitions: 0 })
  })
})

describe('never do two lead, and before long one does', () => {
  test.each<[string, (server: LeaseServer, a: Candidate) => void]>([
    ['the lease is deleted by hand', (server) => server.remove()],
    ['its holder is taken out by hand', (server) => server.edit((old) => ({ ...old, holderIdentity: '' }))],
    ['its holder is null', (server) => server.edit((old) => ({ ...old, holderIdentity: null }))],
    ['its holder is a number', (server) => server.edit((old) => ({ ...old, holderIdentity: 7 }))],
    ['its holder is somebody unknown', (server) => server.edit((old) => ({ ...old, holderIdentity: 'kubectl' }))],
    [
      'it claims to last for years',
      (server) => server.edit(() => ({ holderIdentity: 'x', leaseDurationSeconds: 1e9 })),
    ],
    ['it claims to last a second', (server) => server.edit((old) => ({ ...old, leaseDurationSeconds: 1 }))],
    ['its duration is below nothing', (server) => server.edit((old) => ({ ...old, leaseDurationSeconds: -5 }))],
    ['its duration is text', (server) => server.edit((old) => ({ ...old, leaseDurationSeconds: 'long' }))],
    ['its count is the largest there is', (server) => server.edit(() => ({ leaseTransitions: 2_147_483_647 }))],
    ['it has no spec', (server) => server.edit(() => undefined)],
    ['its spec is text', (server) => server.edit(() => 'rubbish')],
    [
      'it is deleted, and the leader cut off',
      (server, a) => {
        server.remove()
        a.link.fault = 'unreachable'
      },
    ],
    [
      'its holder is taken out, and the leader cut off',
      (server, a) => {
        server.edit(() => ({}))
        a.link.fault = 'silent'
      },
    ],
    [
      'the leader may not write',
      (_, a) => {
        a.link.fault = 'forbidden'
      },
    ],
    [
      'the leader gets rubbish for answers',
      (_, a) => {
        a.link.fault = 'rubbish'
      },
    ],
  ])('when %s', async (_, happen) => {
    const { server, a, b } = await two()
    happen(server, a)
    const history = await watched([a, b], 90)
    expect(history.at(-1)?.filter(Boolean)).toHaveLength(1)
    expect(spec(server).holderIdentity).toBe(a.leadership.isLeader() ? 'a' : 'b')
    expect(spec(server).leaseTransitions).toBeLessThan(10)
  })

  test('when the server fails all of them and comes back', async () => {
    const { server, a, b } = await two()
    for (const fault of ['unreachable', 'silent', 'forbidden', 'rubbish', 'answer-lost'] as const) {
      for (const { link } of [a, b]) link.fault = fault
      await watched([a, b], 40)
      for (const { link } of [a, b]) link.fault = 'none'
      const history = await watched([a, b], 25)
      expect(history.at(-1)?.filter(Boolean)).toHaveLength(1)
    }
    expect(server.lease).toBeDefined()
  })

  const edits = {
    deleted: (server: LeaseServer) => server.remove(),
    vacated: (server: LeaseServer) => server.edit((old) => ({ ...old, holderIdentity: '' })),
    usurped: (server: LeaseServer) => server.edit((old) => ({ ...old, holderIdentity: 'kubectl' })),
    emptied: (server: LeaseServer) => server.edit(() => ({})),
  }
  const happening = fc.record({
    afterSteps: fc.integer({ min: 0, max: 200 }),
    what: fc.oneof(
      fc.record({
        who: fc.nat(2),
        fault: fc.constantFrom<Fault>('none', 'none', 'unreachable', 'answer-lost', 'silent', 'forbidden', 'rubbish'),
        latencyMs: fc.constantFrom(2, 300, 4_900, 9_000, 21_000),
      }),
      fc.record({ edit: fc.constantFrom('deleted', 'vacated', 'usurped', 'emptied') }),
    ),
  })

  test('whatever happens to the server, the lease and the ways there', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(happening, { maxLength: 12 }), async (happenings) => {
        const server = leaseServer()
        const all = ['a', 'b', 'c'].map((name) => candidate(server, name, { random: () => 0.5 }))
        await seconds(5)
        for (const { afterSteps, what } of happenings) {
          await watched(all, afterSteps / 20)
          if ('edit' in what) edits[what.edit](server)
          else Object.assign(all[what.who]?.link ?? {}, what)
        }
        for (const { link } of all) Object.assign(link, { fault: 'none', latencyMs: 2 })
        const history = await watched(all, 45)
        expect(history.at(-1)?.filter(Boolean)).toHaveLength(1)
        await Promise.all([...all.map(({ leadership }) => leadership.release()), seconds(10)])
      }),
      { numRuns: 60, endOnFailure: true },
    )
  }, 60_000)
})

test('never do two lead, either, when newcomers find a lease that was deleted by hand', async () => {
  const happening = fc.record({
    afterSteps: fc.integer({ min: 0, max: 120 }),
    what: fc.constantFrom('delete', 'delete', 'empty', 'come', 'come'),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(happening, { maxLength: 12 }), async (happenings) => {
      const server = leaseServer()
      const all = [candidate(server, 'first')]
      for (const [index, { afterSteps, what }] of happenings.entries()) {
        await watched(all, afterSteps / 20)
        if (what === 'delete') server.remove()
        else if (what === 'empty') server.edit(() => ({}))
        else all.push(candidate(server, `newcomer-${index}`))
      }
      const history = await watched(all, 45)
      expect(history.at(-1)?.filter(Boolean)).toHaveLength(1)
      await Promise.all([...all.map(({ leadership }) => leadership.release()), seconds(10)])
    }),
    { numRuns: 60, endOnFailure: true },
  )
}, 60_000)

describe('a process that was paused', () => {
  test('knows at once that it leads no more, whatever answer was waiting for it', async () => {
    let clockMs = 0
    const server = leaseServer()
    const terms: Term[] = []
    const link = { fault: 'none' as Fault, latencyMs: 2 }
    const leadership = holdLease({
      client: server.client(link),
      namespace: 'n',
      name: 'l',
      identity: 'a',
      monotonicMs: () => clockMs + performance.now(),
      now: Date.now,
      random: () => 0.5,
      events: { leadershipChanged: () => undefined, leaseTrouble: () => undefined, internalError: () => undefined },
      onLeading: (term) => void terms.push(term),
    })
    await seconds(4)
    expect(leadership.isLeader()).toBe(true)
    link.latencyMs = 1_000
    await seconds(1.6)
    clockMs += 60_000
    expect(leadership.isLeader()).toBe(false)
    expect(terms[0]?.isLeader()).toBe(false)
    await seconds(0.6)
    expect(terms[0]?.isLeader()).toBe(false)
    expect(terms[0]?.lost.aborted).toBe(true)
    await seconds(6)
    expect(leadership.isLeader()).toBe(true)
    expect(terms.map((term) => term.isLeader())).toEqual([false, true])
  })
})

describe('releasing', () => {
  test('gives the lease up as client-go does, and the next one leads within 2 s', async () => {
    const { server, a, b } = await two()
    await Promise.all([a.leadership.release(), seconds(0.1)])
    expect(a.leadership.isLeader()).toBe(false)
    expect(a.terms[0]?.lost.aborted).toBe(true)
    expect(spec(server)).toMatchObject({ holderIdentity: '', leaseDurationSeconds: 1, leaseTransitions: 0 })
    await seconds(2.1)
    expect(leaders(a, b)).toEqual([false, true])
    expect(spec(server)).toMatchObject({ holderIdentity: 'b', leaseDurationSeconds: 15, leaseTransitions: 1 })
    await seconds(60)
    expect(leaders(a, b)).toEqual([false, true])
  })

  test('waits until the work has ended, and leaves the lease to run out if it does not', async () => {
    const server = leaseServer()
    const ends: (() => void)[] = []
    const onLeading = () => new Promise<void>((resolve) => ends.push(resolve))
    const [a, b] = [candidate(server, 'a', { onLeading }), candidate(server, 'b', { onLeading })]
    await seconds(5)
    const [first, second] = a.leadership.isLeader() ? [a, b] : [b, a]
    const released = first.leadership.release()
    await seconds(1)
    expect(first.leadership.isLeader()).toBe(false)
    expect(spec(server).holderIdentity).not.toBe('')
    ends[0]?.()
    await seconds(0.1)
    await released
    expect(spec(server).holderIdentity).toBe('')
    await seconds(3)
    expect(second.leadership.isLeader()).toBe(true)
    await Promise.all([second.leadership.release(), seconds(3)])
    expect(spec(server).holderIdentity).not.toBe('')
  })

  test.each<[string, Fault]>([
    ['is cut off', 'unreachable'],
    ['gets no answer', 'silent'],
    ['may not write', 'forbidden'],
  ])('ends soon even for one that %s, and never rejects', async (_, fault) => {
    const { a } = await two()
    a.link.fault = fault
    let isReleased = false
    const released = a.leadership.release().then(() => {
      isReleased = true
    })
    await seconds(4.1)
    expect(isReleased).toBe(true)
    await released
  })

  test('gives up a lease that a renewal which was cut off has renewed meanwhile', async () => {
    const { server, a, b } = await two()
    await b.leadership.release()
    a.link.latencyMs = 1_000
    const before = server.writes.length
    while (server.writes.length === before) await seconds(0.01)
    await Promise.all([a.leadership.release(), seconds(2)])
    expect(server.writes).toHaveLength(before + 2)
    expect(spec(server).holderIdentity).toBe('')
  })

  test('writes nothing for one that never led, and does nothing the second time', async () => {
    const { server, a, b } = await two()
    const before = JSON.stringify(server.lease)
    await b.leadership.release()
    expect(JSON.stringify(server.lease)).toBe(before)
    await Promise.all([a.leadership.release(), seconds(0.1)])
    const after = server.writes.length
    await a.leadership.release()
    expect(server.writes).toHaveLength(after)
  })
})

test('one whose work fails lets another one lead', async () => {
  const server = leaseServer()
  const fail = async () => {
    throw new Error('broken')
  }
  const a = candidate(server, 'a', { onLeading: fail })
  await seconds(2)
  const b = candidate(server, 'b')
  await watched([a, b], 10)
  expect(leaders(a, b)).toEqual([false, true])
  expect(a.said).toEqual(['leads: a', 'error in leader: broken', 'leads no more: what the leader does failed'])
})

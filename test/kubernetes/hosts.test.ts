import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatHostClaims, type RecordedHost } from '../../src/kubernetes/host-claims-text.ts'
import {
  HOST_KEPT_MS,
  type HostRecordInput,
  recordedClaims,
  recordHostClaims,
  type WantedHost,
  wantedHosts,
} from '../../src/kubernetes/hosts.ts'
import { type HostGrant, hostOwners } from '../../src/resources/host-owners.ts'
import { application, compiled, madeOn, manifest, policy, readAll } from '../resources/world.ts'

const NOW = Date.UTC(2026, 0, 31)
const HOUR = 60 * 60 * 1000
const AUTH = 'auth.example.com'

/** `host namespace day`, `?` after the day for an application that is not valid. */
function wanted(...texts: string[]): WantedHost[] {
  return texts.map((text) => {
    const [host = '', namespace = '', day = '1'] = text.split(' ')
    const createdAt = `2026-01-0${day.replace('?', '')}T00:00:00Z`
    return { host, namespace, createdAt, mayBeFirst: !day.endsWith('?') }
  })
}

/** `host namespace`, and how many hours ago it was last claimed. */
function record(...texts: string[]): RecordedHost[] {
  return texts.map((text) => {
    const [host = '', namespace = '', hours] = text.split(' ')
    return { host, namespace, unclaimedSince: hours === undefined ? undefined : NOW - Number(hours) * HOUR }
  })
}

function textOf({ host, namespace, unclaimedSince }: RecordedHost): string {
  return `${host} ${namespace}${unclaimedSince === undefined ? '' : ` ${(NOW - unclaimedSince) / HOUR}`}`
}

function recordOf(input: Partial<HostRecordInput>) {
  return recordHostClaims({ recorded: [], wanted: [], configured: [], authHost: AUTH, nowMs: NOW, ...input })
}

interface RecordCase {
  readonly title: string
  readonly before?: string[]
  readonly wants?: string[]
  readonly configured?: HostGrant[]
  readonly after: string[]
}

const aOfTwo = [{ host: 'a.x.io', namespace: 'two' }]
const cases: RecordCase[] = [
  { title: 'records the oldest application', wants: ['a.x.io two 2', 'a.x.io one 3'], after: ['a.x.io two'] },
  { title: 'records by name what is as old', wants: ['a.x.io two 1', 'a.x.io one 1'], after: ['a.x.io one'] },
  {
    title: 'records a wildcard before a younger host under it, and not that host',
    wants: ['a.x.io two 2', '*.x.io one 1', 'b.x.io one 3'],
    after: ['*.x.io one', 'b.x.io one'],
  },
  {
    title: 'records a host before a younger wildcard over it, and not that wildcard',
    wants: ['a.x.io two 1', '*.x.io one 2', 'b.x.io one 3'],
    after: ['a.x.io two', 'b.x.io one'],
  },
  {
    title: 'knows that a wildcard covers one label alone',
    wants: ['*.x.io one', 'a.b.x.io two', 'x.io two'],
    after: ['*.x.io one', 'a.b.x.io two', 'x.io two'],
  },
  {
    title: 'does not record an application that is not valid',
    wants: ['a.x.io one 1?', 'a.x.io two 2'],
    after: ['a.x.io two'],
  },
  {
    title: 'keeps a host that an application which is not valid claims',
    before: ['a.x.io one 23'],
    wants: ['a.x.io one 3?', 'a.x.io two 1'],
    after: ['a.x.io one'],
  },
  { title: 'never records the auth host', before: [`${AUTH} one`], wants: [`${AUTH} one`], after: [] },
  {
    title: 'keeps a host from an older application of another namespace',
    before: ['a.x.io one'],
    wants: ['a.x.io one 2', 'a.x.io two 1'],
    after: ['a.x.io one'],
  },
  {
    title: 'notes when nobody claims a host any more',
    before: ['a.x.io one'],
    wants: ['a.x.io two 1'],
    after: ['a.x.io one 0'],
  },
  {
    title: 'keeps a host for almost a day',
    before: ['a.x.io one 23.99'],
    wants: ['a.x.io two 1', '*.x.io two 1'],
    after: ['a.x.io one 23.99'],
  },
  {
    title: 'forgets when nobody claimed it once somebody does',
    before: ['a.x.io one 23.99'],
    wants: ['a.x.io one 2', 'a.x.io two 1'],
    after: ['a.x.io one'],
  },
  {
    title: 'releases a host after a day, to the oldest application',
    before: ['a.x.io one 24'],
    wants: ['a.x.io three 3', 'a.x.io two 2'],
    after: ['a.x.io two'],
  },
  { title: 'releases a host after a day, to nobody', before: ['a.x.io one 24'], after: [] },
  {
    title: 'releases a wildcard after a day to hosts under it',
    before: ['*.x.io one 24'],
    wants: ['a.x.io two', 'b.x.io three'],
    after: ['a.x.io two', 'b.x.io three'],
  },
  { title: 'takes a time to come for now', before: ['a.x.io one -5'], after: ['a.x.io one 0'] },
  {
    title: 'keeps a host apart from the wildcard of its own namespace',
    before: ['*.x.io one 1'],
    wants: ['a.x.io one'],
    after: ['*.x.io one 1', 'a.x.io one'],
  },
  {
    title: 'records no host that is configured',
    wants: ['a.x.io two', 'b.x.io one'],
    configured: aOfTwo,
    after: ['b.x.io one'],
  },
  {
    title: 'drops a record that the configuration has decided, either way',
    before: ['a.x.io one', 'b.x.io two'],
    wants: ['a.x.io one', 'b.x.io two'],
    configured: [...aOfTwo, { host: 'b.x.io', namespace: 'two' }],
    after: [],
  },
  {
    title: 'drops a record under a wildcard that is configured',
    before: ['a.x.io one'],
    wants: ['a.x.io one'],
    configured: [{ host: '*.x.io', namespace: 'two' }],
    after: [],
  },
  {
    title: 'records no wildcard over a host that is configured for another',
    wants: ['*.x.io one'],
    configured: aOfTwo,
    after: [],
  },
  {
    title: 'keeps a recorded wildcard over a host that is configured for another later',
    before: ['*.x.io one'],
    wants: ['*.x.io one', 'a.x.io two', 'b.x.io two'],
    configured: aOfTwo,
    after: ['*.x.io one'],
  },
  {
    title: 'takes the first of doubled records',
    before: ['a.x.io one', 'a.x.io two'],
    wants: ['a.x.io two', 'a.x.io one'],
    after: ['a.x.io one'],
  },
]

describe('recordHostClaims', () => {
  test.each(cases)('$title', ({ before = [], wants = [], configured = [], after }) => {
    const recorded = record(...before)
    const result = recordOf({ recorded, wanted: wanted(...wants), configured })
    expect(result.recorded.map(textOf)).toEqual(after)
    expect(result.changed).toBe(JSON.stringify(before) !== JSON.stringify(after))
  })

  test('an application of no known age comes after all others', () => {
    const [ageless] = wanted('a.x.io one')
    const list = [{ ...ageless, createdAt: undefined } as WantedHost, ...wanted('a.x.io two 9')]
    expect(recordOf({ wanted: list }).recorded.map(textOf)).toEqual(['a.x.io two'])
  })

  test('one namespace cannot fill the record: others still find room', () => {
    const flood = Array.from({ length: 20_000 }, (_, index) => ({
      host: `a-rather-long-name-for-a-host-${index}.flood.example.com`,
      namespace: 'flood',
      createdAt: '2026-01-01T00:00:00Z',
      mayBeFirst: true,
    }))
    const late = { host: 'late.example.org', namespace: 'late', createdAt: '2026-02-01T00:00:00Z', mayBeFirst: true }
    const { recorded } = recordOf({ wanted: [...flood, late] })
    expect(recorded.map(({ host }) => host)).toContain('late.example.org')
    expect(formatHostClaims(recorded).isTooLarge).toBe(false)
    expect(recorded.length).toBeLessThan(15_000)
  })

  test('10,000 hosts are recorded at once, and stay as they are', () => {
    const names = Array.from({ length: 10_000 }, (_, index) => `app-${index}.team-${index % 100}.example.com`)
    const list = names.map((host, index) => ({
      host: index % 10 === 0 ? `*.team-${index}.example.com` : host,
      namespace: `team-${index % 100}`,
      createdAt: `2026-01-01T00:00:${String(index % 60).padStart(2, '0')}Z`,
      mayBeFirst: true,
    }))
    const { recorded } = recordOf({ wanted: list })
    expect(recorded.length).toBe(10_000)
    expect(recordOf({ wanted: list, recorded }).changed).toBe(false)
  })
})

const HOSTS = ['a.x.io', 'b.x.io', '*.x.io', 'x.io', '*.a.x.io', 'c.a.x.io', AUTH, '*.example.com']
const NAMESPACES = ['one', 'two', 'three']
const grant = fc.record({ host: fc.constantFrom(...HOSTS), namespace: fc.constantFrom(...NAMESPACES) })
const want = fc.record({
  host: fc.constantFrom(...HOSTS),
  namespace: fc.constantFrom(...NAMESPACES),
  createdAt: fc.option(fc.constantFrom('2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z'), { nil: undefined }),
  mayBeFirst: fc.boolean(),
})
const step = fc.record({
  wanted: fc.array(want, { maxLength: 8 }),
  configured: fc.uniqueArray(grant, { maxLength: 2, selector: ({ host }) => host }),
  hours: fc.integer({ min: 0, max: 30 }),
})

/** Whether the two patterns have a host in common. */
function overlap(left: string, right: string): boolean {
  const covers = (pattern: string, host: string) =>
    pattern.startsWith('*.') && !host.startsWith('*.') && host.replace(/^[^.]+/, '*') === pattern
  return left === right || covers(left, right) || covers(right, left)
}

const hostIn = (line: string) => line.split(' ', 1)[0] ?? ''
const areRivals = (left: HostGrant, right: HostGrant) =>
  left.namespace !== right.namespace && overlap(left.host, right.host)

type Model = ReadonlyMap<string, { readonly namespace: string; readonly unusedSince: number | undefined }>

/** What the record is to be, worked out the slow way. */
function model(before: Model, { wanted: wants, configured, nowMs }: HostRecordInput): Model {
  const isGranted = (host: string) =>
    configured.some((one) => one.host === host || (overlap(one.host, host) && one.host.startsWith('*.')))
  const after: Model & Map<string, unknown> = new Map()
  for (const [host, { namespace, unusedSince }] of before) {
    if (isGranted(host) || host === AUTH) continue
    const isUsed = wants.some((one) => one.host === host && one.namespace === namespace)
    if (isUsed) after.set(host, { namespace, unusedSince: undefined })
    else if (nowMs - (unusedSince ?? nowMs) < HOST_KEPT_MS)
      after.set(host, { namespace, unusedSince: unusedSince ?? nowMs })
  }
  const rank = ({ createdAt = '9', namespace, host }: WantedHost) => `${createdAt} ${namespace} ${host}`
  for (const one of wants.filter(({ mayBeFirst }) => mayBeFirst).toSorted((a, b) => (rank(a) < rank(b) ? -1 : 1))) {
    const taken = [...configured, ...[...after].map(([host, { namespace }]) => ({ host, namespace }))]
    if (isGranted(one.host) || one.host === AUTH || taken.some((other) => areRivals(one, other))) continue
    if (!after.has(one.host)) after.set(one.host, { namespace: one.namespace, unusedSince: undefined })
  }
  return after
}

describe('the record of first claims', () => {
  test('is that of a slow model through any history, and never gives one host to two namespaces', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        let recorded: readonly RecordedHost[] = []
        let expected: Model = new Map()
        let nowMs = NOW
        for (const { hours, ...rest } of steps) {
          nowMs += hours * HOUR
          const input = { ...rest, recorded, authHost: AUTH, nowMs }
          const before = recorded
          const result = recordHostClaims(input)
          expected = model(expected, input)
          recorded = result.recorded
          expect(recorded.map(({ host, namespace }) => `${host} ${namespace}`)).toEqual(
            [...expected]
              .map(([host, { namespace }]) => `${host} ${namespace}`)
              .sort((a, b) => (hostIn(a) < hostIn(b) ? -1 : 1)),
          )
          for (const one of recorded) for (const other of recorded) expect(areRivals(one, other)).toBe(false)
          const backwards = { ...input, wanted: input.wanted.toReversed(), recorded: before.toReversed() }
          expect(recordHostClaims(backwards)).toEqual(result)
          expect(recordHostClaims({ ...input, recorded })).toEqual({ recorded, changed: false })
        }
      }),
      { numRuns: 1000 },
    )
  })

  test('takes no host from a namespace that has an application there, nor within a day after', () => {
    fc.assert(
      fc.property(
        fc.array(want, { maxLength: 8 }),
        fc.array(fc.array(want, { maxLength: 8 }), { maxLength: 5 }),
        (first, later) => {
          let { recorded } = recordOf({ wanted: first })
          const mine = recorded
          for (const [index, wants] of later.entries()) {
            recorded = recordOf({ recorded, wanted: wants, nowMs: NOW + index * 4 * HOUR }).recorded
            for (const { host, namespace } of mine) {
              expect(recorded.find((one) => one.host === host)?.namespace).toBe(namespace)
            }
          }
        },
      ),
    )
  })
})

describe('wantedHosts', () => {
  const wishes = (raw: unknown[], lastKnown = compiled([]).lastKnown) =>
    wantedHosts(readAll(raw), lastKnown).map(
      ({ host, namespace, createdAt, mayBeFirst }) =>
        `${host} ${namespace} ${createdAt?.slice(0, 10) ?? 'ageless'}${mayBeFirst ? '' : ' not first'}`,
    )

  test('names the hosts of a valid application once each', () => {
    const one = madeOn(3, application('one/app', ['a.x.io', 'a.x.io/p', '*.x.io'], ['gone']))
    expect(wishes([one])).toEqual(['a.x.io one 2026-01-03', '*.x.io one 2026-01-03'])
  })

  test('names what can be read of one that is not valid, and what it wanted before, and lets it be first nowhere', () => {
    const before = application('one/app', 'a.x.io')
    const broken = application('one/app', ['b.x.io/p', 'C.X.io'], [], { surprise: 1 })
    const { lastKnown } = compiled([before])
    expect(wishes([broken], lastKnown)).toEqual([
      'b.x.io one ageless not first',
      'c.x.io one ageless not first',
      'a.x.io one ageless not first',
    ])
    expect(wishes([manifest('AccessApplication', 'one/app', {})])).toEqual([])
  })

  test('leaves out whatever is no application', () => {
    const stray = manifest('AccessPolicy', 'one/app', { destinations: [{ host: 'a.x.io' }] })
    expect(wishes([stray, policy('everyone', 'Allow', [{ everyone: {} }]), 5, {}])).toEqual([])
  })
})

test('two namespaces that claim a host are both shut until the older one is recorded', () => {
  const objects = [madeOn(2, application('one/app', ['a.x.io', 'b.x.io'])), madeOn(1, application('two/app', '*.x.io'))]
  const reasons = (recorded: readonly RecordedHost[]) =>
    compiled(objects, { objectsFrom: 'ApiServer', hostClaims: recordedClaims(recorded) }).statuses.map(
      ({ conditions }) => conditions[0]?.reason,
    )
  expect(reasons([])).toEqual(['HostContested', 'HostContested'])
  const { recorded } = recordOf({ wanted: wantedHosts(readAll(objects), new Map()) })
  expect(recorded.map(textOf)).toEqual(['*.x.io two'])
  expect(reasons(recorded)).toEqual(['HostClaimed', 'Accepted'])
  expect(hostOwners(recordedClaims(recorded)).obstacleTo('a.x.io', 'one')?.namespace).toBe('two')
})

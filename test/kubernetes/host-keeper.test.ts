import { expect, test } from 'vitest'
import type { Writer } from '../../src/kubernetes/apply.ts'
import { createHostKeeper } from '../../src/kubernetes/host-keeper.ts'
import type { KubeObject } from '../../src/kubernetes/kube-object.ts'
import type { Served } from '../../src/kubernetes/reconcile.ts'
import { readObject } from '../../src/resources/objects.ts'

const HOUR_MS = 3_600_000

/** A keeper with what it writes and says, at a time that the test sets. */
function keeper() {
  const written: KubeObject[] = []
  let latest: KubeObject | undefined
  const problems: string[] = []
  let now = Date.parse('2026-11-23T12:00:00Z')
  const writer = {
    apply: async (_: unknown, object: KubeObject) => {
      written.push(object)
      latest = object
    },
  } as unknown as Writer
  const keep = createHostKeeper({
    systemNamespace: 'gatehouse',
    name: 'claims',
    configured: [{ host: 'granted.example.com', namespace: 'owner' }],
    authHost: 'auth.example.com',
    events: { hostClaimsProblem: ({ problem }) => problems.push(problem) },
    now: () => now,
  })
  const recordOf = (text: string) => ({
    ...object('claims', 'gatehouse'),
    kind: 'ConfigMap',
    apiVersion: 'v1',
    data: { claims: text },
  })
  return {
    problems,
    written,
    latest: () => latest,
    /** What one look says that it would write; nothing is written. */
    content: (hosts: Readonly<Record<string, string>>, text: string) =>
      keep(served(hosts), recordOf(text), writer).map(({ content }) => content)[0],
    pass: (ms: number) => {
      now += ms
    },
    /** One look; the record that is there afterwards. */
    async look(hosts: Readonly<Record<string, string>>, text: string | undefined): Promise<string | undefined> {
      const record = text === undefined ? undefined : recordOf(text)
      for (const { run } of keep(served(hosts), record, writer)) await run()
      const last = written.pop()
      return last === undefined ? text : (last.data as { claims: string }).claims
    },
  }
}

function object(name: string, namespace: string): KubeObject {
  return {
    apiVersion: 'access.gatehouse.dev/v1alpha1',
    kind: 'AccessApplication',
    metadata: { name, namespace, uid: `${namespace}/${name}`, resourceVersion: '7' },
  }
}

/** What is served when each host is wanted by one namespace. */
function served(hosts: Readonly<Record<string, string>>): Served {
  const objects = Object.entries(hosts).map(([host, namespace], index) => ({
    ...readObject({ ...object(`app-${index}`, namespace), spec: { destinations: [{ host }], policies: [] } }),
    createdAt: '2026-11-23T10:00:00Z',
  }))
  return { snapshot: { objects }, catalogue: { lastKnown: new Map() } } as unknown as Served
}

test('records who claims a host first, and leaves it at that', async () => {
  const { look, written } = keeper()
  const text = await look({ 'a.example.com': 'one', 'granted.example.com': 'owner' }, undefined)
  expect(text).toBe('a.example.com one\n')
  expect(await look({ 'a.example.com': 'one', 'granted.example.com': 'owner' }, text)).toBe(text)
  expect(written).toEqual([])
})

test('keeps a host for a day after its last claim has ended, and gives it to the next one then', async () => {
  const { look, pass } = keeper()
  let text = await look({ 'a.example.com': 'one' }, undefined)
  text = await look({ 'b.example.com': 'one' }, text)
  expect(text).toBe('a.example.com one 2026-11-23T12:00:00.000Z\nb.example.com one\n')
  pass(23 * HOUR_MS)
  text = await look({ 'a.example.com': 'squatter', 'b.example.com': 'one' }, text)
  expect(text).toContain('a.example.com one 2026')
  pass(HOUR_MS)
  expect(await look({ 'a.example.com': 'squatter', 'b.example.com': 'one' }, text)).toBe(
    'a.example.com squatter\nb.example.com one\n',
  )
})

test.for([
  ['deleted', undefined],
  ['emptied', ''],
  ['garbled', '\u0000!!\n'],
] as const)('puts a record back that somebody has %s', async ([, spoilt]) => {
  const { look } = keeper()
  const text = await look({ 'a.example.com': 'one' }, undefined)
  await look({}, text)
  const restored = await look({ 'a.example.com': 'squatter' }, spoilt)
  if (spoilt === '') expect(restored).toBe('a.example.com squatter\n')
  else expect(restored).toMatch(/^a\.example\.com one 2026/)
})

test('takes a line that somebody has changed for what it says', async () => {
  const { look, problems } = keeper()
  const text = await look({ 'a.example.com': 'one' }, undefined)
  expect(await look({ 'a.example.com': 'one' }, text?.replace('one', 'two'))).toMatch(/^a\.example\.com two 2026/)
  expect(problems).toEqual([])
})

test('says once which line cannot be read', async () => {
  const { look, problems } = keeper()
  await look({}, 'what is this\n')
  await look({}, 'what is this\n')
  expect(problems).toHaveLength(1)
})

test('writes over the record that it has read, and no other', async () => {
  const { look, latest } = keeper()
  await look({ 'a.example.com': 'one' }, undefined)
  expect(latest()?.metadata.resourceVersion).toBeUndefined()
  await look({ 'a.example.com': 'one' }, '# nothing yet\n')
  expect(latest()?.metadata.resourceVersion).toBe('7')
})

test('names what it writes, but for times: one record after another is no conflict, the same one again is', () => {
  const { content, pass } = keeper()
  const before = '# nothing yet\n'
  const first = content({ 'a.example.com': 'one' }, before)
  pass(1)
  expect(content({ 'a.example.com': 'one' }, before)).toBe(first)
  const more = content({ 'a.example.com': 'one', 'b.example.com': 'one' }, before)
  expect(more).not.toBe(first)
  const text = 'a.example.com one\nb.example.com one\n'
  const less = content({ 'a.example.com': 'one' }, text)
  expect([first, more]).not.toContain(less)
  pass(1)
  expect(content({ 'a.example.com': 'one' }, text)).toBe(less)
})

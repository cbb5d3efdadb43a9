import { describe, expect, test } from 'vitest'
import { apiResources } from '../../src/kubernetes/api-resource.ts'
import { type KubernetesSnapshot, type KubernetesSource, kubernetesSource } from '../../src/kubernetes/source.ts'
import { until } from '../parts/until.ts'
import { type MemoryCluster, memoryCluster } from './memory-cluster.ts'

const { accessApplications, accessGroups, accessPolicies, configMaps, identityProviders, secrets } = apiResources
const EVERYONE = { spec: { action: 'Allow', include: [{ everyone: {} }] } }
const NOBODY = { spec: { action: 'Deny', include: [{ everyone: {} }] } }

const base64 = (value: string | Buffer) => Buffer.from(value).toString('base64')

interface Watching {
  readonly cluster: MemoryCluster
  readonly source: KubernetesSource
  readonly told: KubernetesSnapshot[]
  readonly errors: unknown[]
}

async function watching(
  prepare: (cluster: MemoryCluster) => void,
  body: (watching: Watching) => Promise<void>,
): Promise<void> {
  const cluster = memoryCluster()
  prepare(cluster)
  const errors: unknown[] = []
  await using source = kubernetesSource({
    client: cluster.client,
    systemNamespace: 'gatehouse',
    hostClaimsConfigMap: 'gatehouse-host-claims',
    now: Date.now,
    random: Math.random,
    events: {
      internalError: ({ error }) => errors.push(error),
      watchRestarted: () => undefined,
      watchInterrupted: () => undefined,
      watchRecovered: () => undefined,
    },
  })
  const told: KubernetesSnapshot[] = []
  source.onChange((snapshot) => told.push(snapshot))
  await body({ cluster, source, told, errors })
}

async function synced({ source, told }: Watching): Promise<KubernetesSnapshot> {
  await source.whenSynced()
  await until('it is told', () => told.length > 0)
  return source.current()
}

describe('the first set', () => {
  test('holds the objects of our kinds everywhere, in the order of keys, without what nobody needs', async () => {
    await watching(
      (cluster) => {
        cluster.put(accessPolicies, 'shop', 'z', EVERYONE)
        cluster.put(accessPolicies, 'blog', 'a', EVERYONE)
        cluster.put(accessGroups, 'shop', 'staff', { spec: { include: [{ email: { equals: 'a@example.com' } }] } })
        cluster.put(accessPolicies, 'shop', 'broken', { spec: { action: 'Alow' } })
      },
      async (all) => {
        const snapshot = await synced(all)
        expect(snapshot.objects.map(({ kind, namespace, name }) => `${kind} ${namespace}/${name}`)).toEqual([
          'AccessPolicy blog/a',
          'AccessPolicy shop/broken',
          'AccessPolicy shop/z',
          'AccessGroup shop/staff',
        ])
        expect(snapshot).toMatchObject({ problems: [], notices: [], unread: [] })
        const [first, broken] = snapshot.objects
        expect(first).toMatchObject({
          createdAt: '2026-01-02T03:04:05Z',
          isIncomplete: false,
          position: undefined,
          problems: [],
          object: { kind: 'AccessPolicy', spec: { action: 'Allow' } },
        })
        expect(broken?.object).toBeUndefined()
        expect(broken?.problems.length).toBeGreaterThan(0)
        const kept = all.source.reflections.flatMap(({ items }) => [...items().values()])
        expect(JSON.stringify(kept)).not.toContain('managedFields')
      },
    )
  })

  test('is there when every kind is, and until then it says what is missing', async () => {
    await watching(
      (cluster) => {
        cluster.refuse(accessGroups, 403)
        cluster.refuse(identityProviders, 404)
      },
      async (all) => {
        const { source, cluster, told } = all
        await until('only one is missing, and why is known', () => source.pending().join().includes('403'))
        expect(source.pending()).toEqual([expect.stringMatching(/^AccessGroup: GET .* 403$/)])
        expect(source.current().unread).toEqual(source.pending())
        expect(source.isSynced()).toBe(false)
        expect(told).toEqual([])
        cluster.refuse(accessGroups, undefined)
        await synced(all)
        expect(source.pending()).toEqual([])
        expect(source.isSynced()).toBe(true)
      },
    )
  })

  test('is made of Secrets and the ConfigMap of the system namespace alone', async () => {
    await watching(
      () => undefined,
      async (all) => {
        await synced(all)
        const lists = all.cluster.asked.filter(({ query }) => query.watch === undefined)
        expect(lists.filter(({ path }) => path.startsWith('/api/v1')).map(({ path, query }) => [path, query])).toEqual([
          ['/api/v1/namespaces/gatehouse/secrets', { limit: '500', fieldSelector: 'type!=helm.sh/release.v1' }],
          [
            '/api/v1/namespaces/gatehouse/configmaps',
            { limit: '500', fieldSelector: 'metadata.name=gatehouse-host-claims' },
          ],
        ])
        expect(lists).toHaveLength(6)
      },
    )
  })
})

describe('changes', () => {
  test('that come together are told once', async () => {
    await watching(
      () => undefined,
      async (all) => {
        await synced(all)
        const before = all.told.length
        for (let number = 0; number < 200; number++)
          all.cluster.put(accessPolicies, 'shop', `policy-${number}`, EVERYONE)
        await until('all are there', () => all.told.at(-1)?.objects.length === 200)
        expect(all.told.length - before).toBeLessThan(5)
      },
    )
  })

  test('of a status are not told, but are in the next snapshot', async () => {
    await watching(
      (cluster) => cluster.put(accessPolicies, 'shop', 'staff', EVERYONE),
      async (all) => {
        const { cluster, source, told } = all
        const first = await synced(all)
        const before = told.length
        cluster.put(accessPolicies, 'shop', 'staff', { status: { conditions: [] } })
        const state = () => source.current().metadataOf('AccessPolicy', 'shop', 'staff')
        await until('the status is there', () => state()?.status !== undefined)
        expect(state()).toMatchObject({ uid: 'uid-1', generation: 1, status: { conditions: [] } })
        expect(first.metadataOf('AccessPolicy', 'shop', 'staff')?.status).toBeUndefined()
        expect(source.current().objects[0]).toBe(first.objects[0])
        cluster.put(accessPolicies, 'shop', 'staff', NOBODY)
        await until('it is told', () => told.length > before)
        expect(told.length).toBe(before + 1)
        expect(told.at(-1)?.objects[0]?.object?.spec).toMatchObject({ action: 'Deny' })
        expect(told.at(-1)?.metadataOf('AccessPolicy', 'shop', 'staff')?.generation).toBe(2)
      },
    )
  })

  test('back and forth: deleted and made again under the same name', async () => {
    await watching(
      (cluster) => cluster.put(accessPolicies, 'shop', 'staff', EVERYONE),
      async (all) => {
        const first = await synced(all)
        all.cluster.remove(accessPolicies, 'shop', 'staff')
        all.cluster.put(accessPolicies, 'shop', 'staff', EVERYONE)
        await until('the new one is there', () => {
          const uid = all.told.at(-1)?.metadataOf('AccessPolicy', 'shop', 'staff')?.uid
          return uid !== undefined && uid !== 'uid-1'
        })
        expect(first.metadataOf('AccessPolicy', 'shop', 'staff')?.uid).toBe('uid-1')
        expect(all.source.current().metadataOf('AccessPolicy', 'shop', 'gone')).toBeUndefined()
        expect(all.source.current().metadataOf('AccessApplication', 'shop', 'staff')).toBeUndefined()
      },
    )
  })

  test('reach the other listeners when one throws, and none once it is closed', async () => {
    const cluster = memoryCluster()
    let told = 0
    await watching(
      () => undefined,
      async ({ cluster: mine, source, errors }) => {
        source.onChange(() => {
          throw new Error('of a listener')
        })
        source.onChange(() => {
          told += 1
        })
        await until('it is told', () => told === 1)
        expect(errors).toEqual([new Error('of a listener')])
        mine.put(accessApplications, 'shop', 'cart', { spec: {} })
      },
    )
    cluster.put(accessPolicies, 'shop', 'staff', EVERYONE)
    expect(told).toBe(1)
  })
})

describe('secrets', () => {
  const values: readonly { title: string; data: unknown; expected: string | undefined }[] = [
    { title: 'a text', data: { key: base64('s3cret') }, expected: 's3cret' },
    { title: 'a line end behind it', data: { key: base64('s3cret\n') }, expected: 's3cret' },
    { title: 'a line end of Windows behind it', data: { key: base64('s3cret\r\n') }, expected: 's3cret' },
    { title: 'two line ends', data: { key: base64('s3cret\n\n') }, expected: 's3cret\n' },
    { title: 'nothing', data: { key: '' }, expected: undefined },
    { title: 'a line end alone', data: { key: base64('\n') }, expected: undefined },
    { title: 'another key', data: { other: base64('s3cret') }, expected: undefined },
    { title: 'no data', data: undefined, expected: undefined },
    { title: 'data that is no object', data: 'key', expected: undefined },
    { title: 'a number', data: { key: 7 }, expected: undefined },
    { title: 'no base64', data: { key: 's3cret!' }, expected: undefined },
    { title: 'no UTF-8', data: { key: base64(Buffer.from([0xff, 0xfe])) }, expected: undefined },
    { title: '64 KiB', data: { key: base64('x'.repeat(65_536)) }, expected: 'x'.repeat(65_536) },
    { title: 'more than 64 KiB', data: { key: base64('x'.repeat(65_537)) }, expected: undefined },
    { title: 'a key of the prototype', data: {}, expected: undefined },
  ]

  test.for(values)('$title', async ({ title, data, expected }) => {
    await watching(
      (cluster) => {
        cluster.put(secrets, 'gatehouse', 'corp', { data })
        cluster.put(secrets, 'shop', 'elsewhere', { data: { key: base64('not ours') } })
      },
      async (all) => {
        const { secret } = await synced(all)
        const key = title.includes('prototype') ? 'toString' : 'key'
        expect(secret({ name: 'corp', key })).toBe(expected)
        expect(secret({ name: 'elsewhere', key: 'key' })).toBeUndefined()
        expect(secret({ name: '../shop/elsewhere', key: 'key' })).toBeUndefined()
      },
    )
  })

  test('that are rotated are told', async () => {
    await watching(
      (cluster) => cluster.put(secrets, 'gatehouse', 'corp', { data: { key: base64('old') } }),
      async (all) => {
        const before = await synced(all)
        all.cluster.put(secrets, 'gatehouse', 'corp', { data: { key: base64('new') } })
        await until('it is told', () => all.told.at(-1)?.secret({ name: 'corp', key: 'key' }) === 'new')
        expect(before.secret({ name: 'corp', key: 'key' })).toBe('old')
      },
    )
  })
})

test('the recorded hosts are those of the ConfigMap, and a change is told', async () => {
  await watching(
    () => undefined,
    async (all) => {
      expect((await synced(all)).hostClaimsText).toBeUndefined()
      all.cluster.put(configMaps, 'gatehouse', 'gatehouse-host-claims', { data: { claims: 'a.example.com shop\n' } })
      await until('it is told', () => all.told.at(-1)?.hostClaimsText === 'a.example.com shop\n')
      all.cluster.put(configMaps, 'gatehouse', 'gatehouse-host-claims', { data: { claims: 7 } })
      await until('it is told', () => all.told.at(-1)?.hostClaimsText === undefined)
    },
  )
})

test('a snapshot of 10,000 objects takes little time when one has changed', async () => {
  await watching(
    (cluster) => {
      for (let number = 0; number < 10_000; number++) cluster.put(accessPolicies, 'shop', `policy-${number}`, EVERYONE)
    },
    async (all) => {
      await synced(all)
      const times = Array.from({ length: 5 }, () => {
        const startedAt = performance.now()
        all.source.current()
        return performance.now() - startedAt
      })
      expect(Math.min(...times)).toBeLessThan(100)
    },
  )
})

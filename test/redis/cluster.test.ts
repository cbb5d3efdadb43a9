import { afterAll, beforeAll, expect, test } from 'vitest'
import { StoreUnavailableError } from '../../src/policy/errors.ts'
import type { RedisConnection } from '../../src/redis/connection.ts'
import { script } from '../../src/redis/script.ts'
import { needs } from '../parts/needs.ts'
import { type RedisCluster, startRedisCluster } from '../parts/redis-cluster.ts'
import type { AnnouncedServer } from '../parts/redis-network.ts'
import { until } from '../parts/until.ts'
import { type Connected, connectedTo } from './connected.ts'
import { find, pingLink, runIdOf } from './questions.ts'
import { CLUSTER_RIGHTS, RIGHTS, refusals } from './rights.ts'

const PASSWORD = 'canary-of-a-password'
/** A node is away for 2 s before it counts as failed, and then there is an election. */
const BACK_WITHIN_MS = 15_000
const SET = "return redis.call('SET', KEYS[1], ARGV[1])"
const BOTH = "redis.call('SET', KEYS[1], ARGV[1]) redis.call('SET', KEYS[2], ARGV[1]) return redis.call('GET', KEYS[2])"

async function runIdAt(cluster: RedisCluster, node: AnnouncedServer): Promise<string | undefined> {
  return /run_id:(\w+)/.exec(String(await cluster.command(node, 'INFO', 'server')))?.[1]
}

const save = (redis: RedisConnection, key: string, value: string) =>
  redis.call('save', (commands) => commands.set(key, value))

needs('redis-server', 'a connection to a Cluster', () => {
  let cluster: RedisCluster
  let connection: Connected
  let redis: RedisConnection
  beforeAll(async () => {
    cluster = await startRedisCluster({ password: PASSWORD })
    connection = await connectedTo({ cluster: { addresses: cluster.addresses.slice(0, 2) }, password: PASSWORD })
    redis = connection.redis
  }, 90_000)
  afterAll(async () => {
    await connection?.redis.close()
    await cluster?.stop()
  })

  test('is available when there is a connection to every master', () => {
    expect(connection.events.availability).toEqual([{ isAvailable: true, detail: 'connected' }])
  })

  test('sends each key to its master, and several of one hash tag at once', async () => {
    for (let count = 0; count < 50; count += 1) await save(redis, `key-${count}`, `value-${count}`)
    for (let count = 0; count < 50; count += 1) expect(await find(redis, `key-${count}`)).toBe(`value-${count}`)
    const both = ['{tag}:a', '{tag}:b']
    expect(await redis.call('both', (commands) => commands.eval(BOTH, 2, ...both, 'new'))).toBe('new')
    expect(await find(redis, '{tag}:a')).toBe('new')
    expect(await redis.call('both', (commands) => commands.del(both))).toBe(2)
  })

  test('follows a slot that is moved while it is used, and afterwards', { timeout: 60_000 }, async () => {
    const slot = await cluster.slotOf('{moved}')
    const keys = Array.from({ length: 20 }, (_, index) => `{moved}:${index}`)
    for (const key of keys) await save(redis, key, 'before')
    const source = await cluster.masterOf('{moved}')
    const target = await until('there is another master', async () => {
      const owners = await Promise.all(['a', 'b', 'c', 'd', 'e'].map((key) => cluster.masterOf(key)))
      return owners.find((owner) => owner !== source)
    })
    await cluster.migrateSlot(slot, target, async () => {
      for (const key of keys) expect(await find(redis, key)).toBe('before')
      for (const key of keys) expect(await save(redis, key, 'halfway')).toBe('OK')
      const inScript = redis.call('script', (commands) => commands.eval(SET, 1, '{moved}:new', 'x'))
      expect(await inScript).toBe('OK')
    })
    for (const key of keys) expect(await find(redis, key)).toBe('halfway')
    expect(await cluster.masterOf('{moved}')).toBe(target)
    expect(connection.events.calls.filter(({ outcome }) => outcome !== 'ok')).toEqual([])
  })

  test('has links to the master of a key, which follow it', { timeout: 60_000 }, async () => {
    await cluster.settled()
    const link = redis.openLink('{link}:stream')
    await until('the link is there', () => link.isAuthoritative())
    expect(await runIdOf(link)).toBe(await runIdAt(cluster, await cluster.masterOf('{link}:stream')))
    const before = link.connectionId()
    const fresh = await cluster.failover('{link}:stream')
    await until(
      'the link is to the new master',
      async () => (await runIdOf(link)) === (await runIdAt(cluster, fresh)),
      {
        timeoutMs: BACK_WITHIN_MS,
      },
    )
    expect(link.isAuthoritative()).toBe(true)
    expect(link.connectionId()).not.toBe(before)
    await link.close()
    await expect(pingLink(link)).rejects.toThrow(StoreUnavailableError)
  })

  test.for([
    ['killed', (node: AnnouncedServer) => node.kill9(), (node: AnnouncedServer) => node.restart()],
    [
      'stopped without a word',
      async (node: AnnouncedServer) => node.pause(),
      async (node: AnnouncedServer) => node.resume(),
    ],
  ] as const)(
    'is back within seconds after a master was %s, and others go on',
    { timeout: 90_000 },
    async ([, fail, mend]) => {
      await cluster.settled()
      await until('all masters are there', () => redis.isAvailable())
      const link = redis.openLink('{lost}')
      await until('the link is there', () => link.isAuthoritative())
      const old = await cluster.masterOf('{lost}')
      const other = await until('there is a key elsewhere', async () => {
        for (const key of ['a', 'b', 'c', 'd', 'e']) if ((await cluster.masterOf(key)) !== old) return key
        return undefined
      })
      await fail(old)
      try {
        const failure = until('calls fail', async () => {
          const error: unknown = await save(redis, '{lost}', 'x').then(
            () => undefined,
            (reason: unknown) => reason,
          )
          return error
        })
        expect(await failure).toBeInstanceOf(StoreUnavailableError)
        await until('others are served', () => save(redis, other, 'y'))
        await until('it is served again', () => save(redis, '{lost}', 'z'), { timeoutMs: BACK_WITHIN_MS })
        await until('all is well', () => redis.isAvailable(), { timeoutMs: BACK_WITHIN_MS })
        await until('the link is to the new master', () => link.isAuthoritative() && runIdOf(link), {
          timeoutMs: BACK_WITHIN_MS,
        })
        expect(await runIdOf(link)).toBe(await runIdAt(cluster, await cluster.masterOf('{lost}')))
        await link.close()
      } finally {
        await mend(old)
      }
    },
  )

  test('never sends again what was lost', { timeout: 60_000 }, async () => {
    await cluster.settled()
    await until('all masters are there', () => redis.isAvailable())
    await save(redis, '{count}', '0')
    const node = await cluster.masterOf('{count}')
    node.pause()
    const increment = script("return redis.call('INCR', KEYS[1])")
    let failed = 0
    for (let round = 0; round < 8; round += 1) {
      await redis
        .call('count', (commands) => commands.eval(increment.text, 1, '{count}'))
        .catch(() => {
          failed += 1
        })
    }
    const sent = connection.events.calls.filter(({ operation, seconds }) => operation === 'count' && seconds > 0.05)
    node.resume()
    expect(failed).toBe(8)
    await until('it answers again', () => find(redis, '{count}'))
    await until('all is well', () => redis.isAvailable())
    expect(Number(await find(redis, '{count}'))).toBeLessThanOrEqual(sent.length)
  })
})

needs('redis-server', 'a user of a Cluster with no more rights than it needs', () => {
  test('is refused nothing', { timeout: 90_000 }, async () => {
    await using cluster = await startRedisCluster()
    const user = ['gatehouse', 'on', `>${PASSWORD}`, '~gatehouse:*', ...RIGHTS, ...CLUSTER_RIGHTS]
    for (const node of cluster.nodes) await cluster.command(node, 'ACL', 'SETUSER', ...user)
    const { addresses } = cluster
    await using connection = await connectedTo({ cluster: { addresses }, username: 'gatehouse', password: PASSWORD })
    expect(connection.redis.isAvailable()).toBe(true)
    const link = connection.redis.openLink('gatehouse:key')
    await until('the link is there', () => link.isAuthoritative())
    const slot = await cluster.slotOf('gatehouse:key')
    const source = await cluster.masterOf('gatehouse:key')
    const target = cluster.nodes.slice(0, 3).find((node) => node !== source)
    if (target === undefined) throw new Error('there is one master only')
    await cluster.migrateSlot(slot, target, async () => {
      await save(connection.redis, 'gatehouse:key', 'value')
    })
    await until('the link has followed', async () => (await runIdOf(link)) === (await runIdAt(cluster, target)))
    expect((await Promise.all(cluster.nodes.map(refusals))).flat().filter((what) => what !== 'config|get')).toEqual([])
    await link.close()
  })
})

needs('redis-server', 'a Cluster that nobody reaches', () => {
  test('is reported with the reason, and found when it is there', { timeout: 90_000 }, async () => {
    await using cluster = await startRedisCluster({ password: PASSWORD })
    const settings = { cluster: { addresses: cluster.addresses } }
    await using stranger = await connectedTo({ ...settings, password: 'wrong' })
    expect(stranger.events.availability).toEqual([{ isAvailable: false, detail: expect.stringContaining('WRONGPASS') }])
    for (const node of cluster.nodes) await node.kill9()
    await using connection = await connectedTo({ ...settings, password: PASSWORD })
    expect(connection.events.availability).toEqual([
      { isAvailable: false, detail: expect.stringContaining('no node of the Cluster answers') },
    ])
    await expect(find(connection.redis, 'key')).rejects.toThrow(StoreUnavailableError)
    await Promise.all(cluster.nodes.map((node) => node.restart()))
    await until('it is available', () => connection.redis.isAvailable(), { timeoutMs: BACK_WITHIN_MS })
    // The nodes have yet to find each other.
    await until('it serves', async () => (await find(connection.redis, 'key')) === '', { timeoutMs: BACK_WITHIN_MS })
  })
})

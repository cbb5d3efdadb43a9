import { afterEach, expect, test } from 'vitest'
import type { RedisSettings } from '../../src/redis/settings.ts'
import { revocationKey } from '../../src/revocation/redis.ts'
import type { RevocationScope } from '../../src/revocation/revocation.ts'
import { needs } from '../parts/needs.ts'
import type { RedisPart } from '../parts/redis.ts'
import { startRedisCluster } from '../parts/redis-cluster.ts'
import { startRedisSentinels } from '../parts/redis-sentinel.ts'
import { until } from '../parts/until.ts'
import { type RedisReplica, redisReplica } from './redis-replica.ts'

const BY = { actor: 'admin', reason: 'test' } as const
const BACK_WITHIN_MS = 20_000

const opened: AsyncDisposable[] = []
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one[Symbol.asyncDispose]()
})

async function replicasOf(settings: RedisSettings): Promise<[RedisReplica, RedisReplica]> {
  const start = async () => {
    const replica = await redisReplica(settings)
    opened.push(replica)
    await replica.synced()
    return replica
  }
  return [await start(), await start()]
}

/** Revokes until it is accepted; what was said before is nothing to rely on. */
async function revoked({ revoker }: RedisReplica, scope: RevocationScope): Promise<void> {
  await until('it is accepted', async () => (await revoker.revoke(scope, BY)).status === 'accepted', {
    timeoutMs: BACK_WITHIN_MS,
  })
}

const session = (index: number): RevocationScope => ({ kind: 'session', sid: `sid-${index}` })

/** Revokes, has the master die, revokes more: nothing is forgotten by either replica, and both are fresh again. */
async function survives(replicas: [RedisReplica, RedisReplica], master: () => Promise<RedisPart>): Promise<void> {
  const [one, other] = replicas
  for (let index = 0; index < 20; index += 1) await revoked(index % 2 === 0 ? one : other, session(index))
  const died = await master()
  await died.kill9()
  for (let index = 20; index < 40; index += 1) await revoked(index % 2 === 0 ? one : other, session(index))
  const since = performance.now()
  const isFresh = ({ view }: RedisReplica) => performance.now() - (view.ageMs() ?? Number.POSITIVE_INFINITY) > since
  await until('both are fresh', () => replicas.every((each) => isFresh(each) && each.view.owed() === 0), {
    timeoutMs: BACK_WITHIN_MS,
  })
  expect(replicas.map(({ view }) => view.size())).toEqual([40, 40])
  for (const { events } of replicas) expect(events.of('internalError')).toEqual([])
}

needs('redis-server', 'revocations in every form of Redis', () => {
  test('survive the death of the master of a Sentinel set', { timeout: 90_000 }, async () => {
    const set = await startRedisSentinels()
    opened.push(set)
    const { addresses, masterName } = set
    const replicas = await replicasOf({ sentinel: { masterName, addresses } })
    expect(await replicas[0].revoker.revoke(session(0), BY)).toMatchObject({
      status: 'accepted',
      holders: 2,
      wanted: 2,
    })
    await survives(replicas, () => set.master())
  })

  test('survive the death of their master in a Cluster, and the move of their slot', { timeout: 90_000 }, async () => {
    const cluster = await startRedisCluster()
    opened.push(cluster)
    const key = revocationKey('gatehouse:', 'set')
    const replicas = await replicasOf({ cluster: { addresses: cluster.addresses } })
    await revoked(replicas[0], session(0))
    const [slot, from] = [await cluster.slotOf(key), await cluster.masterOf(key)]
    const target = await cluster.masterOf('another{b}')
    const destination = target === from ? await cluster.masterOf('another{c}') : target
    if (destination === from) throw new Error('the test’s keys are all of one master')
    await cluster.migrateSlot(slot, destination)
    await survives(replicas, () => cluster.masterOf(key))
  })
})

import { afterAll, beforeAll, expect, test } from 'vitest'
import { redisCodeStore } from '../../src/login/redis.ts'
import { redisSessionStore } from '../../src/sessions/redis.ts'
import { standingClock } from '../contracts/clock.ts'
import { sessionStoreContract, sidsOf } from '../contracts/session-store.ts'
import { needs } from '../parts/needs.ts'
import { type RedisCluster, startRedisCluster } from '../parts/redis-cluster.ts'
import { until } from '../parts/until.ts'
import { type Connected, connectedTo } from '../redis/connected.ts'
import { fixedStamps } from '../tokens/fixed-stamps.ts'
import { sampleSession } from './sample-session.ts'

needs('redis-server', 'the session store in a Redis Cluster', () => {
  let cluster: RedisCluster
  let link: Connected
  let prefixes = 0

  beforeAll(async () => {
    cluster = await startRedisCluster()
    link = await connectedTo({ cluster: { addresses: cluster.addresses }, commandTimeoutMs: 5000 })
    await until('all masters are connected', () => link.redis.isAvailable())
  }, 60_000)

  afterAll(async () => {
    await link?.redis.close()
    await cluster?.stop()
  })

  function open(now: () => number) {
    prefixes += 1
    const keyPrefix = `test${prefixes}:`
    return {
      keyPrefix,
      store: redisSessionStore({ redis: link.redis, events: link.events, now, keyPrefix, stamps: fixedStamps() }),
    }
  }

  sessionStoreContract('a Redis Cluster', (now) => open(now).store)

  test('keeps a session and when it was seen in one slot, and sessions and lists wherever they fall', async () => {
    const { store, keyPrefix } = open(standingClock().now)
    const sessions = Array.from({ length: 20 }, (_, index) => sampleSession({ subject: `subject ${index}` }))
    await Promise.all(sessions.map((session) => store.save(session)))
    const slots = new Set<number>()
    for (const { sid, identity } of sessions) {
      const slot = await cluster.slotOf(`${keyPrefix}v2:session:{${sid}}`)
      expect(await cluster.slotOf(`${keyPrefix}v2:seen:{${sid}}`)).toBe(slot)
      slots.add(slot)
      expect(await sidsOf(store, { subject: identity.subject })).toEqual([sid])
    }
    expect(slots.size).toBeGreaterThan(10)
    expect(await sidsOf(store, { all: true })).toHaveLength(20)
  })

  test('gives a code to exactly one of 100 that take it at the same time', async () => {
    const codes = redisCodeStore({ redis: link.redis, events: link.events, keyPrefix: 'codes:', stamps: fixedStamps() })
    for (let round = 0; round < 20; round += 1) {
      await codes.put(`key ${round}`, `record ${round}`, 60)
      const taken = await Promise.all(Array.from({ length: 100 }, () => codes.take(`key ${round}`)))
      expect(taken.filter((record) => record !== undefined)).toEqual([`record ${round}`])
    }
  })
})

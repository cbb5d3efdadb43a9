import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { StoreUnavailableError } from '../../src/policy/errors.ts'
import { redisLockStore } from '../../src/sessions/lock-redis.ts'
import { lockStoreContract } from '../contracts/lock-store.ts'
import { needs } from '../parts/needs.ts'
import { type RedisPart, startRedis } from '../parts/redis.ts'
import { until } from '../parts/until.ts'
import { connected } from '../redis/connected.ts'

needs('redis-server', 'locks in Redis', () => {
  let server: RedisPart
  let link: Awaited<ReturnType<typeof connected>>
  let raw: Redis
  let prefixes = 0

  beforeAll(async () => {
    server = await startRedis()
    link = await connected({ port: server.port })
    raw = new Redis(server.port)
  })

  afterAll(async () => {
    raw?.disconnect()
    await link?.redis.close()
    await server?.stop()
  })

  function open() {
    prefixes += 1
    const keyPrefix = `test${prefixes}:`
    return { keyPrefix, store: redisLockStore({ redis: link.redis, keyPrefix }) }
  }

  lockStoreContract('Redis', () => {
    const { store, keyPrefix } = open()
    return {
      store,
      // Each lock ends so much sooner, as it does when time passes; waiting for that would be a race with a busy machine.
      advance: async (milliseconds) => {
        for (const key of await raw.keys(`${keyPrefix}*`)) await raw.pexpire(key, (await raw.pttl(key)) - milliseconds)
      },
    }
  })

  describe('a lock', () => {
    test('lies in one slot with its session, and expires', async () => {
      const { store, keyPrefix } = open()
      await store.take('abc', 'holder', 60_000)
      expect(await raw.keys(`${keyPrefix}*`)).toEqual([`${keyPrefix}v2:lock:{abc}`])
      expect(await raw.pttl(`${keyPrefix}v2:lock:{abc}`)).toBeGreaterThan(50_000)
    })

    test('whose key holds something else is nobody’s', async () => {
      const { store, keyPrefix } = open()
      await raw.lpush(`${keyPrefix}v2:lock:{abc}`, 'x')
      expect(await store.take('abc', 'holder', 60_000)).toBe(false)
      expect(await store.prolong('abc', 'holder', 60_000)).toBe(false)
      await store.free('abc', 'holder')
      expect(await raw.type(`${keyPrefix}v2:lock:{abc}`)).toBe('list')
    })

    test('cannot be had while Redis gives no answer', async () => {
      const { store } = open()
      server.pause()
      await expect(store.take('abc', 'holder', 60_000)).rejects.toThrow(StoreUnavailableError)
      await expect(store.prolong('abc', 'holder', 60_000)).rejects.toThrow(StoreUnavailableError)
      await expect(store.free('abc', 'holder')).rejects.toThrow(StoreUnavailableError)
      server.resume()
      await until('Redis answers again', () => store.take('abc', 'other', 60_000))
    })
  })
})

import { fork } from 'node:child_process'
import { once } from 'node:events'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { redisCodeStore } from '../../src/login/redis.ts'
import { StoreUnavailableError } from '../../src/policy/errors.ts'
import { codeStoreContract } from '../contracts/code-store.ts'
import { needs } from '../parts/needs.ts'
import { type RedisPart, startRedis } from '../parts/redis.ts'
import { connected } from '../redis/connected.ts'
import { recordedEvents } from '../redis/recorded-events.ts'
import { fixedStamps } from '../tokens/fixed-stamps.ts'

needs('redis-server', 'the code store in Redis', () => {
  let server: RedisPart
  let link: Awaited<ReturnType<typeof connected>>
  let raw: Redis
  let prefixes = 0

  beforeAll(async () => {
    server = await startRedis()
    link = await connected({ port: server.port, commandTimeoutMs: 5000 })
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
    const events = recordedEvents()
    return { keyPrefix, events, store: redisCodeStore({ redis: link.redis, events, keyPrefix, stamps: fixedStamps() }) }
  }

  codeStoreContract('Redis', () => {
    const { store, keyPrefix } = open()
    return {
      store,
      async advance(milliseconds) {
        for (const key of await raw.keys(`${keyPrefix}*`)) {
          await raw.pexpire(key, (await raw.pttl(key)) - milliseconds)
        }
      },
    }
  })

  test('a code lies under its key, stamped, and expires', async () => {
    const { store, keyPrefix } = open()
    await store.put('hash', 'record', 60)
    const stamped = fixedStamps().mark('code', `${keyPrefix}v2:code:hash`, 'record')
    expect(await raw.get(`${keyPrefix}v2:code:hash`)).toBe(stamped)
    expect(await raw.pttl(`${keyPrefix}v2:code:hash`)).toBeGreaterThan(50_000)
    expect(await raw.pttl(`${keyPrefix}v2:code:hash`)).toBeLessThanOrEqual(60_000)
  })

  test('a record of another type, too large, or written by somebody else, counts as absent and is reported', async () => {
    const { store, keyPrefix, events } = open()
    await raw.rpush(`${keyPrefix}v2:code:list`, 'record')
    await raw.set(`${keyPrefix}v2:code:large`, 'x'.repeat(1_000_000))
    await raw.set(`${keyPrefix}v2:code:forged`, fixedStamps(8).mark('code', `${keyPrefix}v2:code:forged`, 'record'))
    expect(await store.take('list')).toBeUndefined()
    expect(await store.take('forged')).toBeUndefined()
    expect(await store.take('large')).toBeUndefined()
    expect(events.unreadable).toEqual([
      { kind: 'code', problem: 'record-not-text' },
      { kind: 'code', problem: 'not-stamped' },
      { kind: 'code', problem: 'too-large' },
    ])
  })

  test('of 100 takes at the same time over two connections exactly one succeeds', async () => {
    await using other = await connected({ port: server.port, commandTimeoutMs: 5000 })
    const { store, keyPrefix, events } = open()
    const second = redisCodeStore({ redis: other.redis, events, keyPrefix, stamps: fixedStamps() })
    for (let round = 0; round < 50; round += 1) {
      await store.put('key', 'record', 60)
      const takes = Array.from({ length: 100 }, (_, index) => (index % 2 ? store : second).take('key'))
      expect((await Promise.all(takes)).filter((record) => record === 'record')).toHaveLength(1)
    }
  })

  test('of 100 takes at the same time by four processes exactly one succeeds', async () => {
    const { store, keyPrefix } = open()
    const script = new URL('fixtures/take-codes.ts', import.meta.url)
    const children = Array.from({ length: 4 }, () => fork(script, [`${server.port}`, keyPrefix], { execArgv: [] }))
    try {
      await Promise.all(children.map((child) => once(child, 'message')))
      for (let round = 0; round < 20; round += 1) {
        await store.put(`key ${round}`, 'record', 60)
        const answers = children.map(async (child) => Number((await once(child, 'message'))[0]))
        for (const child of children) child.send({ key: `key ${round}`, takes: 25 })
        const taken = await Promise.all(answers)
        expect(taken.reduce((sum, count) => sum + count, 0)).toBe(1)
      }
    } finally {
      for (const child of children) child.kill()
    }
  })

  describe('while Redis is away', () => {
    test('every method says that the store gives no answer', async () => {
      const gone = await startRedis()
      await using away = await connected({ port: gone.port })
      const store = redisCodeStore({
        redis: away.redis,
        events: away.events,
        keyPrefix: 'test:',
        stamps: fixedStamps(),
      })
      await store.put('key', 'record', 60)
      await gone.stop()
      await expect(store.take('key')).rejects.toThrow(StoreUnavailableError)
      await expect(store.put('other', 'record', 60)).rejects.toThrow(StoreUnavailableError)
      await expect(store.replace('other', 'record', 60)).rejects.toThrow(StoreUnavailableError)
    })
  })
})

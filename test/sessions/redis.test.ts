import { Redis } from 'ioredis'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { redisCodeStore } from '../../src/login/redis.ts'
import { StoreUnavailableError } from '../../src/policy/errors.ts'
import { redisSessionStore } from '../../src/sessions/redis.ts'
import { encodeSession } from '../../src/sessions/session.ts'
import type { SessionStore } from '../../src/sessions/session-store.ts'
import { standingClock } from '../contracts/clock.ts'
import { sessionStoreContract } from '../contracts/session-store.ts'
import { needs } from '../parts/needs.ts'
import { type RedisPart, startRedis } from '../parts/redis.ts'
import { until } from '../parts/until.ts'
import { connected } from '../redis/connected.ts'
import { type RecordedEvents, recordedEvents } from '../redis/recorded-events.ts'
import { freshSid, HOUR_MS, sampleSession } from './sample-session.ts'

needs('redis-server', 'the session store in Redis', () => {
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

  function open(now: () => number, events: RecordedEvents = recordedEvents()) {
    prefixes += 1
    const keyPrefix = `test${prefixes}:`
    return { keyPrefix, events, store: redisSessionStore({ redis: link.redis, events, now, keyPrefix }) }
  }

  sessionStoreContract('Redis', (now) => open(now).store)

  describe('what lies in Redis', () => {
    test('is the record under the hash, and the person’s index, and both expire', async () => {
      const clock = standingClock()
      const { store, keyPrefix } = open(clock.now)
      const session = sampleSession()
      await store.save(session)
      const recordKey = `${keyPrefix}session:${session.sid}`
      const indexKey = `${keyPrefix}user:${session.identity.subject}`
      expect((await raw.keys(`${keyPrefix}*`)).sort()).toEqual([recordKey, indexKey])
      expect(await raw.zscore(indexKey, session.sid)).toBe(`${session.expiresAtMs}`)
      expect(await raw.zcard(indexKey)).toBe(1)
      for (const key of [recordKey, indexKey]) {
        expect(await raw.pttl(key)).toBeGreaterThan(HOUR_MS - 60_000)
        expect(await raw.pttl(key)).toBeLessThanOrEqual(HOUR_MS)
      }
    })

    test('is an index that lives as long as the longest session, in whichever order they come', async () => {
      const clock = standingClock()
      const { store, keyPrefix } = open(clock.now)
      const longest = sampleSession({ expiresAtMs: clock.now() + 5 * HOUR_MS })
      for (const session of [sampleSession(), longest, sampleSession()]) await store.save(session)
      expect(await raw.pttl(`${keyPrefix}user:subject-of-ada`)).toBeGreaterThan(4 * HOUR_MS)
    })

    test('is an index without the entries that have expired, as soon as it is written again', async () => {
      const clock = standingClock()
      const { store, keyPrefix } = open(clock.now)
      await store.save(sampleSession())
      clock.advance(2 * HOUR_MS)
      const later = sampleSession({ expiresAtMs: clock.now() + HOUR_MS })
      await store.save(later)
      expect(await raw.zrange(`${keyPrefix}user:subject-of-ada`, '0', '-1')).toEqual([later.sid])
    })

    test('is nothing after all of a person’s sessions have been ended', async () => {
      const { store, keyPrefix } = open(standingClock().now)
      for (let index = 0; index < 3; index += 1) await store.save(sampleSession())
      await store.removeBySubject('subject-of-ada')
      expect(await raw.keys(`${keyPrefix}*`)).toEqual([])
    })
  })

  describe('a record that cannot be read counts as absent, is reported, and can be removed and replaced', () => {
    const session = sampleSession()
    const { record } = encodeSession(session)
    const plants: [string, string, (key: string) => Promise<unknown>][] = [
      ['cut short', 'not-json', (key) => raw.set(key, record.slice(0, 100))],
      ['of another version', 'shape at version', (key) => raw.set(key, record.replace('"version":1', '"version":9'))],
      ['a code', 'shape at kind', (key) => raw.set(key, record.replace('"kind":"session"', '"kind":"code"'))],
      ['another session’s', 'names-another-session', (key) => raw.set(key, encodeSession(sampleSession()).record)],
      ['bytes', 'not-json', (key) => raw.set(key, Buffer.from([0xff, 0x00, 0xfe]))],
      ['a list', 'record-not-text', (key) => raw.rpush(key, record)],
      ['a hash', 'record-not-text', (key) => raw.hset(key, 'session', record)],
      ['of 50 MB', 'too-large', (key) => raw.set(key, `${record}${' '.repeat(50_000_000)}`)],
      ['50 MB of one text', 'too-large', (key) => raw.set(key, 'x'.repeat(50_000_000))],
    ]

    test.for(plants)('%s', async ([, problem, plant]) => {
      const { store, events, keyPrefix } = open(standingClock().now)
      const key = `${keyPrefix}session:${session.sid}`
      await store.save(session)
      await raw.del(key)
      await plant(key)
      expect(await store.find(session.sid)).toBeUndefined()
      expect(events.unreadable).toEqual([{ kind: 'session', problem }])
      expect(await store.listBySubject(session.identity.subject)).toEqual([])
      expect(await store.remove(session.sid)).toBe(false)
      expect(await raw.exists(key)).toBe(0)
      await plant(key)
      await store.save(session)
      expect(await store.find(session.sid)).toEqual(session)
    })

    test('an index of another type is an empty list, and the next login replaces it', async () => {
      const { store, events, keyPrefix } = open(standingClock().now)
      const index = `${keyPrefix}user:${session.identity.subject}`
      await raw.set(index, 'text')
      expect(await store.listBySubject(session.identity.subject)).toEqual([])
      expect(await store.removeBySubject(session.identity.subject)).toHaveLength(0)
      expect(events.unreadable).toHaveLength(2)
      await store.save(session)
      expect(events.unreadable).toHaveLength(3)
      expect(await store.listBySubject(session.identity.subject)).toEqual([session])
      await raw.set(index, 'text')
      expect(await store.remove(session.sid)).toBe(true)
    })

    test('an index that names somebody else’s session ends nothing of theirs', async () => {
      const { store, keyPrefix } = open(standingClock().now)
      const bobs = sampleSession({ subject: 'subject-of-bob' })
      await store.save(bobs)
      await raw.zadd(`${keyPrefix}user:subject-of-ada`, bobs.expiresAtMs, bobs.sid)
      expect(await store.listBySubject('subject-of-ada')).toEqual([])
      expect(await store.removeBySubject('subject-of-ada')).toHaveLength(0)
      expect(await store.find(bobs.sid)).toEqual(bobs)
    })
  })

  test('needs no more of an ACL user than these commands on keys of its prefix', async () => {
    const commands = 'hello client|setname info ping getrange set del getdel'.split(' ')
    const indexCommands = 'multi exec zadd zremrangebyscore zrange zrem pexpire'.split(' ')
    const rights = [...commands, ...indexCommands].map((command) => `+${command}`)
    await raw.acl('SETUSER', 'restricted', 'on', '>password', '~gatehouse:*', '-@all', ...rights)
    await using own = await connected({ port: server.port, username: 'restricted', password: 'password' })
    const clock = standingClock()
    const store = redisSessionStore({ redis: own.redis, events: own.events, now: clock.now, keyPrefix: 'gatehouse:' })
    const session = sampleSession()
    await store.save(session)
    expect(await store.listBySubject(session.identity.subject)).toEqual([session])
    expect(await store.remove(session.sid)).toBe(true)
    expect(await store.removeBySubject(session.identity.subject)).toHaveLength(0)
    const codes = redisCodeStore({ redis: own.redis, events: own.events, keyPrefix: 'gatehouse:' })
    await codes.put('key', 'record', 60)
    expect(await codes.take('key')).toBe('record')
  })

  test('reads go on and writes are refused while Redis is out of memory', async () => {
    const { store } = open(standingClock().now)
    const session = sampleSession()
    await store.save(session)
    await raw.config('SET', 'maxmemory', '1')
    try {
      for (let time = 0; time < 10; time += 1) {
        await expect(store.save(sampleSession())).rejects.toThrow(StoreUnavailableError)
        expect(await store.find(session.sid)).toEqual(session)
      }
      expect(await store.remove(session.sid)).toBe(true)
    } finally {
      await raw.config('SET', 'maxmemory', '0')
    }
  })

  test('a Redis that has lost everything says that the session is absent, and takes new ones', async () => {
    const { store } = open(standingClock().now)
    const session = sampleSession()
    await store.save(session)
    await raw.flushall()
    expect(await store.find(session.sid)).toBeUndefined()
    expect(await store.listBySubject(session.identity.subject)).toEqual([])
    await store.save(session)
    expect(await store.find(session.sid)).toEqual(session)
  })
})

needs('redis-server', 'the session store while Redis is in trouble', () => {
  let server: RedisPart
  let link: Awaited<ReturnType<typeof connected>>
  let store: SessionStore
  const session = sampleSession()

  beforeEach(async () => {
    server = await startRedis()
    link = await connected({ port: server.port })
    const { redis, events } = link
    store = redisSessionStore({ redis, events, now: standingClock().now, keyPrefix: 'gatehouse:' })
    await store.save(session)
    return async () => {
      await link.redis.close()
      await server.stop()
    }
  })

  /** Every method, each with the time it took to say that the store gives no answer. */
  async function everyMethodIsUnavailable(): Promise<void> {
    const calls = [
      () => store.find(session.sid),
      () => store.save(sampleSession()),
      () => store.remove(freshSid()),
      () => store.listBySubject('subject-of-ada'),
      () => store.removeBySubject('subject-of-ada'),
    ]
    for (const call of calls) {
      const startedAt = performance.now()
      await expect(call()).rejects.toThrow(StoreUnavailableError)
      expect(performance.now() - startedAt).toBeLessThan(300)
    }
  }

  test('killed: every method says so within 300 ms, and works again after Redis is back', async () => {
    await server.kill9()
    await everyMethodIsUnavailable()
    await server.restart()
    await until('sessions can be saved', async () => {
      await store.save(session)
      return true
    })
    expect(await store.find(session.sid)).toEqual(session)
    expect(link.events.availability.map(({ isAvailable }) => isAvailable)).toEqual([true, false, true])
  })

  test('killed with calls under way: each of them says so within 300 ms', async () => {
    server.pause()
    const startedAt = performance.now()
    const calls = Array.from({ length: 50 }, () => store.find(session.sid))
    const killed = server.kill9()
    const outcomes = await Promise.allSettled(calls)
    expect(performance.now() - startedAt).toBeLessThan(300)
    for (const outcome of outcomes) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { name: 'StoreUnavailableError' } })
    }
    await killed
  })

  test('paused: every method says so within 300 ms, and works again after Redis goes on', async () => {
    server.pause()
    await everyMethodIsUnavailable()
    server.resume()
    await until('sessions can be found', () => store.find(session.sid))
    expect(link.events.availability.map(({ isAvailable }) => isAvailable)).toEqual([true, false, true])
  })

  test('made a replica: writes are refused, reads go on, and writes work again after its promotion', async () => {
    await using administrator = await connected({ port: server.port })
    const reconfigure = (...args: [string, string]) =>
      administrator.redis.call('reconfigure', (commands) => (commands as unknown as Redis).replicaof(...args))
    await reconfigure('127.0.0.1', '1')
    await expect(store.save(sampleSession())).rejects.toThrow(StoreUnavailableError)
    await until('the connection has been made anew, once', () => link.events.availability.length === 3)
    for (let time = 0; time < 5; time += 1) {
      expect(await store.find(session.sid)).toEqual(session)
      await expect(store.save(sampleSession())).rejects.toThrow(StoreUnavailableError)
    }
    expect(link.events.availability.map(({ isAvailable }) => isAvailable)).toEqual([true, false, true])
    await reconfigure('NO', 'ONE')
    await until('sessions can be saved', async () => {
      await store.save(sampleSession())
      return true
    })
  })
})

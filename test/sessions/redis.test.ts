import { Redis } from 'ioredis'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { StoreUnavailableError } from '../../src/policy/errors.ts'
import { COMMAND_TIMEOUT_MS } from '../../src/redis/client-options.ts'
import { clearRecords } from '../../src/sessions/ending.ts'
import { redisSessionStore } from '../../src/sessions/redis.ts'
import { encodeSession, type Session, type StoredSession } from '../../src/sessions/session.ts'
import type { SessionStore } from '../../src/sessions/session-store.ts'
import { standingClock } from '../contracts/clock.ts'
import { sessionStoreContract, sidsOf } from '../contracts/session-store.ts'
import { endsWithin } from '../parts/ending.ts'
import { needs } from '../parts/needs.ts'
import { type RedisPart, startRedis } from '../parts/redis.ts'
import { until } from '../parts/until.ts'
import { connected } from '../redis/connected.ts'
import { type RecordedEvents, recordedEvents } from '../redis/recorded-events.ts'
import { fixedStamps } from '../tokens/fixed-stamps.ts'
import { freshSid, HOUR_MS, sampleSession } from './sample-session.ts'

const ADA = { subject: 'subject-of-ada' }

/** As the store gives back a session that has not been seen since its sign-in. */
function stored(session: Session): StoredSession {
  return { ...session, lastSeenAtMs: session.createdAtMs }
}

needs('redis-server', 'the session store in Redis', () => {
  let server: RedisPart
  let link: Awaited<ReturnType<typeof connected>>
  let raw: Redis
  let prefixes = 0

  beforeAll(async () => {
    server = await startRedis()
    // Values of 50 MB keep the server busy.
    link = await connected({ port: server.port, commandTimeoutMs: 5000 })
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
    return {
      keyPrefix,
      events,
      store: redisSessionStore({ redis: link.redis, events, now, keyPrefix, stamps: fixedStamps() }),
    }
  }

  sessionStoreContract('Redis', (now) => open(now).store)

  describe('what lies in Redis', () => {
    test('is the record and when it was seen, in one slot, and an entry in each list; and all expire', async () => {
      const clock = standingClock()
      const { store, keyPrefix } = open(clock.now)
      const session = sampleSession()
      const { sid, expiresAtMs } = session
      await store.save(session)
      await store.touch(sid, clock.now(), { expiresAtMs, unlessSeenAfterMs: 0 })
      await store.noteApplication(sid, 'shop/cart', expiresAtMs)
      const lists = ['all', 'application:shop/cart', 'email:ada@example.com', 'provider:corporate']
      const listKeys = [...lists, 'subject:subject-of-ada'].map((list) => `${keyPrefix}v2:sessions:${list}`)
      const ownKeys = [`${keyPrefix}v2:seen:{${sid}}`, `${keyPrefix}v2:session:{${sid}}`]
      expect((await raw.keys(`${keyPrefix}*`)).sort()).toEqual([...ownKeys, ...listKeys].sort())
      for (const key of listKeys)
        expect(await raw.zrange(key, '0', '-1', 'WITHSCORES')).toEqual([sid, `${expiresAtMs}`])
      for (const key of [...ownKeys, ...listKeys]) {
        expect(await raw.pttl(key)).toBeGreaterThan(HOUR_MS - 60_000)
        expect(await raw.pttl(key)).toBeLessThanOrEqual(HOUR_MS)
      }
    })

    test('is a list that lives as long as the longest session, in whichever order they come', async () => {
      const clock = standingClock()
      const { store, keyPrefix } = open(clock.now)
      const longest = sampleSession({ expiresAtMs: clock.now() + 5 * HOUR_MS })
      for (const session of [sampleSession(), longest, sampleSession()]) await store.save(session)
      expect(await raw.pttl(`${keyPrefix}v2:sessions:subject:subject-of-ada`)).toBeGreaterThan(4 * HOUR_MS)
    })

    test('is a list that loses up to 100 entries that have expired each time it is written', async () => {
      const clock = standingClock()
      const { store, keyPrefix } = open(clock.now)
      await Promise.all(Array.from({ length: 150 }, () => store.save(sampleSession())))
      clock.advance(2 * HOUR_MS)
      const later = () => sampleSession({ expiresAtMs: clock.now() + HOUR_MS })
      await store.save(later())
      expect(await raw.zcard(`${keyPrefix}v2:sessions:all`)).toBe(51)
      await store.save(later())
      expect(await raw.zcard(`${keyPrefix}v2:sessions:all`)).toBe(2)
    })

    test('is an entry no longer, once a list has found no session behind it', async () => {
      const { store, keyPrefix } = open(standingClock().now)
      const session = sampleSession()
      await store.save(session)
      await raw.del(`${keyPrefix}v2:session:{${session.sid}}`)
      expect(await sidsOf(store, { all: true })).toEqual([])
      expect(await raw.exists(`${keyPrefix}v2:sessions:all`)).toBe(0)
      expect(await store.countBySubject('subject-of-ada')).toBe(1)
      expect(await sidsOf(store, { subject: 'subject-of-ada' })).toEqual([])
      expect(await store.countBySubject('subject-of-ada')).toBe(0)
    })

    test('is nothing after all of a person’s sessions have been ended', async () => {
      const clock = standingClock()
      const { store, keyPrefix } = open(clock.now)
      for (let index = 0; index < 3; index += 1) {
        const session = sampleSession()
        await store.save(session)
        await store.touch(session.sid, clock.now(), { expiresAtMs: session.expiresAtMs, unlessSeenAfterMs: 0 })
      }
      await clearRecords({ store, forget: () => undefined }, ADA, clock.now())
      expect(await raw.keys(`${keyPrefix}*`)).toEqual([])
    })
  })

  describe('a record that cannot be read counts as absent, is reported, and can be removed and replaced', () => {
    const session = sampleSession()
    const { record } = encodeSession(session)
    const UNREADABLE_INDEX = { kind: 'session', problem: 'index-not-a-sorted-set' }
    const stamps = fixedStamps()
    const set = (key: string, text: string) => raw.set(key, stamps.mark('session', key, text))
    const plants: [string, string, (key: string) => Promise<unknown>][] = [
      ['of the version before', 'shape at version', (key) => set(key, record.replace('"version":2', '"version":1'))],
      ['of a later version', 'shape at version', (key) => set(key, record.replace('"version":2', '"version":3'))],
      ['a code', 'shape at kind', (key) => set(key, record.replace('"kind":"session"', '"kind":"code"'))],
      ['another session’s', 'names-another-session', (key) => set(key, encodeSession(sampleSession()).record)],
      ['no JSON', 'not-json', (key) => set(key, record.slice(0, 100))],
      ['written without our keys', 'not-stamped', (key) => raw.set(key, record)],
      ['written with other keys', 'not-stamped', (key) => raw.set(key, fixedStamps(8).mark('session', key, record))],
      ['stamped as a code', 'not-stamped', (key) => raw.set(key, stamps.mark('code', key, record))],
      ['stamped for another key', 'not-stamped', (key) => raw.set(key, stamps.mark('session', `${key}.`, record))],
      ['changed', 'not-stamped', (key) => raw.set(key, stamps.mark('session', key, record).replace('ada', 'eve'))],
      ['cut short', 'not-stamped', (key) => raw.set(key, stamps.mark('session', key, record).slice(0, -100))],
      ['bytes', 'not-stamped', (key) => raw.set(key, Buffer.from([0xff, 0x00, 0xfe]))],
      ['a list', 'record-not-text', (key) => raw.rpush(key, record)],
      ['a hash', 'record-not-text', (key) => raw.hset(key, 'session', record)],
      ['of 50 MB', 'too-large', (key) => set(key, `${record}${' '.repeat(50_000_000)}`)],
      ['50 MB of one text', 'too-large', (key) => raw.set(key, 'x'.repeat(50_000_000))],
    ]

    test.for(plants)('%s', async ([, problem, plant]) => {
      const { store, events, keyPrefix } = open(standingClock().now)
      const key = `${keyPrefix}v2:session:{${session.sid}}`
      await store.save(session)
      await raw.del(key)
      await plant(key)
      expect(await store.find(session.sid)).toBeUndefined()
      expect(events.unreadable).toEqual([{ kind: 'session', problem }])
      expect(await sidsOf(store, ADA)).toEqual([])
      expect(await store.remove(session.sid)).toBe(false)
      expect(await raw.exists(key)).toBe(0)
      await plant(key)
      await store.save(session)
      expect(await store.find(session.sid)).toEqual(stored(session))
    })

    const notes: [string, (key: string) => Promise<unknown>][] = [
      ['text', (key) => raw.set(key, 'yesterday')],
      ['a moment after the session’s end', (key) => raw.set(key, `${session.expiresAtMs + 1}`)],
      ['a moment with a fraction', (key) => raw.set(key, `${session.createdAtMs}.5`)],
      ['an exponent', (key) => raw.set(key, '1e12')],
      ['bytes', (key) => raw.set(key, Buffer.from([0xff, 0x00, 0xfe]))],
      ['50 MB', (key) => raw.set(key, '1'.repeat(50_000_000))],
      ['a list', (key) => raw.rpush(key, `${session.createdAtMs + 1}`)],
    ]

    test.for(notes)(
      'a note of when it was seen that is %s counts as none, and the next one replaces it',
      async ([, plant]) => {
        const { store, events, keyPrefix } = open(standingClock().now)
        const { sid, createdAtMs, expiresAtMs } = session
        await store.save(session)
        await plant(`${keyPrefix}v2:seen:{${sid}}`)
        expect(await store.find(sid)).toEqual(stored(session))
        expect(events.unreadable).toEqual([{ kind: 'session', problem: 'seen-not-a-time' }])
        await store.touch(sid, createdAtMs + 90_000, { expiresAtMs, unlessSeenAfterMs: createdAtMs + 30_000 })
        expect(await store.find(sid)).toEqual({ ...session, lastSeenAtMs: createdAtMs + 90_000 })
      },
    )

    test('an entry of a list that is no session is passed over', async () => {
      const { store, keyPrefix } = open(standingClock().now)
      await store.save(session)
      const key = `${keyPrefix}v2:sessions:subject:subject-of-ada`
      for (const text of ['', 'text', 'x'.repeat(100_000)]) await raw.zadd(key, session.expiresAtMs + 1, text)
      for (const limit of [1, 2, 3, 4, 5]) expect(await sidsOf(store, ADA, limit)).toEqual([session.sid])
    })

    test('an index of another type is an empty list, and the next login replaces it', async () => {
      const { store, events, keyPrefix } = open(standingClock().now)
      const index = `${keyPrefix}v2:sessions:subject:${session.identity.subject}`
      await raw.set(index, 'text')
      expect(await sidsOf(store, ADA)).toEqual([])
      expect(await store.countBySubject(session.identity.subject)).toBe(0)
      expect(events.unreadable).toEqual(Array.from({ length: 2 }, () => UNREADABLE_INDEX))
      await store.save(session)
      expect(events.unreadable).toHaveLength(3)
      expect(await sidsOf(store, ADA)).toEqual([session.sid])
      await raw.set(index, 'text')
      expect(await store.remove(session.sid)).toBe(true)
    })

    test('an index that names somebody else’s session ends nothing of theirs', async () => {
      const { store, keyPrefix } = open(standingClock().now)
      const bobs = sampleSession({ subject: 'subject-of-bob' })
      await store.save(bobs)
      await raw.zadd(`${keyPrefix}v2:sessions:subject:subject-of-ada`, bobs.expiresAtMs, bobs.sid)
      expect(await sidsOf(store, ADA)).toEqual([])
      const ports = { store, forget: () => undefined }
      expect(await clearRecords(ports, ADA, bobs.createdAtMs)).toEqual({ removed: 0, isWhole: true })
      expect(await store.find(bobs.sid)).toEqual(stored(bobs))
    })
  })

  test('reads go on and writes are refused while Redis is out of memory', async () => {
    const { store } = open(standingClock().now)
    const session = sampleSession()
    await store.save(session)
    await raw.config('SET', 'maxmemory', '1')
    try {
      for (let time = 0; time < 10; time += 1) {
        await expect(store.save(sampleSession())).rejects.toThrow(StoreUnavailableError)
        expect(await store.find(session.sid)).toEqual(stored(session))
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
    expect(await sidsOf(store, ADA)).toEqual([])
    await store.save(session)
    expect(await store.find(session.sid)).toEqual(stored(session))
  })
})

needs('redis-server', 'the session store while Redis is in trouble', () => {
  let server: RedisPart
  let link: Awaited<ReturnType<typeof connected>>
  let store: SessionStore
  const session = sampleSession()

  beforeEach(async () => {
    server = await startRedis()
    link = await connected({ port: server.port, commandTimeoutMs: COMMAND_TIMEOUT_MS })
    const { redis, events } = link
    store = redisSessionStore({
      redis,
      events,
      now: standingClock().now,
      keyPrefix: 'gatehouse:',
      stamps: fixedStamps(),
    })
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
      () => store.update(session),
      () => store.touch(session.sid, session.createdAtMs, { expiresAtMs: session.expiresAtMs, unlessSeenAfterMs: 0 }),
      () => store.noteApplication(session.sid, 'shop/cart', session.expiresAtMs),
      () => store.list(ADA, { limit: 10 }),
      () => store.list({ all: true }, { limit: 10 }),
      () => store.countBySubject('subject-of-ada'),
    ]
    for (const call of calls) {
      const called = call()
      expect(await endsWithin(300, called)).toBe(true)
      await expect(called).rejects.toThrow(StoreUnavailableError)
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
    expect(await store.find(session.sid)).toEqual(stored(session))
    expect(link.events.availability.map(({ isAvailable }) => isAvailable)).toEqual([true, false, true])
  })

  test('killed with calls under way: each of them says so within 300 ms', async () => {
    server.pause()
    const outcomes = Promise.allSettled(Array.from({ length: 50 }, () => store.find(session.sid)))
    const killed = server.kill9()
    expect(await endsWithin(300, outcomes)).toBe(true)
    for (const outcome of await outcomes) {
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
      expect(await store.find(session.sid)).toEqual(stored(session))
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

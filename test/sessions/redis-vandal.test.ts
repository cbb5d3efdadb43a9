import fc from 'fast-check'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { clearRecords } from '../../src/sessions/ending.ts'
import { sessionsBeyond } from '../../src/sessions/limit.ts'
import { redisSessionStore } from '../../src/sessions/redis.ts'
import { encodeSession, type Session } from '../../src/sessions/session.ts'
import type { SessionFilter, SessionStore } from '../../src/sessions/session-store.ts'
import { standingClock } from '../contracts/clock.ts'
import { sidsOf } from '../contracts/session-store.ts'
import { needs } from '../parts/needs.ts'
import { type RedisPart, startRedis } from '../parts/redis.ts'
import { type Connected, connected } from '../redis/connected.ts'
import { recordedEvents } from '../redis/recorded-events.ts'
import { fixedStamps } from '../tokens/fixed-stamps.ts'
import { sampleSession } from './sample-session.ts'
import { type Damage, damage } from './vandalism.ts'

const APPLICATION = 'shop/cart'
const ADA: SessionFilter = { subject: 'subject-of-ada' }
const SHARED: SessionFilter[] = [
  { email: 'ada@example.com' },
  { provider: 'corporate' },
  { application: APPLICATION },
  { all: true },
]
const LISTS = ['all', 'provider:corporate', 'email:ada@example.com', 'subject:subject-of-ada', 'application:shop/cart']

needs('redis-server', 'whatever somebody without our keys writes to Redis', () => {
  let server: RedisPart
  let link: Connected
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

  /** A store with a session of hers, whose record was another one before, and one of his. */
  async function opened() {
    prefixes += 1
    const keyPrefix = `vandal${prefixes}:`
    const hers = sampleSession()
    const before = { ...hers, identity: { ...hers.identity, groups: ['engineering', 'board'] } }
    const his = sampleSession({ subject: 'subject-of-bob' })
    const { now } = standingClock(hers.createdAtMs)
    const stamps = fixedStamps()
    const store = redisSessionStore({ redis: link.redis, events: recordedEvents(), now, keyPrefix, stamps })
    const keys = {
      record: [`${keyPrefix}v2:session:{${hers.sid}}`],
      seen: [`${keyPrefix}v2:seen:{${hers.sid}}`],
      index: LISTS.map((list) => `${keyPrefix}v2:sessions:${list}`),
    }
    const textOf = async () => (await raw.get(keys.record.join())) ?? ''
    await store.save(before)
    const earlier = await textOf()
    for (const session of [hers, his]) {
      await store.save(session)
      await store.noteApplication(session.sid, APPLICATION, session.expiresAtMs)
    }
    const values = { now: await textOf(), earlier, of: { record: hers, another: his } }
    const vandalise = async ({ of, what }: Damage) => {
      for (const key of keys[of]) await what(raw, key, values)
    }
    return { store, hers, his, known: [hers, before], vandalise }
  }

  /** She has a session that she has had, or none, and he has his. */
  async function expectNobodyElse(store: SessionStore, his: Session, known: readonly Session[]): Promise<void> {
    const sid = known[0]?.sid ?? ''
    const found = await store.find(sid)
    if (found !== undefined) {
      const { lastSeenAtMs, ...session } = found
      expect(known.map((one) => encodeSession(one).session)).toContainEqual(session)
      expect(lastSeenAtMs).toBeGreaterThanOrEqual(session.createdAtMs)
      expect(lastSeenAtMs).toBeLessThanOrEqual(session.expiresAtMs)
    }
    expect(await store.find(his.sid)).toEqual({ ...his, lastSeenAtMs: his.createdAtMs })
  }

  test('is no fault and no other session, and hits nobody whose own record it leaves', {
    timeout: 60_000,
  }, async () => {
    const damages = fc.array(damage, { minLength: 1, maxLength: 6 })
    const body = async (all: readonly Damage[], limit: number) => {
      const { store, hers, his, known, vandalise } = await opened()
      for (const one of all) {
        await vandalise(one)
        await expectNobodyElse(store, his, known)
      }
      for (const filter of SHARED) {
        const listed = new Set(await sidsOf(store, filter, limit))
        expect([hers.sid, his.sid]).toEqual(expect.arrayContaining([...listed]))
      }
      expect(await sidsOf(store, ADA, limit)).not.toContain(his.sid)
      expect(await sidsOf(store, { subject: 'subject-of-bob' })).toEqual([his.sid])
      expect(await store.countBySubject('subject-of-bob')).toBe(1)
      await store.countBySubject('subject-of-ada')
      await sessionsBeyond(store, 'subject-of-ada', { maxPerUser: 1, isLive: () => true })
      const { sid, createdAtMs, expiresAtMs } = hers
      await store.touch(sid, createdAtMs + 1000, { expiresAtMs, unlessSeenAfterMs: createdAtMs })
      await store.noteApplication(sid, APPLICATION, expiresAtMs)
      await store.update(hers)
      await store.update(hers, ['sealed'])
      await expectNobodyElse(store, his, known)
      await clearRecords({ store, forget: () => undefined }, ADA, createdAtMs)
      await store.remove(sid)
      expect(await store.find(sid)).toBeUndefined()
      expect(await store.find(his.sid)).toEqual({ ...his, lastSeenAtMs: createdAtMs })
      await store.save(hers)
      expect(await store.find(sid)).toEqual({ ...hers, lastSeenAtMs: expect.any(Number) })
      expect(await sidsOf(store, ADA, limit)).toContain(sid)
    }
    await fc.assert(fc.asyncProperty(damages, fc.integer({ min: 1, max: 4 }), body), { numRuns: 100 })
  })
})

import type { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { StoreUnavailableError } from '../../src/policy/errors.ts'
import { LEEWAY_MS, LONGEST_SESSION_MS } from '../../src/revocation/life.ts'
import type { RevocationScope } from '../../src/revocation/revocation.ts'
import { loaded } from '../contracts/revocation-log.ts'
import { needs } from '../parts/needs.ts'
import { type RedisPart, startRedis } from '../parts/redis.ts'
import { until } from '../parts/until.ts'
import { ADA, awake, BY, CLOCK, endAfterEach, has, rawAt, replicaAt, SET, STATE, STREAM } from './redis-scene.ts'

const YEAR_MS = 365 * 24 * 3_600_000
const BEFORE: RevocationScope = { kind: 'session', sid: 'before' }
const AFTER: RevocationScope = { kind: 'session', sid: 'after' }

type Poison = readonly [what: string, write: (raw: Redis) => Promise<unknown>]

const clock = (what: string, text: () => string): Poison => [`a clock ${what}`, (raw) => raw.set(CLOCK, text())]
const state = (field: string, what: string, text: string): Poison => [
  `${field}: ${what}`,
  (raw) => raw.hset(STATE, field, text),
]
const held = (what: string, scope: string, text: string): Poison => [what, (raw) => raw.hset(SET, scope, text)]

const isAwake = (told: string) => told === 'changed awake'

const POISONS: readonly Poison[] = [
  clock('of 29 digits', () => `${'9'.repeat(29)} 0`),
  clock('of 400 digits', () => `${'9'.repeat(400)} 0`),
  clock('of 20,000 digits, on which a pattern would work for minutes', () => '9'.repeat(20_000)),
  clock('that no whole number is exact at', () => `9007199254740993 ${Date.now()}`),
  clock('after which the end of a life is not exact', () => `${2 ** 53 - 1e9} ${Date.now()}`),
  clock('50 years ahead', () => `${Date.now() + 50 * YEAR_MS} ${Date.now()}`),
  clock('that was noted ages ago', () => `${Date.now() + 1000} 0`),
  state('count', 'a number that is too large', '1e300'),
  state('count', 'no number', 'nan'),
  state('count', 'less than nothing', '-1000'),
  state('count', 'one beyond what is exact', '9007199254740993'),
  state('count', 'a megabyte', '1'.repeat(1_000_000)),
  state('name', 'nothing', ''),
  state('name', 'no word', 'a\nb'),
  state('name', 'a megabyte', 'x'.repeat(1_000_000)),
  state('size', 'no number', 'nan'),
  state('scan', 'no cursor', 'abc'),
  state('scan', 'a cursor that is too large', '9'.repeat(30)),
  held('a person until a moment of 400 digits', 'subject/ada', `${'9'.repeat(400)} ${'9'.repeat(400)}`),
  held('a person until a moment of 17 digits', 'subject/ada', `${'9'.repeat(17)} ${'9'.repeat(17)}`),
  held('everybody until the last exact moment', 'everybody', `${2 ** 53 - 1} ${2 ** 53 - 1}`),
  held('everybody until a moment of 15 digits', 'everybody', '999999999999999 999999999999999'),
  held('everybody until in 50 years', 'everybody', `${Date.now() + 50 * YEAR_MS} ${Date.now() + 51 * YEAR_MS}`),
  held('a scope of a megabyte', `subject/${'x'.repeat(1_000_000)}`, '1 9999999999999'),
  [
    'everybody until in 50 years, on the stream',
    async (raw) => {
      const count = await raw.hincrby(STATE, 'count', 1)
      const at = Date.now() + 50 * YEAR_MS
      await raw.xadd(STREAM, '*', 'n', count, 'revoked', 'everybody', 'at', at, 'expires', at + 1000)
    },
  ],
]

needs('redis-server', 'one odd write to Redis', () => {
  endAfterEach()
  let server: RedisPart

  beforeAll(async () => {
    server = await startRedis()
  })
  afterAll(() => server?.stop())

  async function opened() {
    const raw = rawAt(server.port)
    await raw.flushall()
    return { raw, one: await replicaAt(server.port), other: await replicaAt(server.port) }
  }

  test.for(POISONS)(
    '%s: replicas see and revoke all the same, who is revoked can sign in again, and a flush is mended',
    async ([, write]) => {
      const { raw, one, other } = await opened()
      const replicas = [one, other]
      await one.revoker.revoke(BEFORE, BY)
      await write(raw)
      using _ = awake(one)
      await until('both have heard', () => replicas.every(({ told }) => told.filter(isAwake).length > 2))
      const issuedAtMs = other.clock.issueTime()
      for (const scope of [AFTER, ADA]) {
        const { revocation, status } = await until('it is answered', () => one.revoker.revoke(scope, BY))
        expect(status).toBe('accepted')
        expect(revocation.atMs).toBeGreaterThanOrEqual(issuedAtMs)
        await until('the other knows', () => has(other, scope))
      }
      const isFreeAgain = () =>
        replicas.every(({ clock: { issueTime }, view }) => [...view.entries()].every(({ atMs }) => atMs < issueTime()))
      await until('who signs in now is not hit', isFreeAgain)
      const since = performance.now()
      const isFresh = ({ view }: typeof one) => performance.now() - (view.ageMs() ?? Number.POSITIVE_INFINITY) > since
      await until('both are fresh', () => replicas.every(isFresh))

      await raw.flushall()
      await until('all is given back', async () => {
        return (await raw.hlen(SET)) >= 3 && replicas.every(({ view }) => view.owed() === 0)
      })
      const newcomer = await replicaAt(server.port)
      for (const scope of [BEFORE, AFTER, ADA]) expect(has(newcomer, scope)).toBe(true)
      await until('who signs in now is not hit', isFreeAgain)
      for (const { events } of [...replicas, newcomer]) expect(events.of('internalError')).toEqual([])
    },
  )

  describe('a clock that is far ahead', () => {
    test('keeps no revocation for longer', async () => {
      const { raw, one } = await opened()
      await raw.set(CLOCK, `${Date.now() + 50 * YEAR_MS} ${Date.now()}`)
      const { revocation } = await one.revoker.revoke(ADA, BY)
      expect(revocation.atMs).toBeGreaterThan(Date.now() + 49 * YEAR_MS)
      expect(revocation.expiresAtMs).toBeLessThanOrEqual(Date.now() + LONGEST_SESSION_MS + LEEWAY_MS)
      expect(revocation.expiresAtMs).toBeGreaterThan(Date.now() + LONGEST_SESSION_MS)
    })

    test('is followed, but no further than a server’s clock can be wrong', async () => {
      const { raw, one } = await opened()
      await raw.set(CLOCK, `${Date.now() + 299 * YEAR_MS} ${Date.now()}`)
      expect((await one.log.end()).clockMs).toBeGreaterThan(Date.now() + 298 * YEAR_MS)
      await raw.set(CLOCK, `${Date.now() + 900 * YEAR_MS} ${Date.now()}`)
      const { clockMs, timeMs } = await one.log.end()
      expect(clockMs - timeMs).toBeLessThanOrEqual(300 * YEAR_MS)
      expect(clockMs - timeMs).toBeGreaterThan(300 * YEAR_MS - 1000)
    })
  })

  test('what is too long to be ours is taken out of the set, and nothing else', async () => {
    const { raw, one } = await opened()
    await one.revoker.revoke(ADA, BY)
    await raw.hset(SET, {
      [`subject/${'x'.repeat(20_000)}`]: '1 9999999999999',
      'subject/x': 'y'.repeat(20_000),
      z: 'z',
    })
    using _ = awake(one)
    await until('they are gone', async () => (await raw.hlen(SET)) === 2)
    expect((await raw.hkeys(SET)).sort()).toEqual(['subject/ada', 'z'])
  })

  test('a key that is of another type by the time the set is read costs one more reading', async () => {
    const { raw, one } = await opened()
    const { position } = await one.log.end()
    await raw.multi().del(STATE).rpush(STATE, 'a', 'list').exec()
    await expect(loaded(one.log, position)).rejects.toThrow(StoreUnavailableError)
    await until('it can be read', async () => loaded(one.log, (await one.log.end()).position))
  })

  test('a server without memory, whose set is taken away, still proves what there is', async () => {
    const { raw, one, other } = await opened()
    await one.revoker.revoke(ADA, BY)
    await raw.config('SET', 'maxmemory', '1')
    try {
      await raw.del(SET)
      const since = performance.now()
      await until('later reads prove it', () =>
        [one, other].every(({ view }) => performance.now() - since > (view.ageMs() ?? Number.POSITIVE_INFINITY) + 100),
      )
      for (const replica of [one, other]) expect(has(replica, ADA)).toBe(true)
    } finally {
      await raw.config('SET', 'maxmemory', '0')
    }
    await until('it is given back', async () => (await raw.hlen(SET)) === 1)
  })
})

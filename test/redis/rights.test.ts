import { expect, test } from 'vitest'
import { redisCodeStore } from '../../src/login/redis.ts'
import type { RedisSettings } from '../../src/redis/settings.ts'
import { redisLockStore } from '../../src/sessions/lock-redis.ts'
import { redisSessionStore } from '../../src/sessions/redis.ts'
import { needs } from '../parts/needs.ts'
import { startRedis } from '../parts/redis.ts'
import { redisCommand } from '../parts/redis-command.ts'
import { until } from '../parts/until.ts'
import { redisReplica } from '../revocation/redis-replica.ts'
import { HOUR_MS, sampleSession } from '../sessions/sample-session.ts'
import { fixedStamps } from '../tokens/fixed-stamps.ts'
import { type Connected, connectedTo } from './connected.ts'
import { RIGHTS, refusals } from './rights.ts'

const KEYS = { keyPrefix: 'gatehouse:', stamps: fixedStamps() }
const BY = { actor: 'admin', reason: 'test' } as const
const now = () => Date.now()

/** Every command of the session store, also those by which it mends what somebody else has written. */
async function useSessions({ redis, events }: Connected, port: number): Promise<void> {
  const store = redisSessionStore({ redis, events, now, ...KEYS })
  const session = sampleSession({ createdAtMs: now(), expiresAtMs: now() + HOUR_MS })
  const { sid, identity, expiresAtMs } = session
  await redisCommand(port, ['SET', `gatehouse:v2:sessions:subject:${identity.subject}`, 'text'])
  await store.save(session)
  expect(await store.update(session)).toBe(true)
  await store.touch(sid, now(), { expiresAtMs, unlessSeenAfterMs: 0 })
  await store.noteApplication(sid, 'shop/cart', expiresAtMs)
  expect(await store.find(sid)).toBeDefined()
  expect((await store.list({ all: true }, { limit: 10 })).sessions).toHaveLength(1)
  expect(await store.countBySubject(identity.subject)).toBe(1)
  // An entry that has expired makes way for the next.
  await redisCommand(port, ['ZADD', 'gatehouse:v2:sessions:all', '1', 'gone'])
  await store.save(session)
  expect(await store.remove(sid)).toBe(true)
}

async function useCodes({ redis, events }: Connected): Promise<void> {
  const store = redisCodeStore({ redis, events, ...KEYS })
  await store.put('key', 'record', 60)
  await store.replace('key', 'another', 60)
  expect(await store.take('key')).toBe('another')
}

async function useLocks({ redis }: Connected): Promise<void> {
  const store = redisLockStore({ redis, ...KEYS })
  expect(await store.take('sid', 'holder', 60_000)).toBe(true)
  expect(await store.prolong('sid', 'holder', 60_000)).toBe(true)
  await store.free('sid', 'holder')
}

async function useRevocations(settings: RedisSettings): Promise<void> {
  await using replica = await redisReplica(settings, { replicasToAcknowledge: 1 })
  const { log, revoker, view, scripts, tail } = replica
  await until('both links are there', () => scripts.isAuthoritative() && tail.isAuthoritative())
  await until('it has read the log', () => view.state() === 'current')
  // It has expired by the time of the next, which sweeps it away.
  await log.record({ kind: 'subject', subject: 'subject-of-bob' }, 1)
  await revoker.revoke({ kind: 'subject', subject: 'subject-of-ada' }, BY)
  await revoker.sessionChanged('sid-1')
  await log.restore([{ scope: { kind: 'everybody' }, atMs: now(), expiresAtMs: now() + 9000 }])
  await until('it has read all', () => view.hitsSession(sampleSession({ subject: 'subject-of-eve', createdAtMs: 1 })))
}

/** Commands that have been done since the statistics began, also within scripts. */
async function done(port: number): Promise<string[]> {
  const stats = String(await redisCommand(port, ['INFO', 'commandstats']))
  return [...stats.matchAll(/cmdstat_(\S+):calls=[1-9]/g)].map(([, name]) => `+${name}`)
}

needs('redis-server', 'a user with the rights of the guide and no others', () => {
  test('keeps sessions, codes, locks and revocations, is refused nothing, and needs every one of them', async () => {
    await using server = await startRedis({
      args: [
        '--user',
        'gatehouse',
        'on',
        '>secret-1',
        'resetchannels',
        'resetkeys',
        '~gatehouse:*',
        '-@all',
        ...RIGHTS,
      ],
    })
    const { port } = server
    const settings = { host: '127.0.0.1', port, username: 'gatehouse', password: 'secret-1', commandTimeoutMs: 5000 }
    {
      await using connection = await connectedTo(settings)
      await useSessions(connection, port)
      await useCodes(connection)
      await useLocks(connection)
      await useRevocations(settings)
    }
    await using elsewhere = await connectedTo({ ...settings, database: 1 })
    expect(elsewhere.redis.isAvailable()).toBe(true)
    // It may not read the configuration, and so says nothing of persistence.
    expect(new Set(await refusals(server))).toEqual(new Set(['config|get']))
    const used = await done(port)
    expect(RIGHTS.filter((right) => !used.includes(right))).toEqual([])
  })
})

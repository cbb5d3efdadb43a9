import { describe, expect, test } from 'vitest'
import { StoreUnavailableError } from '../../src/policy/errors.ts'
import { needs } from '../parts/needs.ts'
import { startRedis } from '../parts/redis.ts'
import { until } from '../parts/until.ts'
import { RIGHTS } from '../redis/rights.ts'
import {
  ADA,
  BY,
  CLOCK,
  endAfterEach,
  everythingIsBack,
  has,
  rawAt,
  replicaAt,
  revokeAll,
  SET,
  STATE,
  use,
  world,
} from './redis-scene.ts'
import { SCOPES } from './scopes.ts'

needs('redis-server', 'revocations on a Redis in trouble', () => {
  endAfterEach()

  test('nothing is claimed while the server stands still, and all is well when it goes on', async () => {
    const { server, one, other } = await world()
    await revokeAll(one)
    server.pause()
    await expect(one.revoker.revoke(ADA, BY)).rejects.toThrow(StoreUnavailableError)
    await until('the view ages', () => (one.view.ageMs() ?? 0) > 4500)
    expect(one.view.state()).toBe('current')
    server.resume()
    await until('both are fresh', () => [one, other].every(({ view }) => (view.ageMs() ?? 9999) < 1500))
    for (const scope of SCOPES) expect(has(other, scope)).toBe(true)
    expect((await one.revoker.revoke(ADA, BY)).status).toBe('accepted')
  })

  test('a server that became a replica takes nothing and proves nothing, and does again when it is the master', async () => {
    const { server, raw, one, other } = await world()
    await revokeAll(one)
    await raw.replicaof('127.0.0.1', '1')
    await expect(one.revoker.revoke(ADA, BY)).rejects.toThrow(StoreUnavailableError)
    await until('the view ages', () => (one.view.ageMs() ?? 0) > 2500)
    for (const scope of SCOPES) expect(has(one, scope)).toBe(true)
    await raw.replicaof('NO', 'ONE')
    await until('both are fresh', () => [one, other].every(({ view }) => (view.ageMs() ?? 9999) < 1500))
    await everythingIsBack(server, [one, other])
  })

  test('a server out of memory takes nothing, and still proves what there is', async () => {
    const { raw, one } = await world()
    await one.revoker.revoke(ADA, BY)
    await raw.config('SET', 'maxmemory', '1')
    await expect(one.revoker.revoke({ kind: 'everybody' }, BY)).rejects.toThrow(StoreUnavailableError)
    const since = performance.now()
    await until('a later read proves it', () => performance.now() - since > (one.view.ageMs() ?? 9999) + 100)
    expect(one.events.of('revocationViewReloaded')).toHaveLength(1)
    await raw.config('SET', 'maxmemory', '0')
    expect((await one.revoker.revoke({ kind: 'everybody' }, BY)).status).toBe('accepted')
  })

  test('a server that nobody vouches for as the master proves nothing, and holds nothing safely', async () => {
    const { one } = await world()
    one.tail.believe(false)
    one.scripts.believe(false)
    const since = performance.now()
    expect(await one.revoker.revoke(ADA, BY)).toMatchObject({ status: 'pending', holders: 0, wanted: 0 })
    await until('time passes', () => performance.now() - since > 2200)
    expect(one.view.ageMs()).toBeGreaterThan(2000)
    one.tail.believe(true)
    await until('it is fresh', () => (one.view.ageMs() ?? 9999) < 1500)
  })

  describe('the clock', () => {
    test('is never behind what a caller knows it to have been, and goes on from there', async () => {
      const { one } = await world()
      const { clockMs, timeMs } = await one.log.end()
      expect(Math.abs(clockMs - timeMs)).toBeLessThanOrEqual(1)
      const ahead = Date.now() + 60_000
      one.clock.sample({ clockMs: ahead, timeMs })
      const { revocation } = await one.revoker.revoke(ADA, BY)
      expect(revocation.atMs).toBeGreaterThanOrEqual(ahead)
      await until('time passes', async () => (await one.log.end()).timeMs > timeMs + 1000)
      const later = await one.log.end()
      expect(later.clockMs).toBeGreaterThan(ahead + 950)
      expect(later.clockMs - later.timeMs).toBeLessThan(60_500)
    })

    test('falls back to the server’s slowly, and so never faster than replicas take it to run', async () => {
      const { raw, one } = await world()
      const noted = await one.log.end()
      await raw.set(CLOCK, `${noted.timeMs + 5_000_000} ${noted.timeMs - 1_000_000}`)
      const { clockMs, timeMs: then } = await one.log.end()
      const expected = noted.timeMs + 5_000_000 + (then - noted.timeMs + 1_000_000) * 0.9995
      expect(Math.abs(clockMs - expected)).toBeLessThan(2)
    })

    test.for(['rubbish', '', '-5 1', '1e99 0', 'inf nan'])('takes no notice of %j in its place', async (text) => {
      const { raw, one } = await world()
      await raw.set(CLOCK, text)
      const { clockMs, timeMs } = await one.log.end()
      expect(Math.abs(clockMs - timeMs)).toBeLessThan(1000)
    })
  })

  test('what has expired is swept away, a little with each write, and nothing before', async () => {
    const { raw, one } = await world()
    const { clockMs } = await one.log.end()
    const many = Object.fromEntries(
      Array.from({ length: 3000 }, (_, index) => [
        `session/sid-${index}`,
        `${clockMs - 9000} ${clockMs - (index % 2 === 0 ? 1 : -9_000_000)}`,
      ]),
    )
    await raw.multi().hset(SET, many).hset(STATE, 'size', 3000).exec()
    await until(
      'half are gone',
      async () => {
        await one.log.record({ kind: 'everybody' }, 100_000)
        return (await raw.hlen(SET)) === 1501
      },
      { everyMs: 1 },
    )
    expect(one.events.of('revocationViewReloaded')).toHaveLength(1)
  })

  test('need no more of an ACL user than the rights that the settings name', async () => {
    const server = use(await startRedis())
    const raw = rawAt(server.port)
    await raw.acl('SETUSER', 'default', 'reset', 'on', 'nopass', '~gatehouse:*', '-@all', ...RIGHTS)
    const one = await replicaAt(server.port)
    await one.revoker.revoke(ADA, BY)
    await one.revoker.sessionChanged('sid-1')
    await one.log.restore([{ scope: { kind: 'everybody' }, atMs: Date.now(), expiresAtMs: Date.now() + 9000 }])
    await until('it has read all', () => one.view.size() === 2)
  })
})

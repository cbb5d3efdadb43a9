import { describe, expect, test } from 'vitest'
import type { RevocationScope } from '../../src/revocation/revocation.ts'
import { scopeText } from '../../src/revocation/scope-text.ts'
import { loaded } from '../contracts/revocation-log.ts'
import { needs } from '../parts/needs.ts'
import { until } from '../parts/until.ts'
import {
  ADA,
  BY,
  CLOCK,
  endAfterEach,
  everythingIsBack,
  revokeAll,
  SET,
  STATE,
  STREAM,
  use,
  world,
} from './redis-scene.ts'
import { redisLog } from './redis-world.ts'
import { SCOPES } from './scopes.ts'

needs('redis-server', 'revocations on a real Redis', () => {
  endAfterEach()

  test('are refused by another replica within moments', async () => {
    const { one, other } = await world()
    const latencies: number[] = []
    for (let index = 0; index < 100; index += 1) {
      const scope: RevocationScope = { kind: 'session', sid: `sid-${index}` }
      await one.revoker.revoke(scope, BY)
      const acceptedAt = performance.now()
      await until('the other refuses', () => other.view.size() > index, { everyMs: 1 })
      latencies.push(performance.now() - acceptedAt)
    }
    expect(latencies.sort((a, b) => a - b)[50]).toBeLessThan(20)
    expect(one.events.of('revocationViewReloaded')).toHaveLength(1)
    expect(other.told.slice(0, 2)).toEqual(['gap', 'revoked session'])
  })

  test('and changes of sessions reach every replica', async () => {
    const { one, other } = await world()
    await one.revoker.sessionChanged('sid-1')
    await until('both have been told', () => [one, other].every(({ told }) => told.includes('changed sid-1')))
    expect(one.told).toEqual(['gap', 'own change sid-1', 'changed sid-1'])
  })

  describe('survive in the replicas, and are given back, when the server', () => {
    test('is killed and comes back empty', async () => {
      const { server, one, other } = await world()
      await revokeAll(one)
      await until('the other knows', () => other.view.size() === SCOPES.length)
      await server.kill9()
      await server.restart()
      await everythingIsBack(server, [one, other])
      expect(one.told.filter((what) => what === 'gap').length).toBeGreaterThan(1)
    })

    test('is flushed', async () => {
      const { server, raw, one, other } = await world()
      await revokeAll(one)
      await until('the other knows', () => other.view.size() === SCOPES.length)
      await raw.flushall()
      await everythingIsBack(server, [one, other])
    })

    test('is flushed again and again while more is revoked', async () => {
      const { server, raw, one, other } = await world()
      const scopes: RevocationScope[] = []
      for (let index = 0; index < 40; index += 1) {
        const scope: RevocationScope = { kind: 'session', sid: `sid-${index}` }
        await (index % 2 === 0 ? one : other).revoker.revoke(scope, BY)
        scopes.push(scope)
        if (index % 10 === 5) await raw.flushall()
      }
      await until('both know', () => [one, other].every(({ view }) => view.size() === scopes.length))
      await everythingIsBack(server, [one, other], scopes)
    })

    test('comes back with an old snapshot', async () => {
      const { server, raw, one, other } = await world()
      await one.revoker.revoke(ADA, BY)
      await raw.save()
      const early = (await loaded(one.log)).get(scopeText(ADA))
      await until('time has passed', async () => (await one.log.end()).clockMs > (early?.atMs ?? 0) + 5)
      await revokeAll(one)
      const { revocation } = await one.revoker.revoke(ADA, BY)
      await until('the other knows', () => other.view.size() === SCOPES.length + 1)
      await server.kill9()
      await server.restart()
      await everythingIsBack(server, [one, other], [...SCOPES, ADA])
      expect((await loaded(one.log)).get(scopeText(ADA))).toEqual(revocation)
    })

    test.for([SET, STREAM, STATE, CLOCK])('loses %s alone', async (key) => {
      const { server, raw, one, other } = await world()
      await revokeAll(one)
      await raw.del(key)
      await one.revoker.revoke(ADA, BY)
      await until('both know', () => [one, other].every(({ view }) => view.size() === SCOPES.length + 1))
      await everythingIsBack(server, [one, other], [...SCOPES, ADA])
    })

    test.for([SET, STREAM, STATE, CLOCK])('holds something else under %s', async (key) => {
      const { server, raw, one, other } = await world()
      await revokeAll(one)
      await raw.multi().del(key).rpush(key, 'a', 'list').exec()
      await one.revoker.revoke(ADA, BY)
      await until('both know', () => [one, other].every(({ view }) => view.size() === SCOPES.length + 1))
      await everythingIsBack(server, [one, other], [...SCOPES, ADA])
      const problems = [one, other].flatMap(({ events }) => events.of('storeRecordUnreadable'))
      expect(problems).toEqual([{ kind: 'revocation', problem: 'key-of-another-type' }])
    })

    test('has some of the set taken out, or spoilt, by hand', async () => {
      const { server, raw, one, other } = await world()
      await revokeAll(one)
      await until('the other knows', () => other.view.size() === SCOPES.length)
      await raw.hdel(SET, 'everybody')
      await everythingIsBack(server, [one, other])
      await raw.hset(SET, 'everybody', 'yes')
      await raw.hset(SET, 'nonsense/x', '1 9999999999999')
      await everythingIsBack(server, [one, other])
      expect(one.events.of('storeRecordUnreadable').length).toBeGreaterThan(0)
    })

    test('gets another replication history', async () => {
      const { server, raw, one, other } = await world(['--enable-debug-command', 'yes'])
      await revokeAll(one)
      await raw.call('DEBUG', 'CHANGE-REPL-ID')
      await until('both have read everything again', () =>
        [one, other].every(({ events }) => events.of('revocationViewReloaded').length === 2),
      )
      await everythingIsBack(server, [one, other])
    })
  })

  test('a reader that comes back behind a trimmed stream is told that there is a gap', async () => {
    const { server, raw, one } = await world()
    const { log } = use(await redisLog({ at: server.port }))
    const { position } = await until('it is connected', () => log.end())
    await one.revoker.revoke(ADA, BY)
    const { position: later } = await log.end()
    await one.revoker.revoke({ kind: 'everybody' }, BY)
    await raw.xtrim(STREAM, 'MAXLEN', 1)
    const signal = AbortSignal.timeout(5000)
    expect(await log.read(position, signal)).toBe('gap')
    expect(await log.read(later, signal)).toMatchObject({ isAuthoritative: true })
    await raw.xtrim(STREAM, 'MAXLEN', 0)
    expect(await log.read(later, signal)).toBe('gap')
  })

  test('rubbish on the stream costs one reload, whatever it is', async () => {
    const { server, raw, one, other } = await world()
    await revokeAll(one)
    await until('the other knows', () => other.view.size() === SCOPES.length)
    await raw.xadd(STREAM, '*', 'some', 'thing')
    await everythingIsBack(server, [one, other])
    await raw.xadd(STREAM, '18446744073709551615-18446744073709551615', 'last', 'id')
    await until('both stand behind the last id', () =>
      [one, other].every(({ events }) => events.of('revocationViewReloaded').length === 3),
    )
    await everythingIsBack(server, [one, other])
    await one.revoker.revoke(ADA, BY)
    await until('both know', () => [one, other].every(({ view }) => view.size() === SCOPES.length + 1))
    await everythingIsBack(server, [one, other], [...SCOPES, ADA])
  })

  test('an entry that this version cannot read is passed over, and reported', async () => {
    const { raw, one, other } = await world()
    await raw
      .multi()
      .xadd(STREAM, '*', 'n', '1', 'revoked', 'planet/mars', 'at', '1', 'expires', '2')
      .hset(STATE, 'count', '1')
      .exec()
    await one.revoker.revoke(ADA, BY)
    await until('both know', () => [one, other].every(({ view }) => view.size() === 1))
    for (const { events } of [one, other]) {
      expect(events.of('revocationViewReloaded')).toHaveLength(1)
      expect(events.of('storeRecordUnreadable')).toEqual([{ kind: 'revocation', problem: 'shape' }])
    }
  })
})

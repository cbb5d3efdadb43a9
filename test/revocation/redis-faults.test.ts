import { Redis } from 'ioredis'
import { afterEach, describe, expect, test } from 'vitest'
import { StoreUnavailableError } from '../../src/policy/errors.ts'
import type { RevocationScope } from '../../src/revocation/revocation.ts'
import { scopeText } from '../../src/revocation/scope-text.ts'
import { loaded } from '../contracts/revocation-log.ts'
import { needs } from '../parts/needs.ts'
import { type RedisPart, startRedis } from '../parts/redis.ts'
import { until } from '../parts/until.ts'
import { type RedisReplica, redisReplica } from './redis-replica.ts'
import { redisLog } from './redis-world.ts'
import { SCOPES } from './scopes.ts'

const BY = { actor: 'admin', reason: 'test' } as const
const SET = 'gatehouse:{revocation}:set'
const STREAM = 'gatehouse:{revocation}:stream'
const STATE = 'gatehouse:{revocation}:state'
const CLOCK = 'gatehouse:{revocation}:clock'
const ADA: RevocationScope = { kind: 'subject', subject: 'ada' }

const opened: AsyncDisposable[] = []
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one[Symbol.asyncDispose]()
})

function use<One extends AsyncDisposable>(one: One): One {
  opened.push(one)
  return one
}

async function replicaAt(port: number, options: Parameters<typeof redisReplica>[1] = {}): Promise<RedisReplica> {
  const replica = use(await redisReplica(port, options))
  await replica.synced()
  await until('it can write', () => replica.scripts.run('ping', 500, (commands) => commands.time()))
  return replica
}

function rawAt(port: number): Redis {
  const raw = new Redis(port, { retryStrategy: () => 20 })
  raw.on('error', () => undefined)
  use({ [Symbol.asyncDispose]: async () => raw.disconnect() })
  return raw
}

const has = ({ view }: RedisReplica, scope: RevocationScope) =>
  [...view.entries()].some((one) => scopeText(one.scope) === scopeText(scope))

async function world(args: readonly string[] = []) {
  const server = use(await startRedis({ args }))
  const raw = rawAt(server.port)
  const [one, other] = [await replicaAt(server.port), await replicaAt(server.port)]
  return { server, raw, one, other }
}

/** Everything that was revoked is refused by both replicas, stands in the store, and is known to a replica that is new. */
async function everythingIsBack(server: RedisPart, replicas: readonly RedisReplica[], scopes = SCOPES): Promise<void> {
  for (const scope of scopes) for (const replica of replicas) expect(has(replica, scope)).toBe(true)
  // Twice, since what one gives back the others have yet to read.
  for (const _ of ['all given back', 'all read']) {
    const since = performance.now()
    const isFresh = ({ view }: RedisReplica) => performance.now() - (view.ageMs() ?? Number.POSITIVE_INFINITY) > since
    await until('the store has everything back', () =>
      replicas.every((one) => isFresh(one) && one.view.owed() === 0 && one.view.size() === scopes.length),
    )
  }
  const newcomer = await replicaAt(server.port)
  for (const scope of scopes) expect(has(newcomer, scope)).toBe(true)
  for (const { events } of [...replicas, newcomer]) expect(events.of('internalError')).toEqual([])
}

async function revokeAll({ revoker }: RedisReplica, scopes = SCOPES): Promise<void> {
  for (const scope of scopes) expect(await revoker.revoke(scope, BY)).toMatchObject({ status: 'accepted' })
}

needs('redis-server', 'revocations on a real Redis', () => {
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
      await raw.hdel(SET, 'everybody')
      await everythingIsBack(server, [one, other])
      await raw.hset(SET, 'everybody', 'yes')
      await raw.hset(SET, 'nonsense/x', '1 2')
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
    const { log } = use(await redisLog({ port: server.port }))
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
    await raw.xadd(STREAM, '*', 'some', 'thing')
    await everythingIsBack(server, [one, other])
    await raw.xadd(STREAM, '18446744073709551615-18446744073709551615', 'last', 'id')
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

  describe('with replicas of the server', () => {
    async function withReplica(options: { readonly replicasToAcknowledge?: number } = {}) {
      const master = use(await startRedis({ args: ['--repl-diskless-sync-delay', '0'] }))
      const follower = use(await startRedis({ args: ['--replicaof', '127.0.0.1', `${master.port}`] }))
      const raw = rawAt(master.port)
      await until('the replica is online', async () => (await raw.info('replication')).includes('state=online'))
      return { master, follower, raw, one: await replicaAt(master.port, options) }
    }

    test('a revocation is accepted when each that is online has it', async () => {
      const { one, follower } = await withReplica()
      expect(await one.revoker.revoke(ADA, BY)).toMatchObject({ status: 'accepted', holders: 1, wanted: 1 })
      const copy = rawAt(follower.port)
      expect(await copy.hexists(SET, scopeText(ADA))).toBe(1)
    })

    test('it is pending while one does not answer, and many at once wait no longer than one', async () => {
      const { one, follower } = await withReplica()
      await one.revoker.revoke(ADA, BY)
      follower.pause()
      const startedAt = performance.now()
      const answers = await Promise.all(
        Array.from({ length: 50 }, (_, index) => one.revoker.revoke({ kind: 'session', sid: `sid-${index}` }, BY)),
      )
      expect(performance.now() - startedAt).toBeLessThan(3000)
      for (const answer of answers) expect(answer).toMatchObject({ status: 'pending', holders: 0, wanted: 1 })
      follower.resume()
      await until('it is accepted again', async () => (await one.revoker.revoke(ADA, BY)).status === 'accepted')
    })

    test('it is pending when the master has lost sight of its replica, as one does that is cut off', async () => {
      const { one, follower, raw } = await withReplica()
      await one.revoker.revoke(ADA, BY)
      await follower.kill9()
      await until('the master sees none', async () => (await raw.info('replication')).includes('connected_slaves:0'))
      expect(await one.revoker.revoke(ADA, BY)).toMatchObject({ status: 'pending', holders: 0, wanted: 1 })
    })

    test('it is pending while fewer have it than are asked for', async () => {
      const { one } = await withReplica({ replicasToAcknowledge: 2 })
      expect(await one.revoker.revoke(ADA, BY)).toMatchObject({ status: 'pending', holders: 1, wanted: 2 })
    })

    test('it stays refused when a replica without it takes over, and that one is given it', async () => {
      const { one, master, follower } = await withReplica()
      const copy = rawAt(follower.port)
      await copy.replicaof('NO', 'ONE')
      await revokeAll(one, [ADA])
      // The same port, so that the links find the one that took over.
      await master.kill9()
      const heir = use(await startRedis({ port: master.port }))
      const rawHeir = rawAt(heir.port)
      await until('it is given back', async () => (await rawHeir.hexists(SET, scopeText(ADA))) === 1)
      expect(has(one, ADA)).toBe(true)
    })
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
      const { timeMs } = await one.log.end()
      await raw.set(CLOCK, `${timeMs + 1000} ${timeMs - 100_000_000}`)
      // As if it had been noted long ago: it has fallen back to the server's.
      expect((await one.log.end()).clockMs).toBeLessThan(timeMs + 100_000_000)
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

  test('needs no more of an ACL user than these commands on keys of its prefix', async () => {
    const server = use(await startRedis())
    const raw = rawAt(server.port)
    const commands =
      'eval evalsha xread wait info time type get set del hget hset hmget hdel hlen hscan xadd xrange xrevrange'
    const rights = `${commands} ping role exists client|setname hello`.split(' ').map((command) => `+${command}`)
    await raw.acl('SETUSER', 'default', 'reset', 'on', 'nopass', '~gatehouse:*', '-@all', ...rights)
    const one = await replicaAt(server.port)
    await one.revoker.revoke(ADA, BY)
    await one.revoker.sessionChanged('sid-1')
    await one.log.restore([{ scope: { kind: 'everybody' }, atMs: Date.now(), expiresAtMs: Date.now() + 9000 }])
    await until('it has read all', () => one.view.size() === 2)
  })
})

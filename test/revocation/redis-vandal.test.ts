import fc from 'fast-check'
import type { Redis } from 'ioredis'
import { expect, test } from 'vitest'
import { StoreUnavailableError } from '../../src/policy/errors.ts'
import type { RevocationScope } from '../../src/revocation/revocation.ts'
import { scopeText } from '../../src/revocation/scope-text.ts'
import { needs } from '../parts/needs.ts'
import { type RedisPart, startRedis } from '../parts/redis.ts'
import { until } from '../parts/until.ts'
import { type RedisReplica, redisReplica } from './redis-replica.ts'
import { awake, BY, endAfterEach, rawAt, STATE, use } from './redis-scene.ts'
import { anyVandalism, endVandalism, type Vandalism } from './vandalism.ts'

type Step = Vandalism | { readonly revoke: RevocationScope; readonly by: 0 | 1 } | { readonly looks: number }

const LONGEST_MS = 25_000
/** Most of the time goes by in waiting. */
const AT_ONCE = 4
/** By when all is well after whatever has happened. */
const WELL_WITHIN_MS = 10_000

const anyScope: fc.Arbitrary<RevocationScope> = fc.oneof(
  fc.nat(5).map((index) => ({ kind: 'session' as const, sid: `sid-${index}` })),
  fc.constant({ kind: 'subject' as const, subject: 'ada' }),
  fc.constant({ kind: 'email' as const, email: 'ada@example.com' }),
  fc.constant({ kind: 'everybody' as const }),
)
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  { arbitrary: anyVandalism, weight: 6 },
  { arbitrary: fc.record({ revoke: anyScope, by: fc.constantFrom(0 as const, 1 as const) }), weight: 3 },
  { arbitrary: fc.record({ looks: fc.integer({ min: 1, max: 3 }) }), weight: 3 },
)

/** The moments by scope that a replica refuses by. */
const momentsOf = ({ view }: RedisReplica) =>
  new Map([...view.entries()].map(({ scope, atMs }) => [scopeText(scope), atMs]))

function holdsAll(moments: ReadonlyMap<string, number>, revoked: ReadonlyMap<string, number>): boolean {
  return [...revoked].every(([scope, atMs]) => (moments.get(scope) ?? Number.NEGATIVE_INFINITY) >= atMs)
}

/** Revokes; what is not answered is nothing to rely on. */
async function revoke(replica: RedisReplica, scope: RevocationScope, revoked: Map<string, number>): Promise<void> {
  try {
    const { revocation } = await replica.revoker.revoke(scope, BY)
    revoked.set(scopeText(scope), Math.max(revocation.atMs, revoked.get(scopeText(scope)) ?? 0))
  } catch (error) {
    expect(error).toBeInstanceOf(StoreUnavailableError)
  }
}

needs('redis-server', 'whatever somebody does to the keys and the server', () => {
  endAfterEach()

  async function allIsWell(port: number, raw: Redis, replicas: readonly RedisReplica[], revoked: Map<string, number>) {
    const options = { timeoutMs: WELL_WITHIN_MS }
    for (const each of replicas) {
      await until('it can revoke', () => each.revoker.revoke({ kind: 'session', sid: 'later' }, BY), options)
    }
    const [one] = replicas
    if (one === undefined) return
    using _ = awake(one)
    const areWell = async () => {
      // Twice, since what one gives back the others have yet to read.
      for (const _ of ['all given back', 'all read']) {
        const since = performance.now()
        const isWell = ({ view }: RedisReplica) =>
          performance.now() - (view.ageMs() ?? Number.POSITIVE_INFINITY) > since && view.owed() === 0
        await until('all know everything, and so does the store', () => replicas.every(isWell), options)
      }
      for (const each of replicas) expect(holdsAll(momentsOf(each), revoked)).toBe(true)
    }
    await areWell()
    const isAfterAll = ({ clock, view }: RedisReplica) =>
      [...view.entries()].every(({ atMs }) => atMs < clock.issueTime())
    await until('what is issued is issued after all that is revoked', () => replicas.every(isAfterAll), options)

    const reloads = () => replicas.map(({ events }) => events.of('revocationViewReloaded').length)
    const before = reloads()
    const issued = replicas.map(({ clock }) => clock.issueTime())
    const { revocation } = await one.revoker.revoke({ kind: 'subject', subject: 'bob' }, BY)
    expect(revocation.atMs).toBeGreaterThanOrEqual(Math.max(...issued))
    await until('all refuse', () => replicas.every((each) => momentsOf(each).get('subject/bob') === revocation.atMs))
    await until('who signs in again is let in', () => replicas.every(isAfterAll))
    expect(reloads()).toEqual(before)

    // What is changed in the set without a change of its size is noticed at the next reload.
    await raw.hdel(STATE, 'name')
    await until(
      'all read everything again',
      () => reloads().every((count, index) => count > (before[index] ?? 0)),
      options,
    )
    await areWell()
    await using newcomer = await redisReplica(port)
    await newcomer.synced()
    expect(holdsAll(momentsOf(newcomer), revoked)).toBe(true)
    for (const { events } of [...replicas, newcomer]) expect(events.of('internalError')).toEqual([])
  }

  async function play({ port }: RedisPart, steps: readonly Step[]): Promise<void> {
    const raw = rawAt(port)
    await raw.flushall()
    await using one = await redisReplica(port)
    await using other = await redisReplica(port)
    const replicas = [one, other] as const
    await Promise.all(replicas.map((each) => each.synced()))
    const revoked = new Map<string, number>()
    for (const step of steps) {
      if ('strike' in step) await step.strike(raw).catch(() => undefined)
      else if ('revoke' in step) await revoke(replicas[step.by], step.revoke, revoked)
      else for (let count = 0; count < step.looks; count += 1) await one.log.end().catch(() => undefined)
    }
    await endVandalism(raw)
    await allIsWell(port, raw, replicas, revoked)
  }

  test('nothing revoked is forgotten, all is well again by itself, and who signs in then can be signed out', {
    timeout: 120_000,
  }, async () => {
    const args = ['--enable-debug-command', 'yes', '--appendonly', 'yes']
    const servers = await Promise.all(Array.from({ length: AT_ONCE }, async () => use(await startRedis({ args }))))
    const plays = fc.tuple(...servers.map(() => fc.array(anyStep, { minLength: 4, maxLength: 15, size: 'max' })))
    await fc.assert(
      fc.asyncProperty(plays, async (all) => {
        const played = await Promise.allSettled(servers.map((server, index) => play(server, all[index] ?? [])))
        for (const [index, { status, reason }] of played.map((one) => ({ reason: undefined, ...one })).entries()) {
          if (status === 'rejected') throw new Error(`after ${String(all[index]?.map(stepText))}`, { cause: reason })
        }
      }),
      { numRuns: 100, interruptAfterTimeLimit: LONGEST_MS, endOnFailure: true },
    )
  })
})

const stepText = (step: Step) => ('strike' in step ? String(step) : JSON.stringify(step))

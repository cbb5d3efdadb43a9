import { Redis } from 'ioredis'
import { afterEach, expect } from 'vitest'
import type { RevocationScope } from '../../src/revocation/revocation.ts'
import { scopeText } from '../../src/revocation/scope-text.ts'
import { type RedisPart, startRedis } from '../parts/redis.ts'
import { until } from '../parts/until.ts'
import { pingLink } from '../redis/questions.ts'
import { type RedisReplica, redisReplica } from './redis-replica.ts'
import { SCOPES } from './scopes.ts'

export const BY = { actor: 'admin', reason: 'test' } as const
export const SET = 'gatehouse:{revocation}:set'
export const STREAM = 'gatehouse:{revocation}:stream'
export const STATE = 'gatehouse:{revocation}:state'
export const CLOCK = 'gatehouse:{revocation}:clock'
export const ADA: RevocationScope = { kind: 'subject', subject: 'ada' }

const opened: AsyncDisposable[] = []
/** Ends what each test has opened, after it. */
export function endAfterEach(): void {
  afterEach(async () => {
    for (const one of opened.splice(0).reverse()) await one[Symbol.asyncDispose]()
  })
}

export function use<One extends AsyncDisposable>(one: One): One {
  opened.push(one)
  return one
}

export async function replicaAt(port: number, options: Parameters<typeof redisReplica>[1] = {}): Promise<RedisReplica> {
  const replica = use(await redisReplica(port, options))
  await replica.synced()
  await until('it can write', () => pingLink(replica.scripts))
  return replica
}

export function rawAt(port: number): Redis {
  const raw = new Redis(port, { retryStrategy: () => 20 })
  raw.on('error', () => undefined)
  use({ [Symbol.asyncDispose]: async () => raw.disconnect() })
  return raw
}

export const has = ({ view }: RedisReplica, scope: RevocationScope) =>
  [...view.entries()].some((one) => scopeText(one.scope) === scopeText(scope))

export async function world(args: readonly string[] = []) {
  const server = use(await startRedis({ args }))
  const raw = rawAt(server.port)
  const [one, other] = [await replicaAt(server.port), await replicaAt(server.port)]
  return { server, raw, one, other }
}

/** Everything that was revoked is refused by both replicas, stands in the store, and is known to a replica that is new. */
export async function everythingIsBack(
  server: RedisPart,
  replicas: readonly RedisReplica[],
  scopes = SCOPES,
): Promise<void> {
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

export async function revokeAll({ revoker }: RedisReplica, scopes = SCOPES): Promise<void> {
  for (const scope of scopes) expect(await revoker.revoke(scope, BY)).toMatchObject({ status: 'accepted' })
}

/** What is announced wakes all readers, so that nothing waits for the end of their second. */
export function awake({ revoker }: RedisReplica): Disposable {
  const timer = setInterval(() => revoker.sessionChanged('awake').catch(() => undefined), 30)
  return { [Symbol.dispose]: () => clearInterval(timer) }
}

import { randomBytes, randomUUID } from 'node:crypto'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createProviders } from '../../src/providers/index.ts'
import type { SignIn } from '../../src/providers/provider.ts'
import { createSessionLocks } from '../../src/sessions/lock.ts'
import { redisLockStore } from '../../src/sessions/lock-redis.ts'
import { redisSessionStore } from '../../src/sessions/redis.ts'
import { createRefresher } from '../../src/sessions/refresh.ts'
import type { KnownSession } from '../../src/sessions/session.ts'
import { keyRing } from '../../src/tokens/key-ring.ts'
import { newKeySet } from '../../src/tokens/key-set.ts'
import { sealerOf } from '../../src/tokens/seal.ts'
import type { VirtualTime } from '../contracts/virtual-time.ts'
import { needs } from '../parts/needs.ts'
import { logInOverHttp } from '../parts/openid-login.ts'
import { type OpenIdProvider, startOpenIdProvider } from '../parts/openid-provider.ts'
import { type RedisPart, startRedis } from '../parts/redis.ts'
import { until } from '../parts/until.ts'
import { attempt, settingsFor } from '../providers/setting-up.ts'
import { connected } from '../redis/connected.ts'
import { recordedEvents } from '../redis/recorded-events.ts'
import { fixedStamps } from '../tokens/fixed-stamps.ts'
import { openStage, SETTINGS } from './refresh-stage.ts'
import { HOUR_MS, sampleSession } from './sample-session.ts'

const realTime: VirtualTime = {
  now: Date.now,
  later(ms, run) {
    const timer = setTimeout(run, ms)
    return () => clearTimeout(timer)
  },
  advance: () => undefined,
  waiting: () => 0,
}

needs('redis-server', 'refreshers of three replicas at one Redis', () => {
  let server: RedisPart
  let links: Awaited<ReturnType<typeof connected>>[]
  let raw: Redis
  let prefixes = 0

  beforeAll(async () => {
    server = await startRedis()
    links = await Promise.all([1, 2, 3].map(() => connected({ port: server.port })))
    raw = new Redis(server.port)
  })

  afterAll(async () => {
    raw?.disconnect()
    await Promise.all((links ?? []).map(({ redis }) => redis.close()))
    await server?.stop()
  })

  const redisOf = (replica: number) => {
    const link = links[replica]
    if (link === undefined) throw new Error('there are three replicas')
    return link.redis
  }
  function newPrefix(): string {
    prefixes += 1
    return `test${prefixes}:`
  }
  function stageAt(keyPrefix: string, lockLifeMs?: number) {
    const redis = redisOf(0)
    return openStage({
      replicas: 3,
      time: realTime,
      store: (now) => redisSessionStore({ redis, events: recordedEvents(), now, keyPrefix, stamps: fixedStamps() }),
      locks: redisLockStore({ redis, keyPrefix }),
      ...(lockLifeMs === undefined ? {} : { lockLifeMs }),
    })
  }

  test('ask the provider once, of a hundred who want a session confirmed at the same moment', async () => {
    const stage = await stageAt(newPrefix())
    for (let round = 0; round < 10; round += 1) {
      const session = await stage.dueSession({
        refresh: undefined,
      })
      const known = await overdueAt(stage, session)
      const before = stage.provider.asked.length
      const confirmed = await Promise.all(
        Array.from({ length: 100 }, (_, index) => stage.refreshers[index % 3]?.ensureConfirmed(known)),
      )
      expect(stage.provider.asked.length - before).toBe(1)
      expect(confirmed.every((one) => one?.sid === session.sid)).toBe(true)
    }
    expect(stage.provider.refused).toEqual([])
    expect(stage.revoked).toEqual([])
  })

  test('leave a lock to its holder for as long as it works, and not a moment longer', async () => {
    const keyPrefix = newPrefix()
    // Renewed every half second: this process may stand still for a second before a lock is lost.
    const stage = await stageAt(keyPrefix, 1_500)
    const session = await stage.dueSession()
    stage.provider.before = async () => {
      const startedAt = performance.now()
      await until('the lock would have ended twice', () => performance.now() - startedAt > 4_000)
    }
    for (const refresher of stage.refreshers) refresher.onDue(session)
    await until('it is renewed', () => stage.events.length > 0)
    expect(stage.provider.asked).toEqual(['token-0'])
    await until('the lock is free', async () => (await raw.keys(`${keyPrefix}v2:lock:*`)).length === 0)
    await Promise.all(stage.refreshers.map((one) => one.close()))
  })

  test('end no session when a lock is lost on the way', async () => {
    const keyPrefix = newPrefix()
    const stage = await stageAt(keyPrefix, 300)
    const session = await stage.dueSession()
    const [first, second] = stage.refreshers
    stage.provider.after = async () => {
      if (stage.provider.asked.length > 1) return
      await raw.del(`${keyPrefix}v2:lock:{${session.sid}}`)
      second?.onDue(session)
      await until('the other one has asked', () => stage.provider.asked.length > 1)
    }
    first?.onDue(session)
    await until('both have ended', () => stage.events.length > 1)
    expect(stage.events.map(({ outcome }) => outcome)).not.toContain('ended')
    expect(await stage.tokenOf(session.sid)).toBe(stage.provider.current)
    await Promise.all(stage.refreshers.map((one) => one.close()))
  })

  async function overdueAt(stage: Awaited<ReturnType<typeof stageAt>>, { sid }: KnownSession): Promise<KnownSession> {
    const now = Date.now()
    const due = await stage.dueSession({ sid })
    const found = await stage.find(due.sid)
    if (found?.refresh === undefined) throw new Error('there is a session')
    const { lastSeenAtMs, ...rest } = found
    const session = { ...rest, refresh: { ...found.refresh, confirmedAtMs: now - SETTINGS.boundMs } }
    await stage.store.update(session)
    return { ...session, lastSeenAtMs }
  }

  test('keep a sign-in at the certified oidc-provider, whose tokens count once, until its grant is revoked', async () => {
    const secret = 'correct horse / battery'
    await using op: OpenIdProvider = await startOpenIdProvider({
      accounts: [{ sub: 'alice', email: 'alice@example.com', email_verified: true, groups: ['engineering'] }],
      clients: [{ clientId: 'gatehouse', clientSecret: secret, redirectUris: [attempt.redirectUri] }],
    })
    const settings = settingsFor(op.issuer, {
      scopes: ['openid', 'email', 'profile', 'offline_access'],
      consentPrompt: true,
    })
    const keyPrefix = newPrefix()
    const grants: string[] = []
    const ring = await keyRing(await newKeySet('ES256', { now: Date.now, randomBytes }))
    const seen = { revoked: 0, outcomes: [] as string[] }
    const replicas = [0, 1, 2].map((replica) => {
      const providers = createProviders({
        events: { providerCalled: ({ operation }) => void (operation === 'token' && grants.push(operation)) },
        now: Date.now,
        allowHttpLocalhost: true,
      })
      providers.replace([settings])
      const redis = redisOf(replica)
      const store = redisSessionStore({
        redis,
        events: recordedEvents(),
        now: Date.now,
        keyPrefix,
        stamps: fixedStamps(),
      })
      const events = {
        internalError: ({ error }: { error: unknown }) => expect.unreachable(String(error)),
        sessionRefreshed: ({ outcome }: { outcome: string }) => void seen.outcomes.push(outcome),
      }
      const refresher = createRefresher({
        store,
        events,
        revoker: {
          async revoke(scope) {
            seen.revoked += 1
            return { revocation: { scope, atMs: 0, expiresAtMs: 0 }, status: 'accepted', holders: 0, wanted: 0 }
          },
          sessionChanged: async () => undefined,
        },
        isRevoked: () => false,
        refresh: (name, renewal) => providers.get(name)?.refresh(renewal),
        forget: () => undefined,
        sealer: sealerOf(() => ring),
        settings: SETTINGS,
        now: Date.now,
        random: Math.random,
        later: realTime.later,
        locks: createSessionLocks({
          store: redisLockStore({ redis, keyPrefix }),
          events,
          now: () => performance.now(),
          later: realTime.later,
          newHolder: randomUUID,
        }),
      })
      return { store, refresher, provider: providers.get('main') }
    })
    const [first] = replicas
    if (first?.provider === undefined) throw new Error('there is a provider')
    const callback = await logInOverHttp(await first.provider.authorizationUrl(attempt), 'alice')
    const signIn: SignIn = await first.provider.complete(attempt, callback)
    const now = Date.now()
    const refresh = await first.refresher.begin(signIn, now + HOUR_MS)
    const session = sampleSession({ identity: signIn.identity, createdAtMs: now, expiresAtMs: now + HOUR_MS, refresh })
    await first.store.save(session)

    const confirmAll = async () => {
      const found = await first.store.find(session.sid)
      if (found?.refresh === undefined) throw new Error('there is a session')
      const { lastSeenAtMs, ...rest } = found
      const overdue = { ...rest, refresh: { ...found.refresh, dueAtMs: 0, confirmedAtMs: 0 } }
      await first.store.update(overdue)
      const known = { ...overdue, lastSeenAtMs }
      const asked = Array.from({ length: 100 }, (_, index) => replicas[index % 3]?.refresher.ensureConfirmed(known))
      return Promise.all(asked)
    }
    grants.length = 0
    for (let round = 1; round <= 5; round += 1) {
      expect(new Set((await confirmAll()).map((one) => one?.identity.groups[0]))).toEqual(new Set(['engineering']))
      expect(grants).toHaveLength(round)
    }
    expect(seen).toEqual({ revoked: 0, outcomes: Array.from({ length: 5 }, () => 'renewed') })

    op.revokeGrants('alice')
    await Promise.allSettled([confirmAll()])
    await until('the session has ended', async () => (await first.store.find(session.sid)) === undefined)
    expect(seen.revoked).toBe(1)
    expect(seen.outcomes.at(-1)).toBe('ended')
    await Promise.all(replicas.map(({ refresher }) => refresher.close()))
  })
})

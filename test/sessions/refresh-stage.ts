import { randomBytes, randomUUID } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { StoreUnavailableError } from '../../src/policy/errors.ts'
import type { ProviderError, Refreshed, Renewal } from '../../src/providers/provider.ts'
import type { Revoker } from '../../src/revocation/revoker.ts'
import { createSessionLocks, type LockStore } from '../../src/sessions/lock.ts'
import { memoryLockStore } from '../../src/sessions/lock-memory.ts'
import { memorySessionStore } from '../../src/sessions/memory.ts'
import { createRefresher, type Refresher } from '../../src/sessions/refresh.ts'
import { openRefreshToken, sealRefreshToken } from '../../src/sessions/refresh-times.ts'
import type { KnownSession, Session, StoredSession } from '../../src/sessions/session.ts'
import type { SessionStore } from '../../src/sessions/session-store.ts'
import { keyRing } from '../../src/tokens/key-ring.ts'
import { newKeySet } from '../../src/tokens/key-set.ts'
import { sealerOf } from '../../src/tokens/seal.ts'
import { type VirtualTime, virtualTime } from '../contracts/virtual-time.ts'
import { HOUR_MS, sampleSession } from './sample-session.ts'

export const SETTINGS = { isEnabled: true, intervalMs: HOUR_MS, boundMs: 2 * HOUR_MS }

/** A provider whose refresh tokens count once each, as far as the stage knows. */
export interface StageProvider {
  /** The token that counts now; undefined: none does. */
  current: string | undefined
  /** Whether a token gives way to another at each refresh. */
  rotates: boolean
  /** Groups that it says the person has now. */
  groups: readonly string[]
  /** Address that it says the person has now; undefined: the same as before. */
  email: string | undefined
  /** What it does instead of answering. */
  trouble: ProviderError | undefined
  /** What happens while it is asked, before the next token is kept, and after that. */
  before: () => Promise<void>
  after: () => Promise<void>
  /** Every token that it was asked with, and how many it was asked with at once, at most. */
  readonly asked: string[]
  readonly refused: string[]
  mostAtOnce: number
  /** Whether there is such a provider. */
  exists: boolean
}

export interface Stage {
  readonly time: VirtualTime
  readonly provider: StageProvider
  readonly store: SessionStore
  readonly refreshers: readonly Refresher[]
  readonly events: { readonly outcome: string; readonly reason: string; readonly sid: string }[]
  readonly faults: unknown[]
  readonly revoked: { readonly sid: string; readonly reason: string }[]
  readonly changed: string[]
  /** Sessions that a revocation hits. */
  readonly hit: Set<string>
  readonly forgotten: string[]
  /** Operations of the store, as `update`, that give no answer. */
  readonly down: Set<string>
  /** The same, for the first of the refreshers alone. */
  readonly cutOff: Set<string>
  /** Keeps a session whose refresh is due now. */
  dueSession(parts?: Partial<Session>): Promise<KnownSession>
  find(sid: string): Promise<StoredSession | undefined>
  /** The refresh token in a record. */
  tokenOf(sid: string): Promise<string | undefined>
  /** Lets time pass, `stepMs` in each 2 ms, until the condition holds. */
  until(what: string, condition: () => boolean | Promise<boolean>, stepMs?: number): Promise<void>
}

/** Refreshers of several replicas at one store. */
export async function openStage(
  options: {
    readonly replicas?: number
    readonly store?: (now: () => number) => SessionStore
    readonly locks?: LockStore
    readonly settings?: typeof SETTINGS
    /** Real time in place of virtual. */
    readonly time?: VirtualTime
    readonly lockLifeMs?: number
  } = {},
): Promise<Stage> {
  const time = options.time ?? virtualTime()
  const ring = await keyRing(await newKeySet('ES256', { now: time.now, randomBytes }))
  const sealer = sealerOf(() => ring)
  const down = new Set<string>()
  const cutOff = new Set<string>()
  const store = flaky((options.store ?? ((now) => memorySessionStore({ now })))(time.now), down)
  const lockStore = flaky(options.locks ?? memoryLockStore(time), down)
  const stage = { events: [], faults: [], revoked: [], changed: [], forgotten: [], hit: new Set<string>() } as Pick<
    Stage,
    'events' | 'faults' | 'revoked' | 'changed' | 'forgotten' | 'hit'
  >
  const provider: StageProvider = {
    current: 'token-0',
    rotates: true,
    groups: ['engineering'],
    email: undefined,
    trouble: undefined,
    before: async () => undefined,
    after: async () => undefined,
    asked: [],
    refused: [],
    mostAtOnce: 0,
    exists: true,
  }
  const revoker = flaky<Revoker>(
    {
      async revoke(scope, { reason }) {
        if (scope.kind === 'session') stage.revoked.push({ sid: scope.sid, reason })
        return { revocation: { scope, atMs: 0, expiresAtMs: 0 }, status: 'accepted', holders: 0, wanted: 0 }
      },
      sessionChanged: async (sid) => void stage.changed.push(sid),
    },
    down,
  )
  const events = {
    sessionRefreshed: ({ outcome, reason, sid }: { outcome: string; reason: string; sid: string }) =>
      void stage.events.push({ outcome, reason, sid }),
    internalError: ({ error }: { error: unknown }) => void stage.faults.push(error),
  }
  const toAll = { store, lockStore, revoker }
  const toFirst = {
    store: flaky(store, cutOff),
    lockStore: flaky(lockStore, cutOff),
    revoker: flaky(revoker, cutOff),
  }
  const refreshers = Array.from({ length: options.replicas ?? 1 }, (_, index) => {
    const ports = index === 0 ? toFirst : toAll
    return createRefresher({
      store: ports.store,
      revoker: ports.revoker,
      isRevoked: ({ sid }) => stage.hit.has(sid),
      events,
      refresh: (_, renewal) => (provider.exists ? answer(provider, time, renewal) : undefined),
      forget: (sid) => void stage.forgotten.push(sid),
      sealer,
      settings: options.settings ?? SETTINGS,
      now: time.now,
      random: Math.random,
      later: time.later,
      locks: createSessionLocks({
        store: ports.lockStore,
        events,
        now: time.now,
        later: time.later,
        newHolder: randomUUID,
        lifeMs: options.lockLifeMs,
      }),
    })
  })

  return {
    ...stage,
    time,
    provider,
    store,
    refreshers,
    down,
    cutOff,
    async dueSession(parts = {}) {
      const now = time.now()
      const expiresAtMs = now + 24 * HOUR_MS
      const sealedToken = await sealRefreshToken(sealer, provider.current ?? 'none', expiresAtMs)
      const refresh = { sealedToken, dueAtMs: now, confirmedAtMs: now - HOUR_MS }
      const session = sampleSession({ createdAtMs: now - HOUR_MS, expiresAtMs, refresh, ...parts })
      await store.save(session)
      return { ...session, lastSeenAtMs: now }
    },
    find: (sid) => store.find(sid),
    async tokenOf(sid) {
      const refresh = (await store.find(sid))?.refresh
      return refresh && openRefreshToken(sealer, refresh, time.now())
    },
    async until(what, condition, stepMs = 100) {
      const giveUpAt = performance.now() + 8000
      while (!(await condition())) {
        if (performance.now() > giveUpAt) throw new Error(`in vain until ${what}`)
        await wait(2)
        time.advance(stepMs)
      }
    },
  }
}

async function answer(provider: StageProvider, time: VirtualTime, renewal: Renewal): Promise<Refreshed> {
  provider.asked.push(renewal.refreshToken)
  await provider.before()
  if (provider.trouble !== undefined) throw provider.trouble
  if (renewal.refreshToken !== provider.current) {
    provider.refused.push(renewal.refreshToken)
    return { kind: 'gone' }
  }
  if (provider.rotates) {
    provider.current = `token-${provider.asked.length}`
    await renewal.keep(provider.current)
  }
  await provider.after()
  if (provider.trouble !== undefined) throw provider.trouble
  return {
    kind: 'renewed',
    identity: { ...renewal.identity, groups: provider.groups, email: provider.email ?? renewal.identity.email },
    idToken: undefined,
    refreshToken: provider.current,
    expiresAtMs: time.now() + HOUR_MS,
  }
}

function flaky<T extends object>(target: T, down: ReadonlySet<string>): T {
  return new Proxy(target, {
    get(of, name: string) {
      return async (...all: unknown[]) => {
        if (down.has(name) || down.has('*')) throw new StoreUnavailableError(`${name} is down`)
        return (of as Record<string, (...all: unknown[]) => unknown>)[name]?.(...all)
      }
    },
  })
}

/** The refresher of a stage of one replica. */
export function only({ refreshers }: Stage): Refresher {
  const [refresher] = refreshers
  if (refresher === undefined) throw new Error('a stage has a refresher')
  return refresher
}

/** Says that a session is due, and lets time pass until nothing is under way any more. */
export async function refreshed(stage: Stage, session: KnownSession): Promise<void> {
  only(stage).onDue(session)
  await stage.until('the refresh has ended', () => only(stage).size() === 0)
}

/** The session a while after it should have been confirmed. */
export function overdue(stage: Stage, session: KnownSession): KnownSession {
  stage.time.advance(SETTINGS.boundMs)
  return session
}

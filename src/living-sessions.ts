import { randomBytes } from 'node:crypto'
import type { Config } from './config/schema.ts'
import type { Events } from './observe/events.ts'
import type { Metrics } from './observe/metrics.ts'
import type { Providers } from './providers/index.ts'
import { followRevocations } from './revocation/follow.ts'
import { createRevocationView } from './revocation/memory-view.ts'
import { createRevoker, type Revoker } from './revocation/revoker.ts'
import type { StoreClock } from './revocation/store-clock.ts'
import type { RevocationView } from './revocation/view.ts'
import { createSessionCache, type SessionCache } from './sessions/cache.ts'
import { idleLimit, withoutIdle } from './sessions/idle.ts'
import { createSessionLocks } from './sessions/lock.ts'
import { createRefresher, type Refresher } from './sessions/refresh.ts'
import type { SessionStore } from './sessions/session-store.ts'
import type { Stores } from './stores.ts'
import type { KeyRing } from './tokens/key-ring.ts'
import { sealerOf } from './tokens/seal.ts'

/** What this replica knows of sessions, and of what has been revoked, kept true. */
export interface LivingSessions {
  /** The store, less those that have been left alone for too long. */
  readonly sessions: SessionStore
  readonly cache: SessionCache
  readonly revocations: RevocationView
  readonly revoker: Revoker
  readonly refresher: Refresher
  readonly close: () => Promise<void>
}

export interface LivingSessionPorts {
  readonly stores: Stores
  readonly clock: StoreClock
  readonly providers: Providers
  readonly keyRing: () => KeyRing
  readonly events: Events
  readonly metrics: Pick<Metrics, 'followRevocations'>
  /** Most sessions kept in memory. */
  readonly maxEntries: number
}

/** Puts cache, view, revoker and refresher together, and begins to follow the stream. */
export function keepSessionsTrue(config: Config, ports: LivingSessionPorts): LivingSessions {
  const { stores, clock, providers, keyRing, events, metrics, maxEntries } = ports
  const { now } = clock
  const { maxStalenessMs, onStale } = config.revocation
  const monotonicMs = () => performance.now()
  const limit = idleLimit(config.sessions.idleTimeoutSeconds)
  const random = Math.random

  const view = createRevocationView({ monotonicMs, now: clock.atLeast, maxStalenessMs })
  const revoker = createRevoker({
    log: stores.revocations,
    view,
    events,
    now,
    onSessionChanged: (sid) => cache.changed(sid),
  })
  const refresher = createRefresher({
    store: stores.sessions,
    locks: createSessionLocks({
      store: stores.locks,
      now: monotonicMs,
      later,
      newHolder: () => randomBytes(16).toString('base64url'),
      events,
    }),
    revoker,
    isRevoked: view.hitsSession,
    refresh: (name, renewal) => providers.get(name)?.refresh(renewal),
    forget: (sid) => cache.changed(sid),
    sealer: sealerOf(keyRing),
    settings: config.sessions.refresh,
    now,
    random,
    events,
    later,
  })
  const cache = createSessionCache({
    store: stores.sessions,
    view,
    events,
    now,
    idle: limit,
    refreshing: refresher,
    settings: { maxEntries, onStale },
  })
  const follower = followRevocations({
    log: stores.revocations,
    view,
    clock,
    events,
    monotonicMs,
    random,
    onGap: () => cache.everythingMayHaveChanged(),
    onSessionChanged: (sid) => cache.changed(sid),
    onRevoked: ({ scope }) => {
      if (scope.kind === 'session') cache.drop(scope.sid)
    },
  })
  metrics.followRevocations(view)

  return {
    sessions: withoutIdle(stores.sessions, { limit, now }),
    cache,
    revocations: view,
    revoker,
    refresher,
    async close() {
      await refresher.close()
      await follower[Symbol.asyncDispose]()
    },
  }
}

/** A timer that does not keep the process alive. */
function later(ms: number, run: () => void): () => void {
  const timer = setTimeout(run, ms).unref()
  return () => clearTimeout(timer)
}

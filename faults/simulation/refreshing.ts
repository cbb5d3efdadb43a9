import type { Events } from '../../src/observe/events.ts'
import type { Revoker } from '../../src/revocation/revoker.ts'
import type { RevocationView } from '../../src/revocation/view.ts'
import type { SessionCache } from '../../src/sessions/cache.ts'
import { createSessionLocks, type LockStore, type SessionLocks } from '../../src/sessions/lock.ts'
import { createRefresher, type Refresher, type RefresherPorts } from '../../src/sessions/refresh.ts'
import type { Sealer } from '../../src/tokens/seal.ts'
import type { RevocationEntry } from '../history.ts'
import type { Process } from './process.ts'
import type { SimulatedProvider } from './provider.ts'
import type { Random } from './random.ts'
import type { RefreshWatch } from './refresh-watch.ts'
import type { Schedule } from './schedule.ts'
import type { SimulatedSessions } from './session-records.ts'

/** What of a run the refreshing of sessions works with, and who looks on. */
export interface RefreshingWorld {
  readonly provider: SimulatedProvider
  readonly watch: RefreshWatch
  record(entry: RevocationEntry): void
}

export interface RefreshingContext extends RefreshingWorld {
  readonly process: Process
  readonly schedule: Schedule
  readonly random: Random
  readonly store: SimulatedSessions
  readonly locks: LockStore
  readonly view: RevocationView
  readonly revoker: Revoker
  readonly cache: () => SessionCache
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly events: Events
  readonly spoil: ((ports: RefresherPorts, sessions: SimulatedSessions) => RefresherPorts) | undefined
}

const HOUR_MS = 3_600_000
/** Room for what a run needs: to make room for more takes time. */
const MOST_SESSIONS = 100
const settings = { isEnabled: true, intervalMs: HOUR_MS, boundMs: 2 * HOUR_MS }

/** The code of `src/sessions/refresh.ts` with simulated surroundings. */
export function simulatedRefresher(context: RefreshingContext): Refresher {
  const { process, schedule, random, provider, watch, view, cache, events, spoil } = context
  const sound: RefresherPorts = {
    store: context.store,
    locks: watchedLocks(context),
    revoker: watchedRevoker(context),
    isRevoked: view.hitsSession,
    refresh: (_, renewal) => provider.refresh(process, renewal),
    forget: (sid) => cache().changed(sid),
    sealer: sealerOf(random),
    settings,
    now: context.now,
    random: random.next,
    events,
    later: process.later,
    maxSessions: MOST_SESSIONS,
  }
  return createRefresher(spoil?.(sound, context.store) ?? sound)

  function watchedLocks({ locks: store }: RefreshingContext): SessionLocks {
    const locks = createSessionLocks({
      ...{ store, events, now: schedule.now, later: process.later },
      newHolder: () => `${process.name}-${Math.floor(random.next() * 1e9).toString(36)}`,
    })
    return {
      async acquire(sid) {
        const lock = await locks.acquire(sid)
        if (lock !== undefined) watch.locked(sid, process, lock)
        return lock
      },
    }
  }
}

/** Notes who ends a session, so that nobody takes that for a login that was forced without a reason. */
function watchedRevoker({ revoker, process, schedule, provider, watch, record }: RefreshingContext): Revoker {
  return {
    ...revoker,
    async revoke(scope, by, endsAtMs) {
      const sid = scope.kind === 'session' ? scope.sid : ''
      const isTrue = provider.isEnded(sid) && by.reason === 'refresh-refused'
      const isExcused = watch.mayHaveLost(sid)
      watch.ends(sid, isTrue || isExcused)
      const invokedAtMs = schedule.now()
      const note = (answer: RevocationEntry['answer']) => {
        const timing = { client: 'refresher', invokedAtMs, answeredAtMs: schedule.now() }
        record({ kind: 'revocation', ...timing, replica: process.name, scope, answer })
      }
      // Nobody may live to see the answer.
      note('unknown')
      const recorded = await revoker.revoke(scope, by, endsAtMs)
      note(recorded.status)
      return recorded
    },
  }
}

/** Hides nothing, since real seals take their time outside of the run. As with them, no two are the same. */
function sealerOf(random: Random): Sealer {
  return {
    seal: async (purpose, value, expiresAtMs) => JSON.stringify([purpose, value, expiresAtMs, random.next()]),
    async open(purpose, sealed, now) {
      const [sealedFor, value, expiresAtMs] = JSON.parse(sealed)
      return sealedFor === purpose && now < expiresAtMs ? value : undefined
    },
  }
}

/** The refresh token in a record. */
export function openedToken(sealed: string): string {
  return JSON.parse(sealed)[1]
}

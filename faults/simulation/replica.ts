import { type Authenticate, createAuthenticate } from '../../src/check/authenticate.ts'
import type { AppTokens, KnownToken } from '../../src/check/credentials/app-token.ts'
import { createSentinelTally } from '../../src/redis/sentinel-majority.ts'
import { followRevocations } from '../../src/revocation/follow.ts'
import type { RevocationLog } from '../../src/revocation/log.ts'
import { createRevocationView } from '../../src/revocation/memory-view.ts'
import { redisRevocationLog } from '../../src/revocation/redis.ts'
import { createRevoker, type Revoker } from '../../src/revocation/revoker.ts'
import { createStoreClock, type StoreClock } from '../../src/revocation/store-clock.ts'
import { createSessionCache, type SessionCache } from '../../src/sessions/cache.ts'
import type { Refresher, RefresherPorts } from '../../src/sessions/refresh.ts'
import type { Commands } from './commands.ts'
import { createSimulatedLink } from './link.ts'
import { simulatedLocks } from './locks.ts'
import type { Network } from './network.ts'
import type { Process } from './process.ts'
import type { Random } from './random.ts'
import type { RedisServers } from './redis-servers.ts'
import { type RefreshingWorld, simulatedRefresher } from './refreshing.ts'
import type { Schedule } from './schedule.ts'
import type { Sentinels } from './sentinels.ts'
import { type SimulatedSessions, simulatedSessions } from './session-records.ts'
import { unexpectedEvents } from './unexpected-events.ts'

/** One replica of Gatehouse: the real code of revocation and of sessions, over simulated links. */
export interface Replica {
  readonly process: Process
  readonly clock: StoreClock
  readonly sessions: SimulatedSessions
  readonly revoker: Revoker
  readonly authenticate: Authenticate
  readonly cache: SessionCache
  readonly refresher: Refresher
}

export interface ReplicaContext {
  readonly process: Process
  readonly schedule: Schedule
  readonly network: Network
  readonly servers: RedisServers
  readonly commands: Commands
  /** Undefined: there is one server, and it is the master. */
  readonly sentinels: Sentinels | undefined
  readonly random: Random
  /** Milliseconds since 1970, by the clock of the replica's machine. */
  readonly wall: () => number
  readonly maxStalenessMs: number
  /** App tokens by their text: the simulation signs nothing. */
  readonly tokens: ReadonlyMap<string, KnownToken>
  readonly refreshing: RefreshingWorld
  readonly spoiling: Spoiling
  readonly onInternalError: (error: unknown) => void
}

/** Puts something wrong in place of a part, to see whether it is found out. */
export interface Spoiling {
  readonly log?: (log: RevocationLog, process: Process) => RevocationLog
  readonly clock?: (clock: StoreClock, wall: () => number) => StoreClock
  readonly sessions?: (sessions: SimulatedSessions) => SimulatedSessions
  readonly refresh?: (ports: RefresherPorts, sessions: SimulatedSessions) => RefresherPorts
}

const BEAT_MS = 1000
/** Room for what a run needs: to make room for more takes time. */
const settings = { maxEntries: 100, maxAbsences: 100 }

export function startReplica(context: ReplicaContext): Replica {
  const { process, schedule, servers, random, sentinels, spoiling } = context
  const events = unexpectedEvents(context.onInternalError)
  const monotonicMs = schedule.now
  const route = createRoute(context)
  const links = Array.from({ length: 3 }, () => createSimulatedLink({ ...context, random: random.fork(), ...route }))
  const [scripts, tail, shared] = links
  if (scripts === undefined || tail === undefined || shared === undefined)
    throw new RangeError('three links are needed')
  beat()

  const soundClock = createStoreClock({ wall: context.wall, monotonicMs, events })
  const clock = spoiling.clock?.(soundClock, context.wall) ?? soundClock
  const view = createRevocationView({ monotonicMs, now: clock.atLeast, maxStalenessMs: context.maxStalenessMs })
  const soundStore = simulatedSessions(shared, servers)
  const store = spoiling.sessions?.(soundStore) ?? soundStore
  const soundLog = redisRevocationLog({
    ...{ scripts, tail, clock, events, keyPrefix: 'g:', replicasToAcknowledge: undefined, now: clock.now },
    monotonicMs,
    newName: () => Math.floor(random.next() * 1e9).toString(36),
  })
  const log = spoiling.log?.(soundLog, process) ?? soundLog
  const revoker = createRevoker({
    ...{ log, view, events, now: clock.now },
    onSessionChanged: (sid) => cache.changed(sid),
  })
  const refresher = simulatedRefresher({
    ...{ process, schedule, random: random.fork(), store, view, revoker, events, now: clock.now },
    ...{ ...context.refreshing, locks: simulatedLocks(shared, servers), cache: () => cache, spoil: spoiling.refresh },
  })
  const cache = createSessionCache({ store, view, events, now: clock.now, refreshing: refresher, settings })
  followRevocations({
    ...{ log, view, clock, events, monotonicMs, random: random.next, pause: process.sleep },
    onGap: cache.everythingMayHaveChanged,
    onSessionChanged: cache.changed,
    onRevoked: () => undefined,
  })

  /** What timers do in the real links: asks the Sentinels, and has the servers say that they are masters. */
  function beat(): void {
    route.ask()
    for (const link of links) link.beat()
    process.later(BEAT_MS * random.between(0.75, 1.25), beat)
  }

  return {
    process,
    clock,
    sessions: store,
    revoker,
    cache,
    refresher,
    authenticate: createAuthenticate({
      ...{ sessions: cache, revocations: view, onStale: 'Deny', events, tokens: tokensByText(context.tokens) },
    }),
  }

  function createRoute({ servers: { all }, process: { name } }: ReplicaContext) {
    if (sentinels === undefined) {
      return { ask: () => undefined, route: () => all[0]?.name, vouchedAtMs: () => Number.POSITIVE_INFINITY }
    }
    const tally = createSentinelTally(sentinels.count)
    let last: string | undefined
    return {
      ask() {
        for (let index = 0; index < sentinels.count; index += 1) {
          const master = sentinels.ask(index, name)
          if (master === undefined) tally.failed(index)
          else tally.answered(index, master, schedule.now())
        }
        last = tally.leading(schedule.now()) ?? last
      },
      route: () => last,
      vouchedAtMs: (server: string) => tally.namedAtMs(server, schedule.now()),
    }
  }
}

function tokensByText(tokens: ReadonlyMap<string, KnownToken>): AppTokens {
  return {
    offered: (_application, { token }) => token,
    known: (_application, text) => tokens.get(text) ?? 'token-invalid',
    verify: async (_application, text) => tokens.get(text) ?? 'token-invalid',
  }
}

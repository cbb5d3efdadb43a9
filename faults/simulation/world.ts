import type { KnownToken } from '../../src/check/credentials/app-token.ts'
import type { Entry } from '../history.ts'
import { type Commands, createCommands } from './commands.ts'
import { createNetwork, type Network } from './network.ts'
import { createProcess } from './process.ts'
import { createProvider, type SimulatedProvider } from './provider.ts'
import type { Random } from './random.ts'
import type { RedisServer } from './redis-server.ts'
import { createRedisServers, type RedisServers } from './redis-servers.ts'
import { createRefreshWatch, type RefreshWatch } from './refresh-watch.ts'
import { type Replica, type Spoiling, startReplica } from './replica.ts'
import { createSchedule, type Schedule } from './schedule.ts'
import { createSentinels, type Sentinels } from './sentinels.ts'

/** All that a run consists of. */
export interface World {
  readonly schedule: Schedule
  readonly network: Network
  readonly servers: RedisServers
  readonly sentinels: Sentinels | undefined
  readonly provider: SimulatedProvider
  readonly watch: RefreshWatch
  readonly replicaNames: readonly string[]
  replica(name: string): Replica
  /** Kills a replica; `start` gives it a new process, which remembers nothing. */
  kill(name: string): void
  start(name: string): void
  /** Makes the wall clock of a replica's machine jump. */
  jump(name: string, ms: number): void
  readonly tokens: Map<string, KnownToken>
  readonly history: Entry[]
  record(entry: Entry): void
  readonly internalErrors: unknown[]
  /** To be called at the end: what is lost is known only then. */
  finish(): void
}

export interface WorldSettings {
  readonly random: Random
  readonly withSentinels: boolean
  readonly maxStalenessMs: number
  readonly spoiling: Spoiling
}

const EPOCH_MS = 1_800_000_000_000
const SENTINEL_TICK_MS = 500
/** As `repl-timeout` of Redis. */
const REPLICA_TIMEOUT_MS = 60_000

export function createWorld({ random, withSentinels, maxStalenessMs, spoiling }: WorldSettings): World {
  const schedule = createSchedule()
  const history: Entry[] = []
  const tokens = new Map<string, KnownToken>()
  const internalErrors: unknown[] = []
  const record = (entry: Entry) => history.push(entry)
  const replicaNames = ['g1', 'g2', 'g3']
  const network = createNetwork(schedule, random.fork(), () => servers.reconsider())
  const servers = createRedisServers({
    ...{ schedule, network, random: random.fork(), count: withSentinels ? 3 : 1, epochMs: EPOCH_MS },
    replicaTimeoutMs: REPLICA_TIMEOUT_MS,
  })
  const commands: Commands = createCommands(servers, schedule)
  const watch = createRefreshWatch(schedule)
  const losses = createLosses(schedule, record, watch)
  const sentinels = withSentinels
    ? createSentinels({
        ...{ schedule, network, servers, random: random.fork(), downAfterMs: random.pick([1000, 3000]) },
        onPromoted: losses.promoted,
        onDemoted: losses.demoted,
      })
    : undefined
  const provider = createProvider({ schedule, random: random.fork(), watch })
  const jumps = new Map<string, number>()
  const replicas = new Map<string, Replica>()
  const forks = new Map(replicaNames.map((name) => [name, random.fork()]))

  function start(name: string): void {
    const process = createProcess(name, schedule)
    replicas.set(
      name,
      startReplica({
        ...{ process, schedule, network, servers, commands, sentinels, maxStalenessMs, tokens, spoiling },
        refreshing: { provider, watch, record },
        random: forks.get(name)?.fork() ?? random,
        wall: () => EPOCH_MS + schedule.now() + (jumps.get(name) ?? 0),
        onInternalError: (error) => internalErrors.push(error),
      }),
    )
  }

  function replica(name: string): Replica {
    const found = replicas.get(name)
    if (found === undefined) throw new RangeError(`there is no replica ${name}`)
    return found
  }

  function tick(): void {
    sentinels?.tick()
    schedule.later(SENTINEL_TICK_MS, tick)
  }

  record({ kind: 'world', title: withSentinels ? 'simulation with Sentinels' : 'simulation', replicas: replicaNames })
  if (sentinels !== undefined) tick()
  for (const name of replicaNames) start(name)
  return {
    ...{ schedule, network, servers, sentinels, replicaNames, replica, start, tokens, history, internalErrors },
    ...{ record, provider, watch },
    kill: (name) => replica(name).process.kill(),
    jump: (name, ms) => jumps.set(name, (jumps.get(name) ?? 0) + ms),
    finish: losses.finish,
  }
}

/** Notes what a failover loses: what the new master does not have, and whatever the old one is told until it is put right. */
function createLosses(schedule: Schedule, record: (entry: Entry) => void, watch: RefreshWatch) {
  const open = new Map<RedisServer, { beganAtMs: number; writtenSinceMs: number; over: () => void }>()

  function demoted(old: RedisServer): void {
    const loss = open.get(old)
    if (loss === undefined) return
    open.delete(old)
    const { over, ...when } = loss
    over()
    record({ kind: 'data-loss', cause: 'failover', ...when, endedAtMs: schedule.now() })
  }

  return {
    demoted,
    promoted(old: RedisServer, promoted: RedisServer): void {
      const beganAtMs = schedule.now()
      open.set(old, {
        beganAtMs,
        writtenSinceMs: old.changes[promoted.offset]?.atMs ?? beganAtMs,
        over: watch.losing(),
      })
    },
    finish(): void {
      for (const old of [...open.keys()]) demoted(old)
    },
  }
}

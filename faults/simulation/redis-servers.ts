import type { Network } from './network.ts'
import type { Random } from './random.ts'
import { copyOfData, type RedisData } from './redis-data.ts'
import { type Acknowledged, type Change, newServer, type RedisServer, wake } from './redis-server.ts'
import { createReplication } from './replication.ts'
import type { Schedule } from './schedule.ts'

/** The servers, of which one is the master at first and the others are its replicas. */
export interface RedisServers {
  readonly all: readonly RedisServer[]
  named(name: string): RedisServer
  /** The server's wall clock. */
  time(server: RedisServer): number
  /** @param isUrgent whether it is replicated at once and not with what comes next */
  write(server: RedisServer, apply: Change['apply'], isUrgent?: boolean): void
  /** The replicas that a master counts as connected. */
  online(master: RedisServer): readonly Acknowledged[]
  promote(server: RedisServer): void
  follow(server: RedisServer, master: RedisServer): void
  kill(server: RedisServer): void
  /** Starts a process anew with the data that it was left with, or with other data. */
  restart(server: RedisServer, data: RedisData): void
  pause(server: RedisServer): void
  resume(server: RedisServer): void
  /** Puts other data in place, as a change like any other. */
  replaceData(server: RedisServer, data: RedisData): void
  /** To be called after the network has changed, and now and then. */
  reconsider(): void
}

export interface RedisServersContext {
  readonly schedule: Schedule
  readonly network: Network
  readonly random: Random
  readonly count: number
  /** Milliseconds since 1970 at the beginning of the run. */
  readonly epochMs: number
  /** How long a master holds on to a replica that it does not hear of. */
  readonly replicaTimeoutMs: number
}

export function createRedisServers(context: RedisServersContext): RedisServers {
  const { schedule, random, count, epochMs } = context
  const newId = () => random.next().toString(36).slice(2)
  const all = Array.from({ length: count }, (_, index) => newServer(`s${index + 1}`, epochMs, newId))
  const [first, ...others] = all
  for (const server of others) {
    if (first === undefined) continue
    Object.assign(server, { follows: first, replicationId: first.replicationId, changes: first.changes })
    first.replicas.set(server, { offset: 0, lostAtMs: undefined })
  }
  const replication = createReplication(all, context)
  const { reconsider } = replication

  function endClients(server: RedisServer): void {
    for (const close of [...server.clients]) close()
  }

  function write(server: RedisServer, apply: Change['apply'], isUrgent = true): void {
    apply(server.data)
    server.changes.push({ atMs: schedule.now(), apply })
    server.offset = server.changes.length
    if (!isUrgent) return
    wake(server)
    replication.send(server)
  }

  return {
    all,
    write,
    reconsider,
    online: replication.online,
    named(name) {
      const server = all.find((one) => one.name === name)
      if (server === undefined) throw new RangeError(`there is no server ${name}`)
      return server
    },
    time: (server) => Math.floor(server.clockMs + schedule.now()),
    promote(server) {
      server.changes = server.changes.slice(0, server.offset)
      server.follows = undefined
      server.replicationId = newId()
      wake(server)
      reconsider()
    },
    follow(server, master) {
      server.follows = master
      server.replicas.clear()
      wake(server)
      endClients(server)
      reconsider()
    },
    kill(server) {
      server.isUp = false
      server.isPaused = false
      server.arrived = []
      endClients(server)
      reconsider()
    },
    restart(server, data) {
      Object.assign(server, { isUp: true, data, runId: newId(), changes: [], offset: 0 })
      server.replicas.clear()
      if (server.follows === undefined) server.replicationId = newId()
      reconsider()
    },
    pause(server) {
      server.isPaused = true
      reconsider()
    },
    resume(server) {
      const { arrived } = server
      server.isPaused = false
      server.arrived = []
      for (const arrive of arrived) arrive()
      reconsider()
    },
    replaceData(server, data) {
      write(server, (replaced) => {
        replaced.clear()
        for (const [key, value] of copyOfData(data)) replaced.set(key, value)
      })
    },
  }
}

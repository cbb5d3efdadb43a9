import type { Network } from './network.ts'
import { copyOfData } from './redis-data.ts'
import { type Acknowledged, isRunning, type RedisServer, wake } from './redis-server.ts'
import type { Schedule } from './schedule.ts'

/** How what is written at a master comes to its replicas, and how it hears of that. */
export interface Replication {
  /** Sends a master's replicas what they lack. */
  send(master: RedisServer): void
  /** To be called after anything has changed that decides who can reach whom, or who follows whom. */
  reconsider(): void
  /** The replicas that a master counts as connected. */
  online(master: RedisServer): Acknowledged[]
}

/** @param replicaTimeoutMs how long a master holds on to a replica that it does not hear of */
export function createReplication(
  all: readonly RedisServer[],
  { schedule, network, replicaTimeoutMs }: { schedule: Schedule; network: Network; replicaTimeoutMs: number },
): Replication {
  function isLinked(server: RedisServer): boolean {
    const { follows } = server
    if (follows === undefined || follows.follows !== undefined) return false
    return isRunning(server) && isRunning(follows) && !network.isCut(server.name, follows.name)
  }

  /** What the master has now arrives at the replica a little later, and the replica's word for it later still. */
  function replicate(replica: RedisServer): void {
    const master = replica.follows
    if (master === undefined || !isLinked(replica)) return
    const { changes } = master
    const upTo = master.offset
    network.carry(master.name, replica.name, () => {
      if (replica.follows !== master || !isRunning(replica)) return
      if (replica.changes !== changes) {
        if (master.changes !== changes || !master.isUp) return
        synchronise(replica, master)
      }
      for (const change of changes.slice(replica.offset, upTo)) change.apply(replica.data)
      replica.offset = Math.max(replica.offset, upTo)
      const { offset } = replica
      network.carry(replica.name, master.name, () => {
        if (replica.follows !== master || master.changes !== changes || !isRunning(master)) return
        master.replicas.set(replica, { offset, lostAtMs: undefined })
        wake(master)
      })
    })
  }

  /** A replica that goes says so, if that reaches the master; of one that is cut off nothing is heard. */
  function look(master: RedisServer, replica: RedisServer, known: Acknowledged): void {
    const isHeard = !network.isCut(master.name, replica.name)
    if (replica.follows === master && isLinked(replica)) known.lostAtMs = undefined
    else if (isHeard && (!replica.isUp || replica.follows !== master)) master.replicas.delete(replica)
    else known.lostAtMs ??= schedule.now()
  }

  return {
    send(master) {
      for (const replica of all) if (replica.follows === master) replicate(replica)
    },
    reconsider() {
      for (const server of all) {
        for (const [replica, known] of server.replicas) look(server, replica, known)
        replicate(server)
      }
    },
    online: ({ replicas }) =>
      [...replicas.values()].filter(
        ({ lostAtMs }) => lostAtMs === undefined || schedule.now() - lostAtMs < replicaTimeoutMs,
      ),
  }
}

/** Gives a replica all that the master has, in place of what it had. */
function synchronise(replica: RedisServer, { data, changes, offset, replicationId }: RedisServer): void {
  Object.assign(replica, { data: copyOfData(data), changes, offset, replicationId })
}

import type { Random } from './random.ts'
import { copyOfData, emptyData, type RedisData, streamAt } from './redis-data.ts'
import { isRunning } from './redis-server.ts'
import type { World } from './world.ts'

/** Something that goes wrong, and how it is put right. */
export interface FaultKind {
  readonly name: string
  /** How long it lasts at most, in milliseconds. */
  readonly longestMs: number
  /** @returns what puts it right */
  readonly begin: (world: World, random: Random, memory: Memory) => () => void
}

/** Data of the master as it was at some moments. */
export interface Memory {
  readonly snapshots: { readonly atMs: number; readonly data: RedisData }[]
}

export const slowNode: FaultKind = {
  name: 'slow node',
  longestMs: 9000,
  begin({ network, servers, replicaNames }, random) {
    const node = random.pick([...replicaNames, ...servers.all.map(({ name }) => name)])
    network.slow(node, random.pick([20, 200, 2000]))
    return () => network.slow(node, 0)
  },
}

/** Nothing here loses what the store holds, or knowledge that only one of our processes has. */
export const harmless: readonly FaultKind[] = [
  slowNode,
  {
    name: 'trimmed stream',
    longestMs: 1,
    begin({ servers }) {
      for (const server of servers.all.filter(({ follows }) => follows === undefined)) {
        servers.write(server, (data) => {
          for (const key of data.keys()) streamAt(data, key)?.entries.splice(0)
        })
      }
      return () => undefined
    },
  },
  {
    name: 'clock of a server',
    longestMs: 5000,
    begin({ servers, watch }, random) {
      const server = random.pick(servers.all)
      const byMs = random.pick([-600_000, -3000, 3000, 600_000])
      server.clockMs += byMs
      watch.losing()()
      const isLasting = random.chance(0.5)
      return () => {
        if (isLasting) return
        server.clockMs -= byMs
        watch.losing()()
      }
    },
  },
  {
    name: 'clock of a replica',
    longestMs: 5000,
    begin(world, random) {
      const name = random.pick(world.replicaNames)
      const byMs = random.pick([-600_000, -3000, 3000, 600_000])
      world.jump(name, byMs)
      const isLasting = random.chance(0.5)
      return () => {
        if (!isLasting) world.jump(name, -byMs)
      }
    },
  },
  {
    name: 'server that refuses',
    longestMs: 5000,
    begin({ servers }, random) {
      const server = random.pick(servers.all)
      server.failing = random.pick(['LOADING', 'OOM', 'READONLY'])
      return () => {
        server.failing = undefined
      }
    },
  },
  {
    name: 'provider that is down',
    longestMs: 6000,
    begin({ provider }) {
      provider.isDown = true
      return () => {
        provider.isDown = false
      }
    },
  },
  {
    name: 'paused server',
    longestMs: 8000,
    begin({ servers }, random) {
      const server = pickServer(servers.all, random)
      if (!server.isUp || server.isPaused) return () => undefined
      servers.pause(server)
      return () => servers.resume(server)
    },
  },
  {
    name: 'killed server',
    longestMs: 8000,
    begin({ servers }, random) {
      const server = pickServer(servers.all, random)
      if (!server.isUp) return () => undefined
      servers.kill(server)
      return () => servers.restart(server, server.data)
    },
  },
]

export const killedReplica: FaultKind = {
  name: 'killed replica',
  longestMs: 3000,
  begin(world, random) {
    const name = random.pick(world.replicaNames)
    if (!world.replica(name).process.isRunning()) return () => undefined
    world.kill(name)
    return () => world.start(name)
  },
}

/** These cut processes off from each other, or end ours. */
export const separating: readonly FaultKind[] = [
  {
    name: 'partition',
    longestMs: 16_000,
    begin({ network, servers, replicaNames }, random) {
      const server = pickServer(servers.all, random)
      const others = servers.all.filter((other) => other !== server && random.chance(0.2))
      const side = [server, ...others].map(({ name }) => name)
      network.cut([...side, ...replicaNames.filter(() => random.chance(0.4))])
      return network.heal
    },
  },
  {
    name: 'cut pair',
    longestMs: 8000,
    begin({ network, servers, replicaNames }, random) {
      const server = random.pick(servers.all)
      const others = servers.all.filter((other) => other !== server).map(({ name }) => name)
      network.cutPair(random.pick([...replicaNames, ...others]), server.name)
      return network.heal
    },
  },
  {
    name: 'stopped replica',
    longestMs: 8000,
    begin(world, random) {
      const { process } = world.replica(random.pick(world.replicaNames))
      process.stop()
      return process.resume
    },
  },
  killedReplica,
]

/** These lose what the store holds. What only one of our processes knows is given back by that one, if it is there to do so. */
export const losing: readonly FaultKind[] = [
  {
    name: 'FLUSHALL',
    longestMs: 1,
    begin(world, random) {
      putBack(world, { atMs: 0, data: emptyData() }, 'FLUSHALL', random)
      return () => undefined
    },
  },
  {
    name: 'old snapshot',
    longestMs: 1,
    begin(world, random, { snapshots }) {
      const snapshot = snapshots.length === 0 ? { atMs: 0, data: emptyData() } : random.pick(snapshots)
      putBack(world, snapshot, 'snapshot', random)
      return () => undefined
    },
  },
]

function pickServer(servers: World['servers']['all'], random: Random) {
  const masters = servers.filter(({ follows }) => follows === undefined)
  return random.pick(random.chance(0.7) && masters.length > 0 ? masters : servers)
}

/** By the server that runs, or by another process with the same name. */
function putBack(
  { servers, schedule, record, watch }: World,
  from: Memory['snapshots'][number],
  cause: string,
  random: Random,
) {
  const masters = servers.all.filter((server) => server.follows === undefined && isRunning(server))
  if (masters.length === 0) return
  const server = random.pick(masters)
  const atMs = schedule.now()
  if (random.chance(0.5)) servers.replaceData(server, from.data)
  else {
    servers.kill(server)
    servers.restart(server, copyOfData(from.data))
  }
  watch.losing()()
  record({ kind: 'data-loss', cause, beganAtMs: atMs, endedAtMs: atMs, writtenSinceMs: from.atMs })
}

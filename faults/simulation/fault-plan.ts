import type { Random } from './random.ts'
import { copyOfData, emptyData, type RedisData, streamAt } from './redis-data.ts'
import { isRunning } from './redis-server.ts'
import type { World } from './world.ts'

/** Something that goes wrong, and how it is put right. */
interface FaultKind {
  readonly name: string
  /** How long it lasts at most, in milliseconds. */
  readonly longestMs: number
  /** @returns what puts it right */
  readonly begin: (world: World, random: Random, memory: Memory) => () => void
}

/** Data of the master as it was at some moments. */
interface Memory {
  readonly snapshots: { readonly atMs: number; readonly data: RedisData }[]
}

/** Nothing here loses what the store holds, or knowledge that only one of our processes has. */
const harmless: readonly FaultKind[] = [
  {
    name: 'slow node',
    longestMs: 6000,
    begin({ network, servers, replicaNames }, random) {
      const node = random.pick([...replicaNames, ...servers.all.map(({ name }) => name)])
      network.slow(node, random.pick([20, 200, 2000]))
      return () => network.slow(node, 0)
    },
  },
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
    begin({ servers }, random) {
      const server = random.pick(servers.all)
      const byMs = random.pick([-600_000, -3000, 3000, 600_000])
      server.clockMs += byMs
      const isLasting = random.chance(0.5)
      return () => {
        if (!isLasting) server.clockMs -= byMs
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

const killedReplica: FaultKind = {
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
const separating: readonly FaultKind[] = [
  {
    name: 'partition',
    longestMs: 12_000,
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
const losing: readonly FaultKind[] = [
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
  { servers, schedule, record }: World,
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
  record({ kind: 'data-loss', cause, beganAtMs: atMs, endedAtMs: atMs, writtenSinceMs: from.atMs })
}

const SNAPSHOT_MS = 1500
/** After a loss, everything that is known has been given back by then. */
const GIVEN_BACK_MS = 3500
const RESTART_MS = 300

export interface FaultPlan {
  readonly world: World
  readonly random: Random
  readonly fromMs: number
  readonly untilMs: number
  /** Called when a fault has begun, and when it has ended. */
  readonly onTurn: () => void
}

/**
 * Brings about what goes wrong in a run: up to four faults, one of which may begin before the other has ended. Where the store
 * loses what it holds, nobody is cut off who may be the only one to know; but later on somebody forgets.
 */
export function planFaults({ world, random, fromMs, untilMs, onTurn }: FaultPlan): void {
  const { schedule } = world
  const memory: Memory = { snapshots: [] }
  const isLosing = random.chance(0.3)
  const kinds = [...harmless, ...(isLosing ? [...losing, ...losing, ...losing] : [...separating, ...separating])]
  let number = 0

  function snapshot(): void {
    const master = world.servers.all.find((server) => server.follows === undefined)
    if (master !== undefined) memory.snapshots.push({ atMs: schedule.now(), data: copyOfData(master.data) })
    if (schedule.now() < untilMs) schedule.later(SNAPSHOT_MS, snapshot)
  }
  if (isLosing) schedule.later(SNAPSHOT_MS, snapshot)

  function plan(kind: FaultKind, beginsAtMs: number, lastsMs: number): void {
    number += 1
    const fault = `${number}: ${kind.name}`
    schedule.later(beginsAtMs, () => {
      world.record({ kind: 'fault', fault, phase: 'begins', atMs: schedule.now() })
      const putRight = kind.begin(world, random, memory)
      onTurn()
      schedule.later(lastsMs, () => {
        putRight()
        world.record({ kind: 'fault', fault, phase: 'ends', atMs: schedule.now() })
        onTurn()
      })
    })
  }

  const count = random.index(5)
  for (let index = 0; index < count; index += 1) {
    const kind = random.pick(kinds)
    // Early rather than late, so that there is room for long ones.
    const beginsAtMs = fromMs + (untilMs - fromMs) * random.next() ** 2
    plan(kind, beginsAtMs, Math.min(random.between(kind.longestMs / 10, kind.longestMs), untilMs - beginsAtMs))
  }
  if (isLosing) plan(killedReplica, untilMs + GIVEN_BACK_MS, RESTART_MS)
}

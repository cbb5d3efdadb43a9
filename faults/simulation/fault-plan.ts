import { type FaultKind, harmless, killedReplica, losing, type Memory, separating, slowNode } from './fault-kinds.ts'
import type { Random } from './random.ts'
import { copyOfData } from './redis-data.ts'
import type { World } from './world.ts'

const SNAPSHOT_MS = 1500
/** After a loss, everything that is known has been given back by then. */
const GIVEN_BACK_MS = 3500
const RESTART_MS = 300
/** What has begun so shortly before a fault is likely to be under way when it strikes. */
const SOON_MS = 400

export interface FaultPlan {
  readonly world: World
  readonly random: Random
  readonly fromMs: number
  readonly untilMs: number
  /** Called a little before a fault begins. */
  readonly onSoon: () => void
  /** Called when a fault has begun, and when it has ended. */
  readonly onTurn: () => void
}

/**
 * Brings about what goes wrong in a run: up to four faults, one of which may begin before the other has ended. Where the store
 * loses what it holds, nobody is cut off who may be the only one to know; but later on somebody forgets.
 */
export function planFaults({ world, random, fromMs, untilMs, onSoon, onTurn }: FaultPlan): void {
  const { schedule } = world
  const memory: Memory = { snapshots: [] }
  const isLosing = random.chance(0.3)
  const kinds = [
    ...harmless,
    slowNode,
    ...(isLosing ? [...losing, ...losing, ...losing] : [...separating, ...separating]),
  ]
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
    schedule.later(beginsAtMs - random.between(0, SOON_MS), onSoon)
    schedule.later(beginsAtMs, () => {
      world.record({ kind: 'fault', fault, phase: 'begins', atMs: schedule.now() })
      world.watch.troubled()
      const putRight = kind.begin(world, random, memory)
      onTurn()
      schedule.later(lastsMs, () => {
        putRight()
        world.watch.calm()
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

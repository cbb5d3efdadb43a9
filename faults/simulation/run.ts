import { type Bounds, PROMISED } from '../bounds.ts'
import { checkHistory } from '../check-history.ts'
import type { History } from '../history.ts'
import { type Clients, createClients } from './clients.ts'
import { planFaults } from './fault-plan.ts'
import { createRandom, type Random } from './random.ts'
import { lookAtTheEnd } from './refresh-end.ts'
import type { RefreshWatch } from './refresh-watch.ts'
import type { Spoiling } from './replica.ts'
import { createWorld, type World } from './world.ts'

/** What became of one run. */
export interface Run {
  readonly seed: number
  /** What went wrong, one line each; none: every promise was kept. */
  readonly problems: readonly string[]
  readonly history: History
  /** What was asked of the provider. */
  readonly refreshes: RefreshWatch['counts']
  /** How many things happened. */
  readonly steps: number
}

const STALENESS_MS = 2500
/** For so long the other Sentinels may go on naming a master that one of them has replaced. */
const SENTINEL_NEWS_MS = 2000
/** A server that was the master is believed for so long. */
const BOUND_MS = STALENESS_MS + SENTINEL_NEWS_MS
const FAULTS_FROM_MS = 1500
const FAULTS_UNTIL_MS = 16_000
const RECOVERY_MS = 7000
const SWEEP_AT_MS = FAULTS_UNTIL_MS + 4000 + RECOVERY_MS + 1500
const OPERATIONS = 40
/** How much is revoked just when something goes wrong or is put right. */
const TURNS_MS = [30, 1500]

/** Shorter than in earnest, so that much fits into one run. */
const BOUNDS: Bounds = {
  ...PROMISED,
  revocationMs: BOUND_MS,
  recoveryMs: RECOVERY_MS,
  issueLagMs: 3000,
}

/** What plays a run again, with all that happened in it. */
export function replayCommand(seed: number): string {
  return `npm run simulate -- --seed ${seed}`
}

/** Plays one run, which is the same each time for one seed. */
export async function simulate(seed: number, spoiling: Spoiling = {}): Promise<Run> {
  const random = createRandom(seed)
  const world = createWorld({
    random: random.fork(),
    withSentinels: random.chance(0.75),
    maxStalenessMs: STALENESS_MS,
    spoiling,
  })
  const { schedule } = world
  const clients = createClients(world, random.fork())
  const operations = random.fork()
  planOperations(world, clients, operations)
  planFaults({
    ...{ world, random: random.fork(), fromMs: FAULTS_FROM_MS, untilMs: FAULTS_UNTIL_MS },
    onSoon: () => letBeDue(world, clients, operations),
    onTurn() {
      for (const turnMs of TURNS_MS) {
        schedule.later(operations.between(0, turnMs), () => void revoke(world, clients, operations))
      }
    },
  })
  await schedule.runUntil(SWEEP_AT_MS)
  for (const name of world.replicaNames) void clients.signIn(name)
  await schedule.runUntil(SWEEP_AT_MS + 500)
  await sweep(world, clients)
  world.finish()
  lookAtTheEnd(world, BOUNDS)
  const problems = [
    ...checkHistory(world.history, BOUNDS).map(({ kind, text }) => `${kind}: ${text}`),
    ...world.watch.problems,
    ...world.internalErrors.map((error) => `internal error: ${error instanceof Error ? error.message : String(error)}`),
  ]
  return { seed, problems, history: world.history, refreshes: world.watch.counts, steps: schedule.steps() }
}

/** Shows every token to every replica; again, if somebody was refused to be renewed and revoked in the meantime. */
async function sweep(world: World, clients: Clients): Promise<void> {
  const { schedule, tokens, replicaNames, history } = world
  const sinceMs = schedule.now()
  for (const token of tokens.keys()) {
    for (const name of replicaNames) void clients.check(name, token)
  }
  do await schedule.runUntil(schedule.now() + 100)
  while (clients.waiting() > 0)
  const isOver = history.every((entry) => entry.kind !== 'revocation' || entry.answeredAtMs < sinceMs)
  if (!isOver) await sweep(world, clients)
}

function planOperations(world: World, clients: Clients, random: Random): void {
  const { schedule, replicaNames } = world
  for (let index = 0; index < 4; index += 1) {
    schedule.later(random.between(300, 900), () => void clients.signIn(random.pick(replicaNames)))
  }
  for (let index = 0; index < OPERATIONS; index += 1) {
    schedule.later(random.between(900, SWEEP_AT_MS - 1000), () => void operation(world, clients, random))
  }
}

function operation(world: World, clients: Clients, random: Random): Promise<void> {
  const replica = random.pick(world.replicaNames)
  const dice = random.next()
  if (dice < 0.08) return clients.signIn(replica)
  if (dice < 0.14) return clients.mint(replica)
  if (dice < 0.26) return revoke(world, clients, random)
  if (dice < 0.42) return Promise.resolve(letBeDue(world, clients, random))
  const known = [...world.tokens.keys()]
  return known.length === 0 ? clients.signIn(replica) : clients.check(replica, random.pick(known))
}

/** Lets a refresh be due, and the session be used at once and later on. */
function letBeDue({ schedule, replicaNames }: World, clients: Clients, random: Random): void {
  const token = clients.letBeDue()
  if (token === undefined) return
  for (const atMs of [1, random.between(1, 500), random.between(1000, 12_000)]) {
    schedule.later(atMs, () => void clients.check(random.pick(replicaNames), token))
  }
}

/** Revokes, and sees after it just when it has to hold. */
async function revoke({ schedule, replicaNames }: World, clients: Clients, random: Random): Promise<void> {
  const replica = random.pick(replicaNames)
  const token = random.chance(0.2) ? await clients.signOut(replica) : await clients.revoke(replica)
  if (token === undefined) return
  for (const name of replicaNames) {
    schedule.later(BOUND_MS + random.pick([1, 100, 1000]), () => void clients.check(name, token))
  }
}

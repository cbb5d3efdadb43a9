import type { Run } from './measure.ts'
import { MANY } from './rows.ts'

/** Something measured beside the rows, or derived from them, with what it is to be. */
export interface Figure {
  readonly name: string
  readonly measured: string
  readonly goal?: string
  readonly isReached?: boolean
}

const FULL_GOAL = 0.85
const USER_GOAL = 0.8
const MANY_GOAL = 1.2
const PEER_GOAL = 3

/** The figures that the rows come to, as far as their rows were measured. */
export function figuresOf(runs: readonly Run[], peers: readonly string[]): Figure[] {
  const find = (name: string) => runs.find((run) => run.name === name)
  const forward = find('check warm forward')
  const many = find(MANY)
  return [
    ...runs
      .filter(isWarm)
      .map(({ name, ratioToConstant, ratioToEmpty }) =>
        name.endsWith(' user only')
          ? atLeast(`${name}, to empty`, ratioToEmpty, USER_GOAL)
          : atLeast(`${name}, to constant`, ratioToConstant, FULL_GOAL),
      ),
    ...(forward === undefined || many === undefined ? [] : [largeSet(forward, many)]),
    ...(forward === undefined
      ? []
      : runs.filter(({ name }) => peers.includes(name)).map((peer) => versus(forward, peer))),
  ]
}

function isWarm({ name }: Run): boolean {
  return /^check warm [a-z-]+( user only)?$/.test(name)
}

function atLeast(name: string, value: number, goal: number): Figure {
  return { name, measured: value.toFixed(3), goal: `at least ${goal}`, isReached: value >= goal }
}

/** Compared by the ratio to the empty server beside each, which takes out what changed on the machine in between. */
function largeSet(few: Run, many: Run): Figure {
  const factor = few.ratioToConstant / many.ratioToConstant
  return {
    name: '10,000 applications against 10, time of a warm check',
    measured: `${factor.toFixed(2)} times`,
    goal: `within ${MANY_GOAL} times`,
    isReached: factor <= MANY_GOAL,
  }
}

function versus(ours: Run, peer: Run): Figure {
  const factor = ours.requestsPerSecond / peer.requestsPerSecond
  return {
    name: `check warm forward against ${peer.name}`,
    measured: `${factor.toFixed(2)} times its requests/s, p99 ${ours.p99Ms} ms against ${peer.p99Ms} ms`,
    goal: `at least ${PEER_GOAL} times, and a lower p99`,
    isReached: factor >= PEER_GOAL && ours.p99Ms < peer.p99Ms,
  }
}

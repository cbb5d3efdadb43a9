import type { Random } from './random.ts'
import type { Schedule } from './schedule.ts'

/** Who can reach whom, and how long a message takes. Nodes go by their names. */
export interface Network {
  isCut(a: string, b: string): boolean
  /** Milliseconds that a message takes now; different each time. */
  delay(a: string, b: string): number
  /** Separates one side from everybody else. */
  cut(side: readonly string[]): void
  /** Separates two nodes from each other. */
  cutPair(a: string, b: string): void
  heal(): void
  /** Makes every message to or from a node slower by up to so many milliseconds. */
  slow(node: string, ms: number): void
  /** Carries a message; it is lost if the two are cut off from each other when it would arrive. */
  carry(a: string, b: string, arrive: () => void): void
}

/** @param onChange called after it has changed who can reach whom */
export function createNetwork(schedule: Schedule, random: Random, onChange: () => void): Network {
  let side: ReadonlySet<string> = new Set()
  const pairs = new Set<string>()
  const slowness = new Map<string, number>()

  function changed(change: () => void): void {
    change()
    onChange()
  }

  function isCut(a: string, b: string): boolean {
    if (a === b) return false
    return side.has(a) !== side.has(b) || pairs.has(pairOf(a, b))
  }

  function delay(a: string, b: string): number {
    const most = 1 + (slowness.get(a) ?? 0) + (slowness.get(b) ?? 0)
    return random.between(most / 10, most)
  }

  return {
    isCut,
    delay,
    cut: (nodes) => changed(() => (side = new Set(nodes))),
    cutPair: (a, b) => changed(() => pairs.add(pairOf(a, b))),
    heal: () =>
      changed(() => {
        side = new Set()
        pairs.clear()
      }),
    slow: (node, ms) => slowness.set(node, ms),
    carry(a, b, arrive) {
      schedule.later(delay(a, b), () => {
        if (!isCut(a, b)) arrive()
      })
    },
  }
}

function pairOf(a: string, b: string): string {
  return a < b ? `${a} ${b}` : `${b} ${a}`
}

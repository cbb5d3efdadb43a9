/** How often the same thing is tried before it has to wait. */
const FREE_TRIES = 3
const LONGEST_WAIT_MS = 60_000

/** Keeps a write that never sticks, since somebody else undoes it or the server refuses it, from being tried all the time. */
export interface Patience {
  /** Whether the thing may be tried now; counts as a try if so. */
  readonly mayTry: (key: string) => boolean
  /** It is as it has to be. */
  readonly settle: (keys: ReadonlySet<string>) => void
  /** Things that have been tried more often than they ought to have been. */
  readonly unsettled: () => readonly string[]
}

/** @param now milliseconds on a clock that only goes forward */
export function createPatience(now: () => number): Patience {
  const tries = new Map<string, { count: number; next: number }>()
  return {
    mayTry(key) {
      const { count, next } = tries.get(key) ?? { count: 0, next: 0 }
      if (now() < next) return false
      const wait = count < FREE_TRIES ? 0 : Math.min(LONGEST_WAIT_MS, 1000 * 2 ** (count - FREE_TRIES))
      tries.set(key, { count: count + 1, next: now() + wait })
      return true
    },
    settle(open) {
      for (const key of tries.keys()) if (!open.has(key)) tries.delete(key)
    },
    unsettled: () => [...tries].filter(([, { count }]) => count > FREE_TRIES).map(([key]) => key),
  }
}

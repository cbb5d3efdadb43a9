/** For how long what a Sentinel has said counts. */
export const VOTE_LIFE_MS = 5000

/** What the configured Sentinels have said of late about who is the master. */
export interface SentinelTally {
  /**
   * A Sentinel has answered.
   *
   * @param sentinel its index
   * @param master `address:port`; undefined: it knows none
   * @param askedAtMs when it was asked; never later than what it says was true
   */
  answered(sentinel: number, master: string | undefined, askedAtMs: number): void
  /** It has been asked and has not answered. What it said before counts until its time is over. */
  failed(sentinel: number): void
  /** Whom more than half of all Sentinels that are configured have named. */
  majority(nowMs: number): string | undefined
  /** As of which moment a majority is known to have named this one; undefined: none has, of late. */
  namedAtMs(master: string, nowMs: number): number | undefined
  /**
   * Whom to connect to: the majority's; without one, whom the most have named, as soon as all have been asked. That one need
   * not be the master.
   */
  leading(nowMs: number): string | undefined
}

/** Counts the votes of `size` Sentinels. Moments are milliseconds of a clock that never goes back. */
export function createSentinelTally(size: number): SentinelTally {
  const votes = new Map<number, { readonly master: string; readonly askedAtMs: number }>()
  const asked = new Set<number>()

  function leader(nowMs: number): { readonly master: string; readonly votes: number } | undefined {
    const counts = new Map<string, number>()
    for (const { master, askedAtMs } of votes.values()) {
      if (nowMs - askedAtMs <= VOTE_LIFE_MS) counts.set(master, (counts.get(master) ?? 0) + 1)
    }
    const [first] = [...counts].sort(([, a], [, b]) => b - a)
    return first === undefined ? undefined : { master: first[0], votes: first[1] }
  }

  return {
    answered(sentinel, master, askedAtMs) {
      asked.add(sentinel)
      if (master === undefined) votes.delete(sentinel)
      else votes.set(sentinel, { master, askedAtMs })
    },
    failed(sentinel) {
      asked.add(sentinel)
    },
    majority(nowMs) {
      const first = leader(nowMs)
      return first !== undefined && first.votes > size / 2 ? first.master : undefined
    },
    namedAtMs(master, nowMs) {
      const asked = [...votes.values()].filter(
        (vote) => vote.master === master && nowMs - vote.askedAtMs <= VOTE_LIFE_MS,
      )
      // The newest votes that make a majority: it is as old as the oldest of them.
      return asked.map(({ askedAtMs }) => askedAtMs).sort((a, b) => b - a)[Math.floor(size / 2)]
    },
    leading(nowMs) {
      const first = leader(nowMs)
      if (first === undefined) return undefined
      return first.votes > size / 2 || asked.size === size ? first.master : undefined
    },
  }
}

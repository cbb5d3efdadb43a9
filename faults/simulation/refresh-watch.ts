import type { HeldLock } from '../../src/sessions/lock.ts'
import type { Process } from './process.ts'
import type { Schedule } from './schedule.ts'

/** What must not happen to a session on account of its refresh. */
export type RefreshProblem =
  /** Two replicas asked the provider for one session at the same time, although a lock was held. */
  | 'refreshed-twice-at-once'
  /** A session was ended although the provider has not ended it, and nothing has been lost. */
  | 'refresh-ended-session'
  /** The refresh token that counts at the provider is not in the record of a session that goes on. */
  | 'refresh-token-lost'
  /** The provider has refused the refresh token, nothing is wrong, and the session was not ended. */
  | 'refused-session-goes-on'
  /** The record of a session that was ended is there again. */
  | 'session-brought-back'

/** Looks on while sessions are refreshed, and notes what must not be. */
export interface RefreshWatch {
  /** What was wrong, one line each, which begins with a `RefreshProblem`. */
  readonly problems: readonly string[]
  found(kind: RefreshProblem, text: string): void
  /** What the provider was asked, and what came of it. */
  readonly counts: Readonly<Record<'asked' | 'renewed' | 'refused', number>>
  /** A process has got the lock of a session. */
  locked(sid: string, process: Process, lock: HeldLock): void
  /** A process asks the provider. @returns to be called when it has the answer */
  asked(sid: string, process: Process): () => void
  /** The provider has accepted the token, and given another. */
  rotated(sid: string, process: Process): void
  /** The provider has refused the token, since it has ended the session. */
  refused(sid: string, process: Process): void
  /** A process revokes a session because the provider is said to have ended it. @param isRight whether there is a reason */
  ends(sid: string, isRight: boolean): void
  /** Sessions that were revoked without such a reason, and when. */
  readonly wronglyEnded: readonly { readonly sid: string; readonly atMs: number }[]
  /** Something is wrong from now on; until `calm` is called. */
  troubled(): void
  calm(): void
  /**
   * The store loses what is written from a little before now on, or its clock leaps, so that locks end early.
   *
   * @returns to be called when it loses no more
   */
  losing(): () => void
  /** A session's record has been removed, for good. */
  removed(sid: string): void
  /** Sessions whose records have been removed, and have been lost by nothing since that could bring them back. */
  gone(): readonly string[]
  /** Since when nothing has been wrong, in milliseconds of the run; undefined: something is. */
  calmSinceMs(): number | undefined
  /** Whether a session's newest token may have been lost by a process that ended or stood still, or by the store. */
  mayHaveLost(sid: string): boolean
  /** Whether anybody is waiting for the provider's answer about a session. */
  isUnderWay(sid: string): boolean
}

/** In calm, a refused session has ended by then. */
const LONGEST_END_MS = 6000
/** After a fault, and after a write, so much may pass until all is as it should be. */
const AFTERMATH_MS = 4000
/** A replica of the store is at most so far behind, unless it is cut off. */
const LAG_MS = 3000

interface Holder {
  readonly process: Process
  readonly lock: HeldLock
  readonly sinceMs: number
}

export function createRefreshWatch(schedule: Schedule): RefreshWatch {
  const problems: string[] = []
  const holders = new Map<string, Holder[]>()
  const underWay = new Map<string, Set<Process>>()
  /** Who has been given a token, for each session. */
  const keepers = new Map<string, Set<Process>>()
  const firstRotatedAtMs = new Map<string, number>()
  const lastRotatedAtMs = new Map<string, number>()
  const counts = { asked: 0, renewed: 0, refused: 0 }
  const ended = new Set<string>()
  const wronglyEnded: { sid: string; atMs: number }[] = []
  const removedAtMs = new Map<string, number>()
  let troubles = 0
  let troubledUntilMs = 0
  let losses = 0
  let lostAtMs = Number.NEGATIVE_INFINITY

  const calmSinceMs = () => (troubles > 0 ? undefined : troubledUntilMs)
  const found = (kind: RefreshProblem, text: string) => void problems.push(`${kind}: ${text}`)
  const at = () => `at ${schedule.now().toFixed(1)} ms`

  /** Nothing has happened by which a lock that is held could be somebody else's. */
  function isSafe({ lock, sinceMs }: Holder): boolean {
    if (losses > 0 || lostAtMs >= sinceMs) return false
    const calmMs = calmSinceMs()
    return lock.isHeld() || (calmMs !== undefined && calmMs + AFTERMATH_MS < sinceMs)
  }

  return {
    problems,
    counts,
    found,
    calmSinceMs,
    locked(sid, process, lock) {
      const others = (holders.get(sid) ?? []).filter((other) => other.process !== process)
      holders.set(sid, [...others, { process, lock, sinceMs: schedule.now() }])
    },
    asked(sid, process) {
      counts.asked += 1
      const asking = underWay.get(sid) ?? new Set()
      underWay.set(sid, asking)
      for (const other of asking) {
        const holder = holders.get(sid)?.find((one) => one.process === other)
        if (other.isEnded() || (holder !== undefined && !isSafe(holder))) continue
        found('refreshed-twice-at-once', `${sid} by ${process.name} and ${other.name} ${at()}`)
      }
      asking.add(process)
      return () => asking.delete(process)
    },
    rotated(sid, process) {
      counts.renewed += 1
      if (!firstRotatedAtMs.has(sid)) firstRotatedAtMs.set(sid, schedule.now())
      lastRotatedAtMs.set(sid, schedule.now())
      keepers.set(sid, (keepers.get(sid) ?? new Set()).add(process))
    },
    refused(sid, process) {
      counts.refused += 1
      const refusedAtMs = schedule.now()
      schedule.later(LONGEST_END_MS, () => {
        const calmMs = calmSinceMs()
        const isCalm =
          calmMs !== undefined && calmMs + AFTERMATH_MS < refusedAtMs && lostAtMs + AFTERMATH_MS < refusedAtMs
        if (isCalm && !process.wasHarmed() && !ended.has(sid)) found('refused-session-goes-on', `${sid} ${at()}`)
      })
    },
    wronglyEnded,
    ends(sid, isRight) {
      ended.add(sid)
      if (!isRight) wronglyEnded.push({ sid, atMs: schedule.now() })
    },
    troubled() {
      troubles += 1
    },
    calm() {
      troubles -= 1
      troubledUntilMs = schedule.now()
    },
    losing() {
      losses += 1
      lostAtMs = schedule.now()
      return () => {
        losses -= 1
        lostAtMs = schedule.now()
      }
    },
    removed: (sid) => void removedAtMs.set(sid, schedule.now()),
    gone: () => [...removedAtMs].filter(([, atMs]) => losses === 0 && lostAtMs < atMs).map(([sid]) => sid),
    mayHaveLost(sid) {
      const isLost = losses > 0 || lostAtMs >= (firstRotatedAtMs.get(sid) ?? Number.POSITIVE_INFINITY) - LAG_MS
      return isLost || [...(keepers.get(sid) ?? [])].some((process) => process.wasHarmed())
    },
    isUnderWay(sid) {
      const isAsked = [...(underWay.get(sid) ?? [])].some((process) => !process.isEnded())
      return isAsked || schedule.now() - (lastRotatedAtMs.get(sid) ?? Number.NEGATIVE_INFINITY) < AFTERMATH_MS
    },
  }
}

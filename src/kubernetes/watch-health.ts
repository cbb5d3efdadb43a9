import type { Events } from '../observe/events.ts'
import type { Interruption, InterruptionReason } from './interruption.ts'

export type WatchEvents = Pick<Events, 'internalError' | 'watchRestarted' | 'watchInterrupted' | 'watchRecovered'>

/** How a watch is doing. */
export interface WatchHealth {
  /** The set was the server's at that time. */
  readonly proven: (at: number) => void
  /** The watch works: what was wrong is over. */
  readonly recovered: () => void
  readonly interrupted: (interruption: Interruption) => void
  /** Failures in a row, with nothing good between them. */
  readonly failures: () => number
  /** Milliseconds since the last proof, or since the beginning: what has never been listed is no better than what is old. */
  readonly ageMs: () => number
  readonly trouble: () => string | undefined
}

/** Belong to the life of a watch, if not too many come in a row: no trouble, the server is only asked anew. */
const ROUTINE: ReadonlySet<InterruptionReason> = new Set(['expired', 'silent', 'short', 'absent'])
const ROUTINE_FAILURES = 2

/**
 * Keeps the book of a watch: each restart is counted, and the beginning and the end of a trouble are told once.
 *
 * @param resource kind that is watched
 * @param now milliseconds since 1970
 */
export function watchHealth(
  resource: string,
  { now, events }: { now: () => number; events: WatchEvents },
): WatchHealth {
  const begunAt = now()
  let provenAt: number | undefined
  let failures = 0
  let trouble: { readonly since: number; readonly problem: string } | undefined

  return {
    proven(at) {
      provenAt = Math.max(at, provenAt ?? at)
    },
    recovered() {
      failures = 0
      if (trouble === undefined) return
      events.watchRecovered({ resource, seconds: (now() - trouble.since) / 1000 })
      trouble = undefined
    },
    interrupted({ reason, problem }) {
      failures += 1
      events.watchRestarted({ resource, reason })
      if (ROUTINE.has(reason) && trouble === undefined && failures <= ROUTINE_FAILURES) return
      if (trouble === undefined) events.watchInterrupted({ resource, problem })
      trouble = { since: trouble?.since ?? now(), problem }
    },
    failures: () => failures,
    ageMs: () => now() - (provenAt ?? begunAt),
    trouble: () => trouble?.problem,
  }
}

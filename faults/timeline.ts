import type { Bounds } from './bounds.ts'
import { type FaultEntry, type History, HistoryError } from './history.ts'

/** A fault from its beginning to its end; one that was never taken away ends at infinity. */
export interface FaultSpan {
  readonly fault: string
  readonly beganAtMs: number
  readonly endedAtMs: number
  /** When everything has to be, or was seen to be, well again, as far as this fault goes. */
  readonly wellAtMs: number
}

/** When something was wrong and when nothing was. */
export interface Timeline {
  readonly faults: readonly FaultSpan[]
  /**
   * Since when nothing has been wrong, and nothing recovering, if nothing is at any moment from one to the other; undefined
   * otherwise. 0 if there has been no fault before.
   */
  quietSince(fromMs: number, toMs: number): number | undefined
  /** From then on nothing is wrong any more; infinity if a fault is never taken away. */
  readonly finallyQuietFromMs: number
}

/** Reads the faults of a history. Throws a HistoryError if one ends that has not begun, or begins twice. */
export function timelineOf(history: History, { recoveryMs }: Bounds): Timeline {
  const marks = history.filter((entry) => entry.kind === 'recovered').map(({ atMs }) => atMs)
  const faults = spansOf(history).map((span) => {
    const latest = span.endedAtMs + recoveryMs
    const seen = marks.filter((atMs) => atMs >= span.endedAtMs)
    return { ...span, wellAtMs: Math.min(latest, ...seen) }
  })
  const troubled = merged(faults)
  return {
    faults,
    finallyQuietFromMs: troubled.at(-1)?.toMs ?? 0,
    quietSince(fromMs, toMs) {
      // The first stretch that has not ended when the time in question begins.
      let low = 0
      let high = troubled.length
      while (low < high) {
        const middle = (low + high) >> 1
        if ((troubled[middle]?.toMs ?? 0) < fromMs) low = middle + 1
        else high = middle
      }
      const next = troubled[low]
      return next === undefined || next.fromMs > toMs ? (troubled[low - 1]?.toMs ?? 0) : undefined
    },
  }
}

function spansOf(history: History): Omit<FaultSpan, 'wellAtMs'>[] {
  const open = new Map<string, FaultEntry>()
  const spans: Omit<FaultSpan, 'wellAtMs'>[] = []
  const entries = history.filter((entry) => entry.kind === 'fault')
  for (const entry of entries.toSorted((a, b) => a.atMs - b.atMs)) {
    const begun = open.get(entry.fault)
    if ((entry.phase === 'ends') === (begun === undefined)) {
      throw new HistoryError(`fault "${entry.fault}" ${entry.phase} at ${entry.atMs} ms, which it cannot`)
    }
    if (begun === undefined) {
      open.set(entry.fault, entry)
      continue
    }
    open.delete(entry.fault)
    spans.push({ fault: entry.fault, beganAtMs: begun.atMs, endedAtMs: entry.atMs })
  }
  for (const { fault, atMs } of open.values())
    spans.push({ fault, beganAtMs: atMs, endedAtMs: Number.POSITIVE_INFINITY })
  return spans.sort((a, b) => a.beganAtMs - b.beganAtMs)
}

/** Stretches of trouble that do not touch each other, in order. */
function merged(faults: readonly FaultSpan[]): { fromMs: number; toMs: number }[] {
  const stretches: { fromMs: number; toMs: number }[] = []
  for (const { beganAtMs, wellAtMs } of faults) {
    const last = stretches.at(-1)
    if (last !== undefined && beganAtMs <= last.toMs) last.toMs = Math.max(last.toMs, wellAtMs)
    else stretches.push({ fromMs: beganAtMs, toMs: wellAtMs })
  }
  return stretches
}

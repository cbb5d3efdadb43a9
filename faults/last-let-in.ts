import type { Bounds } from './bounds.ts'
import type { History } from './history.ts'
import { type Spread, spreadOf } from './history-figures.ts'
import { judgeOf } from './judge.ts'

/**
 * For each accepted revocation how long after its answer somebody whom it hits asked for the last time and was let in; 0 if
 * nobody did. Milliseconds.
 */
export function lastLetIn(history: History, bounds: Bounds): Spread {
  const last = new Map<object, number>()
  for (const { surely, checks } of judgeOf(history, bounds).cases) {
    for (const revocation of surely) {
      const letIn = checks.findLast(({ answer }) => answer === 'allow')
      const afterMs = Math.max(0, (letIn?.invokedAtMs ?? 0) - revocation.answeredAtMs)
      last.set(revocation, Math.max(last.get(revocation) ?? 0, afterMs))
    }
  }
  return spreadOf([...last.values()])
}

import type { Metrics } from './metrics.ts'

/** Makes a report safe to call. */
export type Safely = <Event>(report: (event: Event) => void) => (event: Event) => void

/** An event must never be the reason why a request fails; what goes wrong here is counted, since the log may be the cause. */
export function guardedBy({ internalErrors }: Pick<Metrics, 'internalErrors'>): Safely {
  return (report) => (event) => {
    try {
      report(event)
    } catch {
      internalErrors.inc({ where: 'events' })
    }
  }
}

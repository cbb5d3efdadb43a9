import { Gauge, type Registry } from 'prom-client'
import { metricList } from './metric-list.ts'

/** What is measured of the view of revocations. */
export interface FollowedRevocations {
  /** Milliseconds; undefined before the first whole view. */
  ageMs(): number | undefined
  size(): number
  owed(): number
}

/**
 * Registers the gauges of the view of revocations. They are absent until there is one.
 *
 * @returns takes the view that is measured from then on, at every scrape
 */
export function revocationGauges(registry: Registry): (view: FollowedRevocations) => void {
  let followed: FollowedRevocations | undefined
  const measured = [
    [metricList.revocationViewAge, () => secondsOf(followed?.ageMs())],
    [metricList.revocationViewSize, () => followed?.size()],
    [metricList.revocationsOwed, () => followed?.owed()],
  ] as const
  for (const [{ name, help }, measure] of measured) {
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        const value = measure()
        if (value === undefined) this.remove()
        else this.set(value)
      },
    })
  }
  return (view) => {
    followed = view
  }
}

function secondsOf(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : ms / 1000
}

/** How many replicas of the store are to have a revocation for it to be accepted. */
export interface ExpectedReplicas {
  /** A server has said how many replicas it has online. */
  seen(server: string, online: number): void
  /** How many are expected at a server that has so many online now. */
  expected(server: string, online: number): number
}

/**
 * How long a replica is expected that is not seen any more: longer than a failover takes. A master that was cut off, or that
 * has just started again, sees fewer than there are, and one of those may take over without what this one took.
 */
const MISSED_FOR_MS = 10_000

/**
 * Expects as many replicas as were online at any master lately; beyond that as many as are configured, or else one where this
 * process has seen one.
 *
 * @param context.monotonicMs milliseconds; only differences count
 * @param context.configured undefined: one, where there are any
 */
export function createExpectedReplicas(context: {
  readonly monotonicMs: () => number
  readonly configured: number | undefined
}): ExpectedReplicas {
  const { monotonicMs, configured } = context
  const sightings = new Map<number, number>()
  let serverWithReplicas: string | undefined

  function most(): number {
    const since = monotonicMs() - MISSED_FOR_MS
    for (const [online, atMs] of sightings) if (atMs < since) sightings.delete(online)
    return Math.max(0, ...sightings.keys())
  }

  function seen(server: string, online: number): void {
    sightings.set(online, monotonicMs())
    if (online > 0) serverWithReplicas = server
  }

  return {
    seen,
    expected(server, online) {
      seen(server, online)
      return Math.max(most(), configured ?? (serverWithReplicas === server ? 1 : 0))
    },
  }
}

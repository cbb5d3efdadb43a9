import type { Visit } from './visit.ts'

/** How often one login may come round without a cookie before the visitor is told that cookies are blocked. */
export const MAX_ROUNDS = 3

/**
 * How often this login has already come round on this host, as our own redirect says. Each host counts for itself, since
 * its cookies come back or stay away for themselves. Whoever forges the number gets the page sooner.
 */
export function roundOf(visit: Visit): number {
  const round = Number(visit.query.get('round'))
  return Number.isSafeInteger(round) && round > 0 ? round : 0
}

/** Of what kind of object, and how long ago it was last known to be current, or first asked for. */
export interface AgeOf {
  readonly kind: string
  /** Milliseconds. */
  readonly ageMs: () => number
}

/** The largest age of each kind, in seconds. */
export function largestAges(watched: Iterable<AgeOf>): ReadonlyMap<string, number> {
  const ages = new Map<string, number>()
  for (const { kind, ageMs } of watched) ages.set(kind, Math.max(ageMs() / 1000, ages.get(kind) ?? 0))
  return ages
}

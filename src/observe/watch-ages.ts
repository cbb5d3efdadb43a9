/** Of what kind of object, and how long ago it was last known to be current; undefined: never. */
export interface AgeOf {
  readonly kind: string
  /** Milliseconds. */
  readonly ageMs: () => number | undefined
}

/** The largest age of each kind, in seconds. A kind of which none is known is left out. */
export function largestAges(watched: Iterable<AgeOf>): ReadonlyMap<string, number> {
  const ages = new Map<string, number>()
  for (const { kind, ageMs } of watched) {
    const age = ageMs()
    if (age !== undefined) ages.set(kind, Math.max(age / 1000, ages.get(kind) ?? 0))
  }
  return ages
}

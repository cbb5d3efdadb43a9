/** When the API server made an object, in RFC 3339 and UTC as it writes it; undefined: nobody knows. */
export type CreatedAt = string | undefined

/** Negative if the left one is older. Whatever has no known age is younger than all that have one. */
export function compareAge(left: CreatedAt, right: CreatedAt): number {
  return compareText(left ?? '~', right ?? '~')
}

/** By code units, the same on every machine. */
export function compareText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0
}

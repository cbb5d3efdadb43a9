import { scrub } from './redact.ts'

/** What a label says in place of a value that it will not carry. */
export const OTHER = 'other'

const WORD = /^[A-Za-z0-9][\w./:-]{0,127}$/

/**
 * Makes a guard for one label, so that a caller's mistake can neither flood the metrics nor put a secret there: a value
 * passes if it is one word, holds nothing that `scrub` would take out, and is among the first `limit` different ones.
 * Anything else becomes `other`.
 */
export function boundedLabel(limit = 200): (value: string) => string {
  const known = new Set<string>()
  return (value) => {
    if (known.has(value)) return value
    if (known.size >= limit || !WORD.test(value) || scrub(value) !== value) return OTHER
    known.add(value)
    return value
  }
}

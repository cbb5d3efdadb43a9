import type { Reason } from './reasons.ts'

const UNREADABLE = /[^\x21-\x7e]|#/
const AMBIGUOUS = /\/\/|\/\.{1,2}(?:\/|$)|[;\\]|%(?:2[ef35]|5c|00|3b|3f|(?![0-9a-f]{2}))/i

/** The path and the query of a request target, both raw. */
export interface Target {
  readonly path: string
  readonly query: string
}

/**
 * Splits a request target at its first question mark and refuses what two servers could read differently: a rule for
 * `/admin` must not be escaped by `/x/..%2fadmin`, `/x//../admin` or `/admin;v=1`, so such a path is an error here and
 * never a normalised guess. The query takes no part in matching and only has to be printable.
 *
 * @param target path and query as they stood in the request line; `?…` alone is read as `/?…`
 * @returns the two parts, or the reason for refusing it
 */
export function readTarget(target: string): Target | Reason {
  if (UNREADABLE.test(target)) return 'request-path-invalid'
  const mark = target.indexOf('?')
  const path = mark === -1 ? target : target.slice(0, mark) || '/'
  if (path.charCodeAt(0) !== 0x2f) return 'request-path-invalid'
  if (AMBIGUOUS.test(path)) return 'request-path-ambiguous'
  return { path, query: mark === -1 ? '' : target.slice(mark + 1) }
}

/** Whether the path lies at the prefix or below it, by whole segments: `/a` covers `/a` and `/a/b`, not `/ab`. */
export function isBelow(path: string, prefix: string): boolean {
  if (!path.startsWith(prefix)) return false
  return path.length === prefix.length || prefix.endsWith('/') || path.charCodeAt(prefix.length) === 0x2f
}

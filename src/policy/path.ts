import type { Reason } from './reasons.ts'

const UNREADABLE = /[^\x21-\x7e]|#/

/**
 * What two servers read differently, beside dot segments, `//`, `;` and `\`: encoded separators (`/ \ % # ? ; .`), encoded
 * controls, encoded letters, digits, `-` and `_` (RFC 3986 section 6.2.2.2 calls them equal to the plain ones, and nobody
 * writes them), overlong UTF-8, and a `%` that begins no escape. `%7E` stays: Java and older Pythons write it. Without
 * look-around, so that the API server can use it too.
 */
export const AMBIGUOUS =
  /\/\/|\/(?:\.|%20)+(?:\/|$)|[;\\]|%(?:[01]|2[ef35d]|3[0-9bf]|[46][1-9a-f]|[57][0-9a]|5[cf]|7f|c[01]%[89ab]|e0%[89]|f[08c]%8|[0-9a-f]?(?:[^0-9a-f]|$))/i

const PRINTABLE_ESCAPE = /%[2-7][0-9a-f]/gi
const TRAILING_DOTS = /(?<=[^/. ])[. ]+(?=\/|$)/g

/** The path and the query of a request target, both raw. */
export interface Target {
  readonly path: string
  readonly query: string
}

/**
 * Splits a request target at its first question mark and refuses what two servers could read differently: a rule for
 * `/admin` must not be escaped by `/x/..%2fadmin`, `/x//../admin`, `/admin;v=1` or `/%61dmin`, so such a path is an error
 * here and never a normalised guess. The query takes no part in matching and only has to be printable.
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

/** Whether the text may stand as a destination's path: one that a request could have, without a query. */
export function isPathPrefix(text: string): boolean {
  const target = readTarget(text)
  return typeof target !== 'string' && target.path === text
}

/** Whether the path lies at the prefix or below it, by whole segments: `/a` covers `/a` and `/a/b`, not `/ab`. */
export function isBelow(path: string, prefix: string): boolean {
  if (!path.startsWith(prefix)) return false
  return path.length === prefix.length || prefix.endsWith('/') || path.charCodeAt(prefix.length) === 0x2f
}

/**
 * The loosest way in which a server may read an accepted path: escapes decoded, letter case ignored (Express does so by
 * default), dots and spaces at the end of a segment dropped (Windows does). Two paths that some server takes for the same
 * fold alike, segment by segment.
 */
export function foldPath(path: string): string {
  const decoded = path.includes('%') ? path.replace(PRINTABLE_ESCAPE, decodeEscape) : path
  return decoded.replace(TRAILING_DOTS, '').toLowerCase()
}

function decodeEscape(text: string): string {
  return String.fromCharCode(Number.parseInt(text.slice(1), 16))
}

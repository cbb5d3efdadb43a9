import type { SameSite } from '../policy/application.ts'
import { cookieNames } from '../policy/cookies.ts'

/** How cookies are written here: with `__Host-` and `Secure`, but for the development mode's plain http. */
export interface CookieStyle {
  /** `__Host-` or nothing. */
  readonly prefix: string
  readonly isSecure: boolean
}

/** Cookie of the auth host that holds the session's id. */
export function sessionCookieName(style: CookieStyle): string {
  return `${style.prefix}gatehouse-session`
}

/** What the names of the auth host's transaction cookies begin with; their id follows. */
export function transactionCookiePrefix(style: CookieStyle): string {
  return `${style.prefix}gatehouse-tx-`
}

/** What the names of an app's host's flow cookies begin with; their id follows. */
export function flowCookiePrefix(style: CookieStyle): string {
  return `${style.prefix}gatehouse-flow-`
}

/** A `Set-Cookie` header (RFC 6265bis) of a host-only cookie that no script can read. */
export function setCookie(
  style: CookieStyle,
  name: string,
  value: string,
  { maxAgeSeconds, sameSite }: { readonly maxAgeSeconds: number; readonly sameSite: SameSite },
): readonly [string, string] {
  const secure = style.isSecure ? '; Secure' : ''
  // Browsers refuse None without Secure; over the development mode's plain http, Lax is what is left.
  const site = sameSite === 'None' && !style.isSecure ? 'Lax' : sameSite
  return ['Set-Cookie', `${name}=${value}; Path=/; Max-Age=${maxAgeSeconds}; HttpOnly${secure}; SameSite=${site}`]
}

/** A `Set-Cookie` header that takes a cookie away. */
export function clearCookie(style: CookieStyle, name: string): readonly [string, string] {
  return setCookie(style, name, '', { maxAgeSeconds: 0, sameSite: 'Lax' })
}

const MAX_COUNT = 16
const MAX_BYTES = 6 * 1024
/** Most cookies taken away at once: an answer with more of them would not fit a proxy's buffer. */
const MOST_CLEARED = 32

/**
 * Makes room for one more short-lived cookie of a kind: at most 16 of them and 6 kB, the oldest goes first. Their ids
 * begin with the time of their making, so that age can be told without opening them.
 *
 * @param header the visitor's `Cookie` header
 * @param prefix what the names of the kind begin with
 * @param newBytes size of the cookie that is about to be set
 * @returns headers that take the surplus away
 */
export function evictOldest(
  style: CookieStyle,
  header: string,
  prefix: string,
  newBytes: number,
): (readonly [string, string])[] {
  const sizes = new Map(
    header
      .split(';')
      .map((pair) => pair.trimStart())
      .filter((pair) => pair.startsWith(prefix))
      .map((pair) => [pair.slice(0, Math.max(pair.indexOf('='), 0)), pair.length]),
  )
  const names = [...new Set(cookieNames(header, prefix))].sort()
  let bytes = names.reduce((sum, name) => sum + (sizes.get(name) ?? 0), newBytes)
  let count = names.length + 1
  const evicted: (readonly [string, string])[] = []
  for (const name of names) {
    if ((count <= MAX_COUNT && bytes <= MAX_BYTES) || evicted.length === MOST_CLEARED) break
    evicted.push(clearCookie(style, name))
    bytes -= sizes.get(name) ?? 0
    count--
  }
  return evicted
}

/** The id of a short-lived cookie: sortable by time of making, then random. */
export function cookieId(now: number, randomBytes: (size: number) => Buffer): string {
  return `${now.toString(36).padStart(9, '0')}${randomBytes(12).toString('hex')}`
}

const COOKIE_ID = /^[0-9a-z]{9}[0-9a-f]{24}$/

/** Whether a text could be one of our cookie ids; only such a text becomes part of a cookie's name. */
export function isCookieId(text: string): boolean {
  return COOKIE_ID.test(text)
}

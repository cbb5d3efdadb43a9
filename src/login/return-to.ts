import { canonicalHost } from '../policy/host.ts'
import { readTarget } from '../policy/path.ts'
import type { PublicUrls } from '../policy/public-url.ts'

/** Longest return address that a cookie keeps, in bytes as it is written there: `"` and `\` take two. */
const MAX_BYTES = 2048

/** Where a login returns to: a path and query on the app's own host, never anywhere else. */
export interface ReturnTo {
  readonly target: string
  /** The address was too long for a cookie and has lost its query. */
  readonly isShortened: boolean
}

/**
 * Reads a return address. It is a path on the app's host; some proxies can only send a whole URL, which must then name
 * that very host, whatever scheme they believe in. Nothing is resolved, decoded or repaired: what cannot be read leads to
 * the host's root.
 *
 * @param rd the parameter as it came, decoded once
 * @param host canonical host of the app
 */
export function readReturnTo(rd: string | null, host: string, urls: PublicUrls): ReturnTo {
  const target = pathOnHost(rd ?? '/', host, urls)
  if (target === undefined || isPortalPath(target)) return { target: '/', isShortened: false }
  if (writtenLength(target) <= MAX_BYTES) return { target, isShortened: false }
  const path = target.split('?', 1)[0] ?? '/'
  return { target: writtenLength(path) <= MAX_BYTES ? path : '/', isShortened: true }
}

function pathOnHost(rd: string, host: string, urls: PublicUrls): string | undefined {
  const absolute = /^https?:\/\/([^/?#\\]*)(.*)$/s.exec(rd)
  if (absolute !== null) {
    const [, authority = '', rest = ''] = absolute
    if (canonicalHost(authority, urls.port) !== host) return undefined
    return readable(rest === '' ? '/' : rest)
  }
  return readable(rd)
}

function readable(target: string): string | undefined {
  const read = readTarget(target)
  if (typeof read === 'string') return undefined
  return read.query === '' ? read.path : `${read.path}?${read.query}`
}

function writtenLength(target: string): number {
  return JSON.stringify(target).length - '""'.length
}

/** Returning into a login would be a loop. */
function isPortalPath(target: string): boolean {
  return target === '/.gatehouse' || target.startsWith('/.gatehouse/') || target.startsWith('/.gatehouse?')
}

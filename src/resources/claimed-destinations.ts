import { isHostPattern } from '../policy/host.ts'
import { isPathPrefix } from '../policy/path.ts'
import { fieldOf } from './raw-value.ts'

/** A destination as far as it can be read. */
export interface ClaimedDestination {
  readonly host: string
  readonly path: string
  /** The path could not be read to its end: whatever lies below may have been meant. */
  readonly isOpenEnded: boolean
}

/**
 * Reads from an application that is not valid what it was to protect, so that it can be kept shut. Spellings that are
 * refused elsewhere are read here: a claim too many shuts a door, a claim too few may leave one to a less specific
 * application.
 */
export function claimedDestinations(spec: unknown): ClaimedDestination[] {
  const destinations = fieldOf(spec, 'destinations')
  const list = Array.isArray(destinations) ? destinations : [destinations]
  return list.map(claimOf).filter((claim) => claim !== undefined)
}

function claimOf(destination: unknown): ClaimedDestination | undefined {
  const text = typeof destination === 'string' ? destination : fieldOf(destination, 'host')
  if (typeof text !== 'string') return undefined
  const [authority = '', ...rest] = text
    .trim()
    .replace(/^[a-z]+:\/\//i, '')
    .split('/')
  const host = authority.toLowerCase().replace(/\.?(:\d*)?$/, '')
  if (!isHostPattern(host)) return undefined
  return { host, ...pathOf(rest.length === 0 ? fieldOf(destination, 'path') : `/${rest.join('/')}`) }
}

function pathOf(value: unknown): Omit<ClaimedDestination, 'host'> {
  if (value === undefined) return { path: '/', isOpenEnded: false }
  if (typeof value !== 'string') return { path: '/', isOpenEnded: true }
  const path = value.replace(/(?<=.)\/\*?$/, '') || '/'
  if (isReadable(path)) return { path, isOpenEnded: false }
  let end = path.lastIndexOf('/')
  while (end > 0 && !isReadable(path.slice(0, end))) end = path.lastIndexOf('/', end - 1)
  return { path: end > 0 ? path.slice(0, end) : '/', isOpenEnded: true }
}

function isReadable(path: string): boolean {
  return isPathPrefix(path) && !path.includes('*')
}

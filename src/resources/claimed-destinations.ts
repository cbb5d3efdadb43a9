import { isHostPattern } from '../policy/host.ts'
import { isPathPrefix } from '../policy/path.ts'
import { fieldOf, isRecord } from './raw-value.ts'

/** A destination as far as it can be read. */
export interface ClaimedDestination {
  readonly host: string
  readonly path: string
  /** The path could not be read to its end: whatever lies below may have been meant. */
  readonly isOpenEnded: boolean
}

export interface Claims {
  readonly claims: readonly ClaimedDestination[]
  /** Whether these are all: nothing was left out because it could not be read. */
  readonly isComplete: boolean
}

/**
 * Reads from an application that is not valid what it was to protect, so that it can be kept shut. Spellings that are
 * refused elsewhere are read here: a claim too many shuts a door, a claim too few may leave one to a less specific
 * application.
 */
export function claimedDestinations(spec: unknown): Claims {
  const destinations = fieldOf(spec, 'destinations')
  const list: readonly unknown[] = Array.isArray(destinations) ? destinations : [destinations]
  const claims = list.map(claimOf).filter((claim) => claim !== undefined)
  return { claims, isComplete: list.length > 0 && claims.length === list.length && list.every(hasKnownFieldsAlone) }
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
  const inHost = rest.join('/')
  const path = fieldOf(destination, 'path')
  if (inHost === '') return { host, ...pathOf(path) }
  return { host, ...(path === undefined ? pathOf(`/${inHost}`) : { path: '/', isOpenEnded: true }) }
}

/** A field by another name may hold a host or a path. */
function hasKnownFieldsAlone(destination: unknown): boolean {
  return !isRecord(destination) || Object.keys(destination).every((key) => key === 'host' || key === 'path')
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

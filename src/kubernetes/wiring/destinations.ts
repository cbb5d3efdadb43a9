import type { Destination } from '../../policy/application.ts'
import { isHostPattern } from '../../policy/host.ts'
import { destinationKey } from '../../policy/policy-set.ts'
import { fieldOf, isRecord, listOf, valueAt } from '../../resources/raw-value.ts'
import type { Flaw } from '../../resources/status.ts'
import { isDestinationPath } from '../../resources/v1alpha1/destination.ts'
import type { KubeObject } from '../kube-object.ts'
import { LONGEST_PATH, literalPrefix, readableParent } from './literal-prefix.ts'

/** Most destinations that an application may have. */
export const MOST_DESTINATIONS = 64

const MOST_NAMED = 3

/** What an Ingress publishes. */
export interface Published {
  /** Each once, in the order of the Ingress, and none that lies below another. */
  readonly destinations: readonly Destination[]
  /** Hosts of the destinations, each once. */
  readonly hosts: readonly string[]
  readonly flaws: readonly Flaw[]
  readonly notes: readonly string[]
}

/** What was found, and what of it cannot stand as it is. */
interface Reading {
  readonly found: Destination[]
  readonly wrongHosts: Set<string>
  readonly wrongPaths: Set<string>
  /** Regular expressions, with what they count as. */
  readonly cut: Set<string>
  hostless: number
}

/**
 * Reads hosts and paths off an Ingress. A regular expression counts by its literal prefix, and what cannot stand as a
 * destination by the longest prefix that can: rather too much is claimed than too little.
 *
 * @param readsRegex whether paths of the type are regular expressions
 */
export function publishedBy(ingress: KubeObject, readsRegex: (pathType: unknown) => boolean): Published {
  const reading: Reading = { found: [], wrongHosts: new Set(), wrongPaths: new Set(), cut: new Set(), hostless: 0 }
  for (const rule of listOf(valueAt(ingress, ['spec', 'rules']))) readRule(rule, readsRegex, reading)
  const destinations = minimal(reading.found)
  const hasDefaultBackend = isRecord(valueAt(ingress, ['spec', 'defaultBackend']))
  return {
    destinations,
    hosts: [...new Set(destinations.map(({ host }) => host))],
    flaws: [
      ...hostFlaws(reading.hostless, hasDefaultBackend, destinations.length),
      ...supportFlaws(reading),
      ...countFlaws(destinations),
    ],
    notes: reading.cut.size === 0 ? [] : [`Of a regular expression its literal prefix counts: ${some(reading.cut)}.`],
  }
}

function readRule(rule: unknown, readsRegex: (pathType: unknown) => boolean, reading: Reading): void {
  const host = fieldOf(rule, 'host') ?? ''
  if (host === '') {
    reading.hostless += 1
  } else if (typeof host !== 'string' || !isHostPattern(host)) {
    reading.wrongHosts.add(shown(host))
  } else {
    for (const { path, pathType } of pathsOf(rule)) {
      reading.found.push({ host, path: readPath(path, readsRegex(pathType), reading) })
    }
  }
}

function readPath(path: string, isRegex: boolean, { cut, wrongPaths }: Reading): string {
  const prefix = isRegex ? literalPrefix(path) : plainPath(path)
  if (prefix !== trimmed(path)) {
    if (isRegex) cut.add(`${shown(path)} counts as ${prefix}`)
    else wrongPaths.add(shown(path))
  }
  return prefix
}

function hostFlaws(hostless: number, hasDefaultBackend: boolean, destinations: number): Flaw[] {
  const flaws: Flaw[] = []
  const missing = (message: string) => flaws.push({ reason: 'HostMissing', message })
  if (hostless > 0) {
    missing(
      'a rule without a host answers for every host, and an application is of certain hosts; give the rule a host',
    )
  }
  if (hasDefaultBackend) {
    missing('spec.defaultBackend answers for every host; use a rule with a host and the path / in its place')
  }
  if (destinations === 0 && flaws.length === 0) missing('no rule has a host that can be protected; give it one')
  return flaws
}

function supportFlaws({ wrongHosts: hosts, wrongPaths: paths }: Reading): Flaw[] {
  const flaws: Flaw[] = []
  if (hosts.size > 0) {
    const message = `${some(hosts)}: expected a host in lower case, or *. and a host of at least two labels`
    flaws.push({ reason: 'HostNotSupported', message })
  }
  if (paths.size > 0) {
    const message = `${some(paths)}: requests for such a path are refused, since two servers may read it differently; use a plain one`
    flaws.push({ reason: 'PathNotSupported', message })
  }
  return flaws
}

function countFlaws({ length }: readonly Destination[]): Flaw[] {
  if (length <= MOST_DESTINATIONS) return []
  const message = `${length} hosts and paths, of which an application can have ${MOST_DESTINATIONS}; nobody is let in. Publish the common prefix in their place, or share them out among several Ingresses`
  return [{ reason: 'TooManyDestinations', message }]
}

function pathsOf(rule: unknown): { readonly path: string; readonly pathType: unknown }[] {
  const paths = listOf(valueAt(rule, ['http', 'paths']))
  // A rule without paths sends its host to the default backend.
  if (paths.length === 0) return [{ path: '/', pathType: 'Prefix' }]
  return paths.map((one) => {
    const path = fieldOf(one, 'path')
    return { path: typeof path === 'string' && path !== '' ? path : '/', pathType: fieldOf(one, 'pathType') }
  })
}

function plainPath(path: string): string {
  const text = trimmed(path)
  return isDestinationPath(text) && text.length <= LONGEST_PATH ? text : readableParent(text)
}

/** `/app/` and `/app/*` cover what `/app` covers. */
function trimmed(path: string): string {
  return path.replace(/\/\*?$/, '') || '/'
}

/** Leaves out what is there twice, or below another one: within one application that makes no difference. */
function minimal(destinations: readonly Destination[]): Destination[] {
  const byKey = new Map<string, Destination>()
  for (const destination of destinations) {
    const key = keyOf(destination)
    if (!byKey.has(key)) byKey.set(key, destination)
  }
  const topmost = new Set<string>()
  let last: string | undefined
  for (const key of [...byKey.keys()].sort()) {
    if (last !== undefined && key.startsWith(`${last}${BEFORE_ALL}`)) continue
    topmost.add(key)
    last = key
  }
  return [...byKey].filter(([key]) => topmost.has(key)).map(([, one]) => one)
}

/** In place of slashes: so a path comes right before all that lie below it, and next to nothing is compared with it. */
const BEFORE_ALL = '\0'

function keyOf({ host, path }: Destination): string {
  return `${host}${destinationKey(path)}`.replaceAll('/', BEFORE_ALL)
}

function some(texts: ReadonlySet<string>): string {
  const more = texts.size - MOST_NAMED
  return `${[...texts].slice(0, MOST_NAMED).join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}

function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return text.length > 80 ? `${text.slice(0, 80)}…` : text
}

import type { Application } from './application.ts'
import { foldPath } from './path.ts'

/** Everything a check needs to know of the resources. Built whole, swapped in whole, never changed. */
export interface PolicySet {
  /** By `namespace/name`. */
  readonly applications: ReadonlyMap<string, Application>
  /** By host or `*.` wildcard: the destinations there. */
  readonly hosts: ReadonlyMap<string, HostEntries>
  /** Hosts that no wildcard covers, since they belong to another namespace than it does. */
  readonly hostsApart: ReadonlySet<string>
  /** Length of the longest key of any `HostEntries`. */
  readonly longestKey: number
}

/** The destinations of one host, by `destinationKey` of their paths. */
export type HostEntries = ReadonlyMap<string, HostEntry>

export interface HostEntry {
  /** Without a slash at its end; empty for the whole host. */
  readonly path: string
  readonly application: Application
}

/**
 * Indexes applications by host. Where two of them claim the same destination the first one has it; whoever builds the
 * list settles who that is.
 */
export function policySet(
  applications: readonly Application[],
  hostsApart: ReadonlySet<string> = new Set(),
): PolicySet {
  const hosts = new Map<string, Map<string, HostEntry>>()
  let longestKey = 0
  for (const application of applications) {
    for (const { host, path } of application.destinations) {
      const entries = hosts.get(host) ?? new Map<string, HostEntry>()
      hosts.set(host, entries)
      const key = destinationKey(path)
      longestKey = Math.max(longestKey, key.length)
      if (!entries.has(key)) entries.set(key, { path: withoutEnd(path), application })
    }
  }
  const byKey = new Map(applications.map((application) => [application.key, application]))
  return { applications: byKey, hosts, hostsApart, longestKey }
}

export const EMPTY_POLICY_SET: PolicySet = policySet([])

/** What two paths of one host share if no server need tell them apart; such destinations exclude each other. */
export function destinationKey(path: string): string {
  return foldPath(withoutEnd(path))
}

/** `/admin/` covers what `/admin` covers: most apps answer both alike. */
function withoutEnd(path: string): string {
  return path.endsWith('/') ? path.slice(0, -1) : path
}

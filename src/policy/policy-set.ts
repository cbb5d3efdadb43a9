import type { Application } from './application.ts'

/** Everything a check needs to know of the resources. Built whole, swapped in whole, never changed. */
export interface PolicySet {
  /** By `namespace/name`. */
  readonly applications: ReadonlyMap<string, Application>
  /** By host or `*.` wildcard: the destinations there, longest path first. */
  readonly hosts: ReadonlyMap<string, readonly HostEntry[]>
}

export interface HostEntry {
  readonly path: string
  readonly application: Application
}

/**
 * Indexes applications by host. Where two of them claim the same destination the first one has it; whoever builds the
 * list settles who that is.
 */
export function policySet(applications: readonly Application[]): PolicySet {
  const hosts = new Map<string, HostEntry[]>()
  for (const application of applications) {
    for (const { host, path } of application.destinations) {
      const entries = hosts.get(host)
      if (entries === undefined) hosts.set(host, [{ path, application }])
      else if (!entries.some((entry) => entry.path === path)) entries.push({ path, application })
    }
  }
  for (const entries of hosts.values()) entries.sort((a, b) => b.path.length - a.path.length)
  return { applications: new Map(applications.map((application) => [application.key, application])), hosts }
}

export const EMPTY_POLICY_SET: PolicySet = policySet([])

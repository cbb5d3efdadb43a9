import { wildcardOf } from '../policy/host.ts'

/** A host (or `*.` and a host) and the one namespace that may have destinations there. */
export interface HostClaim {
  readonly host: string
  readonly namespace: string
}

/** Says whose a host is by configuration. */
export interface HostOwners {
  /** Whether the configuration gives the host, or one under the wildcard that the host is, to another namespace. */
  readonly isOthers: (host: string, namespace: string) => boolean
  /** Whether the configuration gives the host to this namespace. */
  readonly isOwn: (host: string, namespace: string) => boolean
}

export function hostOwners(claims: readonly HostClaim[]): HostOwners {
  const owners = new Map(claims.map(({ host, namespace }) => [host, namespace]))
  const below = new Map<string, Set<string>>()
  for (const { host, namespace } of claims) {
    const wildcard = wildcardOf(host)
    if (wildcard !== undefined && wildcard !== host) add(below, wildcard, namespace)
  }
  const ownerOf = (host: string) => owners.get(host) ?? owners.get(wildcardOf(host) ?? '')
  return {
    isOwn: (host, namespace) => ownerOf(host) === namespace,
    isOthers(host, namespace) {
      const owner = ownerOf(host)
      if (owner !== undefined) return owner !== namespace
      return [...(below.get(host) ?? [])].some((other) => other !== namespace)
    },
  }
}

/**
 * The hosts that two namespaces claim, directly or by a wildcard over the other's host.
 *
 * @param claims whatever the configuration leaves undecided
 */
export function contestedHosts(claims: readonly HostClaim[]): Set<string> {
  const namespaces = new Map<string, Set<string>>()
  for (const { host, namespace } of claims) add(namespaces, host, namespace)
  const contested = new Set<string>()
  for (const [host, own] of namespaces) {
    if (own.size > 1) contested.add(host)
    const wildcard = wildcardOf(host)
    if (wildcard === undefined || wildcard === host) continue
    const over = namespaces.get(wildcard)
    if (over === undefined || new Set([...own, ...over]).size === 1) continue
    contested.add(host).add(wildcard)
  }
  return contested
}

function add(sets: Map<string, Set<string>>, key: string, value: string): void {
  const set = sets.get(key)
  if (set === undefined) sets.set(key, new Set([value]))
  else set.add(value)
}

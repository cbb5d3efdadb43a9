import { wildcardOf } from '../policy/host.ts'

/** A host (or `*.` and a host) and the one namespace that may have destinations there. */
export interface HostGrant {
  readonly host: string
  readonly namespace: string
}

/** A grant and who says so: the configuration, or the record of who was first, which counts where that is silent. */
export interface HostClaim extends HostGrant {
  readonly origin: 'Configured' | 'Recorded'
}

/** Says whose a host is. A claim of the very host goes before one of its wildcard. */
export interface HostOwners {
  /** The claim that decides about a host or wildcard; undefined: nobody holds it. */
  readonly ownerOf: (host: string) => HostClaim | undefined
  /** The claim that keeps a namespace off a host: one of the host, of its wildcard, or of a host under this wildcard. */
  readonly obstacleTo: (host: string, namespace: string) => HostClaim | undefined
  /** Hosts that belong to another namespace than their wildcard does: no application on the wildcard answers for them. */
  readonly apart: () => Set<string>
  /** Adds a claim. A recorded one that the configuration has decided, or of a host that is held, counts for nothing. */
  readonly add: (claim: HostClaim) => void
}

/** The claims that a configuration grants. */
export function configuredClaims(grants: readonly HostGrant[]): HostClaim[] {
  return grants.map(({ host, namespace }) => ({ host, namespace, origin: 'Configured' }))
}

/** Puts claims in force, configured ones first, of doubled ones the first. */
export function hostOwners(claims: readonly HostClaim[]): HostOwners {
  const held = new Map<string, HostClaim>()
  const configuredBelow = new Map<string, Map<string, HostClaim>>()
  const recordedBelow = new Map<string, Map<string, HostClaim>>()

  const ownerOf = (host: string) => held.get(host) ?? held.get(wildcardOf(host) ?? '')
  const add = (claim: HostClaim) => {
    const { host, origin } = claim
    if (held.has(host) || (origin === 'Recorded' && ownerOf(host)?.origin === 'Configured')) return
    held.set(host, claim)
    const wildcard = wildcardOf(host)
    if (wildcard === undefined || wildcard === host) return
    const below = origin === 'Configured' ? configuredBelow : recordedBelow
    const claimants = below.get(wildcard) ?? new Map<string, HostClaim>()
    below.set(wildcard, claimants.set(claim.namespace, claim))
  }
  for (const claim of claims) if (claim.origin === 'Configured') add(claim)
  for (const claim of claims) if (claim.origin === 'Recorded') add(claim)

  return {
    ownerOf,
    add,
    obstacleTo(host, namespace) {
      const owner = ownerOf(host)
      if (owner !== undefined) return owner.namespace === namespace ? undefined : owner
      return otherThan(namespace, configuredBelow.get(host)) ?? otherThan(namespace, recordedBelow.get(host))
    },
    apart() {
      const hosts = new Set<string>()
      for (const { host, namespace } of held.values()) {
        const over = held.get(wildcardOf(host) ?? '')
        if (over !== undefined && over.namespace !== namespace) hosts.add(host)
      }
      return hosts
    },
  }
}

/**
 * The hosts that two namespaces claim, directly or by a wildcard over the other's host.
 *
 * @param claims whatever nobody holds yet
 */
export function contestedHosts(claims: readonly HostGrant[]): Set<string> {
  const namespaces = new Map<string, Set<string>>()
  for (const { host, namespace } of claims) addTo(namespaces, host, namespace)
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

function otherThan(namespace: string, claims: ReadonlyMap<string, HostClaim> | undefined): HostClaim | undefined {
  for (const claim of claims?.values() ?? []) if (claim.namespace !== namespace) return claim
  return undefined
}

function addTo(sets: Map<string, Set<string>>, key: string, value: string): void {
  const set = sets.get(key)
  if (set === undefined) sets.set(key, new Set([value]))
  else set.add(value)
}

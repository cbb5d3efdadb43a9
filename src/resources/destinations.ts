import type { Destination } from '../policy/application.ts'
import { destinationKey } from '../policy/policy-set.ts'
import { contestedHosts, type HostClaim, hostOwners } from './host-owners.ts'
import type { Flaw } from './status.ts'

/** What one application wants to protect. */
export interface Claimant {
  /** Undefined: the object does not say so that it can be read. */
  readonly namespace: string | undefined
  readonly isSound: boolean
  readonly claims: readonly (Destination & { readonly isOpenEnded: boolean })[]
}

/** What it gets. */
export interface Settlement {
  /** Its own, and in force if it is sound. */
  readonly own: Destination[]
  /** Nobody gets in there. */
  readonly shut: Destination[]
  readonly flaws: Flaw[]
}

export interface DestinationContext {
  readonly authHost: string
  readonly hostClaims: readonly HostClaim[]
}

interface Claim {
  readonly claimant: Claimant
  readonly destination: Destination
  readonly key: string
}

const UNREADABLE_NAMESPACE = ''

/**
 * Settles who has which destination. A host is its namespace's by configuration, or because no other namespace claims it;
 * a destination is the application's if no other one of the namespace has the same. What is in dispute is shut, and so is
 * whatever an application that is not valid may have been to protect. Goes one short step at a time.
 */
export function* settleDestinations(
  claimants: readonly Claimant[],
  { authHost, hostClaims }: DestinationContext,
): Generator<void, ReadonlyMap<Claimant, Settlement>> {
  const settlements = new Map<Claimant, Settlement>()
  const owners = hostOwners(hostClaims)
  const standing: Claim[] = []
  const openEnds = new Set<string>()
  for (const claimant of claimants) {
    const settlement: Settlement = { own: [], shut: [], flaws: [] }
    settlements.set(claimant, settlement)
    const seen = new Set<string>()
    for (const { host, path, isOpenEnded } of claimant.claims) {
      const key = keyOf(host, path)
      if (claimant.namespace !== undefined && owners.isOthers(host, claimant.namespace)) {
        settlement.flaws.push({ reason: 'HostNotGranted', message: `${host} belongs to another namespace` })
        continue
      }
      if (isOpenEnded) openEnds.add(key)
      if (!seen.has(key)) standing.push({ claimant, destination: { host, path }, key })
      seen.add(key)
    }
    yield
  }

  const contested = contestedHosts(undecided(standing, owners))
  yield
  const claimed = count(standing.map(({ key }) => key))
  for (const claim of standing) {
    const { own, shut, flaws } = settlements.get(claim.claimant) as Settlement
    const flaw = claim.destination.host === authHost ? AUTH_HOST : disputeOf(claim, contested, claimed, openEnds)
    if (flaw !== undefined) flaws.push({ ...flaw, message: `${textOf(claim.destination)} ${flaw.message}` })
    const list = flaw === undefined ? own : shut
    list.push(claim.destination)
    yield
  }
  return settlements
}

const AUTH_HOST: Flaw = { reason: 'AuthHost', message: 'is the host of Gatehouse itself' }

function disputeOf(
  { claimant, destination, key }: Claim,
  contested: ReadonlySet<string>,
  claimed: ReadonlyMap<string, number>,
  openEnds: ReadonlySet<string>,
): Flaw | undefined {
  if (contested.has(destination.host)) {
    return { reason: 'HostContested', message: 'is on a host, or on one under a wildcard, that two namespaces claim' }
  }
  if ((claimed.get(key) ?? 0) > 1) {
    return { reason: 'DestinationTaken', message: 'is also a destination of another application' }
  }
  if (claimant.isSound && openEnds.size > 0 && isBelowAny(key, openEnds)) {
    const message = 'may be what another application was to protect, whose path cannot be read'
    return { reason: 'DestinationShut', message }
  }
  return undefined
}

function undecided(standing: readonly Claim[], owners: ReturnType<typeof hostOwners>): HostClaim[] {
  return standing
    .map(({ claimant, destination: { host } }) => ({ host, namespace: claimant.namespace ?? UNREADABLE_NAMESPACE }))
    .filter(({ host, namespace }) => !owners.isOwn(host, namespace))
}

/** The same for all destinations that no server need tell apart, and longer by segments for those below. */
function keyOf(host: string, path: string): string {
  return `${host}${destinationKey(path)}`
}

function isBelowAny(key: string, prefixes: ReadonlySet<string>): boolean {
  for (let end = key.length; end !== -1; end = key.lastIndexOf('/', end - 1)) {
    if (prefixes.has(key.slice(0, end))) return true
    if (end === 0) break
  }
  return false
}

function count(keys: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1)
  return counts
}

function textOf({ host, path }: Destination): string {
  return `${host}${path}`
}

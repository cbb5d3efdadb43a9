import type { Destination } from '../policy/application.ts'
import { destinationKey } from '../policy/policy-set.ts'
import { type CreatedAt, compareAge, compareText } from './age.ts'
import { contestedHosts, type HostGrant, type HostOwners } from './host-owners.ts'
import type { ObjectsFrom } from './objects.ts'
import type { Flaw } from './status.ts'

/** What one application wants to protect. */
export interface Claimant {
  /** Undefined: the object does not say so that it can be read. */
  readonly namespace: string | undefined
  readonly name: string
  readonly createdAt: CreatedAt
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
  /** The hosts of all its destinations that its namespace may have. */
  readonly hosts: Set<string>
}

export interface DestinationContext {
  readonly authHost: string
  readonly owners: HostOwners
  readonly objectsFrom: ObjectsFrom
}

interface Claim {
  readonly claimant: Claimant
  readonly destination: Destination
  readonly key: string
  readonly isOpenEnded: boolean
}

/** What is wrong with a claim, and whether nobody gets in there because of it or somebody else has the destination. */
interface Dispute extends Flaw {
  readonly isShut: boolean
}

const UNREADABLE_NAMESPACE = ''

/**
 * Settles who has which destination. A host is its namespace's by a claim in force, or because no other namespace wants
 * it; a destination is the application's if no other one of the namespace has the same, or with the API server if it is the
 * oldest of them. What is in dispute is shut, and so is what an application that is not valid was to protect, as far as it
 * can be read, and in files even what it may have been to protect. Goes one short step at a time.
 */
export function* settleDestinations(
  claimants: readonly Claimant[],
  { authHost, owners, objectsFrom }: DestinationContext,
): Generator<void, ReadonlyMap<Claimant, Settlement>> {
  const settlements = new Map<Claimant, Settlement>()
  const standing: Claim[] = []
  const openEnds = new Set<string>()
  for (const claimant of claimants) {
    const settlement: Settlement = { own: [], shut: [], flaws: [], hosts: new Set() }
    settlements.set(claimant, settlement)
    for (const claim of claimsOf(claimant)) {
      const refusal = refusalOf(claim, owners)
      if (refusal !== undefined) settlement.flaws.push(refusal)
      else standing.push(claim)
      if (refusal === undefined && claim.isOpenEnded && objectsFrom === 'Files') openEnds.add(claim.key)
    }
    yield
  }

  const contested = contestedHosts(undecided(standing, owners))
  yield
  const rivalry = objectsFrom === 'Files' ? rivalsAreEqual(standing) : oldestWins(standing)
  yield
  for (const claim of standing) {
    const { host } = claim.destination
    const unsettled = host === authHost ? AUTH_HOST : contested.has(host) ? CONTESTED : undefined
    const settlement = settlements.get(claim.claimant) as Settlement
    if (unsettled === undefined) settlement.hosts.add(host)
    settle(claim, unsettled ?? rivalry(claim) ?? openEndAbove(claim, openEnds), settlement)
    yield
  }
  return settlements
}

/** Every destination once, open-ended if one of its spellings is. */
function claimsOf(claimant: Claimant): Claim[] {
  const claims = new Map<string, Claim>()
  for (const { host, path, isOpenEnded } of claimant.claims) {
    const key = keyOf(host, path)
    const same = claims.get(key)
    if (same === undefined) claims.set(key, { claimant, destination: { host, path }, key, isOpenEnded })
    else if (isOpenEnded) claims.set(key, { ...same, isOpenEnded })
  }
  return [...claims.values()]
}

function settle({ destination }: Claim, dispute: Dispute | undefined, { own, shut, flaws }: Settlement): void {
  if (dispute === undefined) {
    own.push(destination)
    return
  }
  flaws.push({ reason: dispute.reason, message: `${textOf(destination)} ${dispute.message}` })
  if (dispute.isShut) shut.push(destination)
}

/** Says nothing of the namespace that has the host: it is not for the one that is refused to know. */
function refusalOf({ destination: { host }, claimant: { namespace } }: Claim, owners: HostOwners): Flaw | undefined {
  const obstacle = namespace === undefined ? undefined : owners.obstacleTo(host, namespace)
  if (obstacle === undefined) return undefined
  return obstacle.origin === 'Configured'
    ? { reason: 'HostNotGranted', message: `${host} belongs to another namespace` }
    : {
        reason: 'HostClaimed',
        message: `another namespace claimed ${host}, its wildcard or a host under the wildcard first; ask whoever runs the cluster to grant it (hostClaims)`,
      }
}

const AUTH_HOST: Dispute = {
  reason: 'AuthHost',
  message: 'is the host of Gatehouse itself; give the app another',
  isShut: true,
}

const CONTESTED: Dispute = {
  reason: 'HostContested',
  message: 'is on a host, or on one under a wildcard, that two namespaces claim',
  isShut: true,
}

/** In files nobody can tell which of two applications was first, so a destination that both have is nobody's. */
function rivalsAreEqual(standing: readonly Claim[]): (claim: Claim) => Dispute | undefined {
  const counts = new Map<string, number>()
  for (const { key } of standing) counts.set(key, (counts.get(key) ?? 0) + 1)
  return ({ key }) => (counts.get(key) === 1 ? undefined : SHARED)
}

const SHARED: Dispute = {
  reason: 'DestinationTaken',
  message: 'is also a destination of another application',
  isShut: true,
}

/** The oldest application has the destination, even if it is not valid and so shut. */
function oldestWins(standing: readonly Claim[]): (claim: Claim) => Dispute | undefined {
  const oldest = new Map<string, Claimant>()
  for (const { key, claimant } of standing) {
    const rival = oldest.get(key)
    if (rival === undefined || bySeniority(claimant, rival) < 0) oldest.set(key, claimant)
  }
  return ({ key, claimant }) => {
    const rival = oldest.get(key)
    if (rival === undefined || rival === claimant) return undefined
    const message = `is a destination of the older application ${rival.name}`
    return { reason: 'DestinationTaken', message, isShut: false }
  }
}

function bySeniority(left: Claimant, right: Claimant): number {
  return compareAge(left.createdAt, right.createdAt) || compareText(left.name, right.name)
}

function openEndAbove({ claimant, key }: Claim, openEnds: ReadonlySet<string>): Dispute | undefined {
  if (!claimant.isSound || openEnds.size === 0 || !isBelowAny(key, openEnds)) return undefined
  const message = 'may be what another application was to protect, whose path cannot be read'
  return { reason: 'DestinationShut', message, isShut: true }
}

function undecided(standing: readonly Claim[], owners: HostOwners): HostGrant[] {
  return standing
    .map(({ claimant, destination: { host } }) => ({ host, namespace: claimant.namespace ?? UNREADABLE_NAMESPACE }))
    .filter(({ host, namespace }) => owners.ownerOf(host)?.namespace !== namespace)
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

function textOf({ host, path }: Destination): string {
  return `${host}${path}`
}

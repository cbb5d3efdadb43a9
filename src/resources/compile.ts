import type { Application } from '../policy/application.ts'
import { policySet } from '../policy/policy-set.ts'
import { type CreatedAt, compareAge, compareText } from './age.ts'
import {
  type ApplicationContext,
  type ApplicationFindings,
  applicationAt,
  compileApplication,
  type Referents,
} from './applications.ts'
import type { Catalogue } from './catalogue.ts'
import { type Claimant, type Settlement, settleDestinations } from './destinations.ts'
import { compileGroups } from './groups.ts'
import { type HostClaim, hostOwners } from './host-owners.ts'
import { type CompiledProvider, compileProvider, type ProviderContext } from './identity-providers.ts'
import { type Entry, type EntryOf, type Inventory, takeInventory } from './inventory.ts'
import { type LastKnown, missingEntry, type Recollection, recollect } from './last-known.ts'
import type { ObjectsFrom, ReadObject } from './objects.ts'
import { type CompiledPolicy, compilePolicy } from './policies.ts'
import { conditions, type Findings, type ObjectStatus } from './status.ts'
import type { AccessApplication } from './v1alpha1/access-application.ts'

export interface CompileContext extends ApplicationContext, ProviderContext {
  /** Which namespace a host belongs to. */
  readonly hostClaims: readonly HostClaim[]
  /** Of the catalogue that is served; empty before the first. */
  readonly lastKnown: LastKnown
  /** Decides between two applications at one destination, and what an object that is not there means. */
  readonly objectsFrom: ObjectsFrom
  /** Whether every file could be read, so that an object that is not there has been deleted. */
  readonly isWhole: boolean
}

/**
 * Everything a set of objects comes to: what to serve, and what each object shows of itself. It does not depend on the
 * order of the objects. Whatever is wrong shuts a door and never opens one: an application that is not valid keeps what it
 * was to protect, now and when it was last valid, and lets nobody in.
 */
export function compile(objects: readonly ReadObject[], context: CompileContext): Catalogue {
  const steps = compileInSteps(objects, context)
  for (let step = steps.next(); ; step = steps.next()) if (step.done) return step.value
}

/**
 * `compile`, one short step at a time, for whoever has other things to do in between: each `next` takes a few milliseconds,
 * but for a few that go through all objects at once.
 */
export function* compileInSteps(objects: readonly ReadObject[], context: CompileContext): Generator<void, Catalogue> {
  const inventory = takeInventory(objects)
  const statuses: ObjectStatus[] = []
  const report = (entry: Entry, findings: Findings, audience?: string) =>
    statuses.push(statusOf(entry, findings, audience))

  const groups = compileGroups(inventory.AccessGroup, context.systemNamespace)
  for (const [key, entry] of inventory.AccessGroup) {
    const group = groups.compiled.get(key)
    const isResolved = group !== undefined && !('flaws' in group)
    const references =
      entry.object === undefined ? undefined : group !== undefined && 'flaws' in group ? group.flaws : []
    report(entry, { accepted: entry.flaws, references, inForce: isResolved ? 'wholly' : 'not' })
  }

  yield
  const policies = new Map<string, CompiledPolicy>()
  for (const [key, entry] of inventory.AccessPolicy) {
    const compiled = compilePolicy(key, entry, groups)
    policies.set(key, compiled)
    const { policy, accepted, references } = compiled
    yield
    report(entry, { accepted, references, inForce: policy === undefined ? 'not' : 'wholly' })
  }

  const identityProviders: CompiledProvider[] = []
  const providers = new Map<string, boolean>()
  for (const [name, entry] of inventory.IdentityProvider) {
    const { provider, accepted, references } = compileProvider(entry, context)
    if (provider !== undefined) identityProviders.push(provider)
    providers.set(name, provider !== undefined)
    report(entry, { accepted, references, inForce: provider === undefined ? 'not' : 'wholly' })
  }

  const recollection = recollect(context.lastKnown, inventory, context)
  const referents = { policies, providers, providerNames: [...providers.keys()] }
  const drafts = yield* draftApplications(inventory, recollection, referents, context)
  const owners = hostOwners(context.hostClaims)
  const settlements = yield* settleDestinations(
    drafts.map(({ claimant }) => claimant),
    { authHost: new URL(context.issuer).hostname, owners, objectsFrom: context.objectsFrom },
  )
  yield
  const applications = yield* compileApplications(drafts, settlements, report)
  yield
  const served = policySet(applications, owners.apart())
  yield
  return {
    policySet: served,
    identityProviders,
    statuses: statuses.sort(byIdentity),
    lastKnown: recollection.lastKnown,
    hosts: hostsOf(drafts, settlements),
  }
}

interface Draft {
  readonly entry: Entry | EntryOf<'AccessApplication'>
  readonly findings: ApplicationFindings
  readonly claimant: Claimant
}

/** Everything that protects something: applications, what may be meant for one, and what is not there but may be. */
function* draftApplications(
  inventory: Inventory,
  recollection: Recollection,
  referents: Referents,
  context: CompileContext,
): Generator<void, Draft[]> {
  const drafts: Draft[] = []
  for (const entry of [...inventory.AccessApplication.values(), ...inventory.strangers.values()]) {
    const { parts, accepted, references } = compileApplication(entry, referents, context)
    const findings = { parts, accepted: [...accepted, ...recollection.flawsOf(entry)], references }
    drafts.push({ entry, findings, claimant: claimantOf(entry, recollection.of(entry)) })
    yield
  }
  for (const known of recollection.missing) {
    const entry = missingEntry(known)
    const findings = compileApplication(entry, referents, context)
    drafts.push({ entry, findings, claimant: claimantOf(entry, known) })
  }
  return drafts
}

/**
 * The applications to serve, those that let nobody in first: they win over sound ones at the same destination, and an
 * application that is sound at some of its destinations alone is found by its key as the sound one.
 */
function* compileApplications(
  drafts: readonly Draft[],
  settlements: ReadonlyMap<Claimant, Settlement>,
  report: (entry: Entry, findings: Findings, audience?: string) => void,
): Generator<void, Application[]> {
  const shut: Application[] = []
  const sound: Application[] = []
  for (const { entry, findings, claimant } of drafts) {
    const { own = [], shut: taken = [], flaws = [] } = settlements.get(claimant) ?? {}
    const { parts, accepted, references } = findings
    const isInForce = !parts.isBroken && own.length > 0
    if (taken.length > 0 || !isInForce) shut.push(applicationAt(parts, isInForce ? taken : [...own, ...taken], true))
    if (isInForce) sound.push(applicationAt(parts, own, false))
    const inForce = isInForce ? (flaws.length === 0 ? 'wholly' : 'partly') : 'not'
    const audience = entry.kind === 'AccessApplication' ? parts.audience : undefined
    if (entry.sources.length > 0) report(entry, { accepted: [...accepted, ...flaws], references, inForce }, audience)
    yield
  }
  return [...shut, ...sound]
}

/** Of every application that is there, by `namespace/name`. */
function hostsOf(
  drafts: readonly Draft[],
  settlements: ReadonlyMap<Claimant, Settlement>,
): ReadonlyMap<string, ReadonlySet<string>> {
  const hosts = new Map<string, ReadonlySet<string>>()
  for (const { entry, findings, claimant } of drafts) {
    const settlement = settlements.get(claimant)
    if (entry.kind !== 'AccessApplication' || settlement === undefined) continue
    hosts.set(findings.parts.key, settlement.hosts)
  }
  return hosts
}

/** @param known what an object that is not valid was when it last was */
function claimantOf(
  { object, namespace, name, sources }: Entry | EntryOf<'AccessApplication'>,
  known: AccessApplication | undefined,
): Claimant {
  const identity = { namespace, name, createdAt: oldestOf(sources) }
  if (object?.kind === 'AccessApplication') return { ...identity, isSound: true, claims: destinationsOf(object) }
  const remembered = known === undefined ? [] : destinationsOf(known)
  return { ...identity, isSound: false, claims: [...sources.flatMap(claimsOf), ...remembered] }
}

function oldestOf(sources: readonly ReadObject[]): CreatedAt {
  return sources.map(({ createdAt }) => createdAt).sort(compareAge)[0]
}

/** What an object that does not count was to protect: one of two with the same name may be valid on its own. */
function claimsOf({ object, claims }: ReadObject): Claimant['claims'] {
  return object?.kind === 'AccessApplication' ? destinationsOf(object) : claims
}

function destinationsOf({ spec }: AccessApplication): Claimant['claims'] {
  return spec.destinations.map((destination) => ({ ...destination, isOpenEnded: false }))
}

function statusOf({ kind, namespace, name, sources }: Entry, findings: Findings, audience?: string): ObjectStatus {
  return { kind, namespace, name, position: sources[0]?.position, conditions: conditions(findings), audience }
}

function byIdentity(left: ObjectStatus, right: ObjectStatus): number {
  return (
    compareText(left.kind, right.kind) ||
    compareText(left.namespace ?? '', right.namespace ?? '') ||
    compareText(left.name, right.name)
  )
}

import { type CreatedAt, compareAge, compareText } from '../resources/age.ts'
import { configuredClaims, type HostClaim, type HostGrant, hostOwners } from '../resources/host-owners.ts'
import { objectKey } from '../resources/inventory.ts'
import type { LastKnown } from '../resources/last-known.ts'
import type { ReadObject } from '../resources/objects.ts'
import { MOST_RECORD_BYTES, type RecordedHost } from './host-claims-text.ts'

/** How long a host that nobody claims any more is kept from other namespaces, in milliseconds. */
export const HOST_KEPT_MS = 24 * 60 * 60 * 1000

const FAIR_SHARE_BYTES = 64 * 1024
/** Of a line, beside host and namespace: the blanks, the line's end and the time since when nobody claims the host. */
const BYTES_PER_LINE = 27

/** A host (or `*.` and a host) that an application wants, whether it gets it or not. */
export interface WantedHost {
  readonly host: string
  readonly namespace: string
  /** When the application was made. */
  readonly createdAt: CreatedAt
  /** A valid application may be the first to claim a host; one that is not keeps what its namespace has. */
  readonly mayBeFirst: boolean
}

export interface HostRecordInput {
  readonly recorded: readonly RecordedHost[]
  /** Of all applications there are. */
  readonly wanted: readonly WantedHost[]
  /** What the configuration grants: such a host needs no record, and a record cannot stand against it. */
  readonly configured: readonly HostGrant[]
  /** Never anybody's. */
  readonly authHost: string
  readonly nowMs: number
}

/**
 * The record of first claims as it is to be from now on. The namespace of the oldest application has a host; it keeps it
 * while any application of it wants the host, and for a day after that. A host that is under a wildcard of another
 * namespace's record, or the other way round, is not recorded. Does not depend on the order of what is wanted.
 *
 * @returns `changed` if it is to be written
 */
export function recordHostClaims({ recorded, wanted, configured, authHost, nowMs }: HostRecordInput): {
  readonly recorded: readonly RecordedHost[]
  readonly changed: boolean
} {
  const grants = configuredClaims(configured)
  const granted = hostOwners(grants)
  const isRecordable = (host: string) => host !== authHost && granted.ownerOf(host) === undefined
  const inUse = new Set(wanted.map(useOf))

  const record = new Map<string, RecordedHost>()
  for (const before of recorded) {
    if (!isRecordable(before.host) || record.has(before.host)) continue
    const since = inUse.has(useOf(before)) ? undefined : Math.min(before.unclaimedSince ?? nowMs, nowMs)
    if (since === undefined || nowMs - since < HOST_KEPT_MS) {
      record.set(before.host, since === before.unclaimedSince ? before : { ...before, unclaimedSince: since })
    }
  }
  const owners = hostOwners([...grants, ...recordedClaims([...record.values()])])
  const room = roomIn([...record.values()])
  for (const first of wanted.filter(({ mayBeFirst, host }) => mayBeFirst && isRecordable(host)).sort(bySeniority)) {
    const { host, namespace } = first
    if (record.has(host) || owners.obstacleTo(host, namespace) !== undefined) continue
    if (!room.isFor(namespace)) continue
    record.set(host, { host, namespace, unclaimedSince: undefined })
    room.take(host, namespace)
    owners.add({ host, namespace, origin: 'Recorded' })
  }
  const after = [...record.values()].sort((left, right) => compareText(left.host, right.host))
  const known = new Set(recorded)
  return { recorded: after, changed: after.length !== recorded.length || after.some((one) => !known.has(one)) }
}

/**
 * Where the record is half full, a namespace gets a fair share of the rest and no more, so that nobody can fill it up: a host
 * that finds no room is served all the same, as long as no other namespace claims it.
 */
function roomIn(recorded: readonly RecordedHost[]) {
  const taken = new Map<string, number>()
  let total = 0
  const take = (host: string, namespace: string) => {
    const bytes = host.length + namespace.length + BYTES_PER_LINE
    total += bytes
    taken.set(namespace, (taken.get(namespace) ?? 0) + bytes)
  }
  for (const { host, namespace } of recorded) take(host, namespace)
  return {
    take,
    isFor: (namespace: string) => total < MOST_RECORD_BYTES / 2 || (taken.get(namespace) ?? 0) < FAIR_SHARE_BYTES,
  }
}

/** What a record tells `compile`. */
export function recordedClaims(recorded: readonly RecordedHost[]): HostClaim[] {
  return recorded.map(({ host, namespace }) => ({ host, namespace, origin: 'Recorded' }))
}

/**
 * Everything that applications want, also what they are refused: of one that is not valid what can be read of it and what
 * it wanted when it last was valid.
 */
export function wantedHosts(objects: readonly ReadObject[], lastKnown: LastKnown): WantedHost[] {
  return objects.flatMap((read) => {
    const { kind, namespace, createdAt, object } = read
    if (kind !== 'AccessApplication' || namespace === undefined) return []
    const hosts = new Set(hostsOf(read, lastKnown))
    return [...hosts].map((host) => ({ host, namespace, createdAt, mayBeFirst: object !== undefined }))
  })
}

function hostsOf({ object, claims, namespace, name }: ReadObject, lastKnown: LastKnown): string[] {
  if (object?.kind === 'AccessApplication') return object.spec.destinations.map(({ host }) => host)
  const before = lastKnown.get(objectKey(namespace, name))?.spec.destinations ?? []
  return [...claims, ...before].map(({ host }) => host)
}

function useOf({ host, namespace }: HostGrant): string {
  return `${host} ${namespace}`
}

function bySeniority(left: WantedHost, right: WantedHost): number {
  return (
    compareAge(left.createdAt, right.createdAt) ||
    compareText(left.namespace, right.namespace) ||
    compareText(left.host, right.host)
  )
}

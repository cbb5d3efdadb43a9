import { fieldOf } from '../resources/raw-value.ts'
import { apiResources, apiVersionOf } from './api-resource.ts'
import type { KubeObject } from './kube-object.ts'

/** As much of a Lease as we go by. Whatever is not what it ought to be counts as absent. */
export interface LeaseRecord {
  /** Undefined if nobody holds it. */
  readonly holder: string | undefined
  readonly durationMs: number | undefined
}

/** Who claims a lease, and how. */
export interface Claim {
  readonly namespace: string
  readonly name: string
  readonly identity: string
  readonly leaseDurationMs: number
  /** Milliseconds since 1970; shown to people, and never gone by. */
  readonly now: number
}

/** A holder that gives up leaves so short a duration behind. One taken out by hand leaves the duration as it was. */
const RELEASED_SECONDS = 1
const LARGEST_INT32 = 2 ** 31 - 1

/** Reads a Lease of coordination.k8s.io/v1, whose every field is optional. */
export function readLease(lease: unknown): LeaseRecord {
  const spec = fieldOf(lease, 'spec')
  const holder = fieldOf(spec, 'holderIdentity')
  const seconds = fieldOf(spec, 'leaseDurationSeconds')
  return {
    holder: typeof holder === 'string' && holder !== '' ? holder : undefined,
    durationMs: typeof seconds === 'number' && seconds > 0 ? seconds * 1000 : undefined,
  }
}

/** Whether the last holder has given the lease up itself. */
export function isReleased({ holder, durationMs }: LeaseRecord): boolean {
  return holder === undefined && durationMs !== undefined && durationMs <= RELEASED_SECONDS * 1000
}

/**
 * The Lease by which its claimant holds it: taken anew, or renewed where it is the holder already.
 *
 * @param lease as it was last seen; undefined if there is none
 */
export function claimedLease(lease: KubeObject | undefined, claim: Claim): KubeObject {
  const spec = fieldOf(lease, 'spec')
  const isRenewal = readLease(lease).holder === claim.identity
  const acquired = fieldOf(spec, 'acquireTime')
  const renewTime = microTime(claim.now)
  return withSpec(lease, claim, {
    holderIdentity: claim.identity,
    leaseDurationSeconds: Math.ceil(claim.leaseDurationMs / 1000),
    acquireTime: isRenewal && typeof acquired === 'string' ? acquired : renewTime,
    renewTime,
    leaseTransitions: lease === undefined ? 0 : transitions(lease) + (isRenewal ? 0 : 1),
  })
}

/** The Lease as its holder leaves it behind, so that the next one need not wait. */
export function releasedLease(lease: KubeObject, claim: Claim): KubeObject {
  const time = microTime(claim.now)
  return withSpec(lease, claim, {
    holderIdentity: '',
    leaseDurationSeconds: RELEASED_SECONDS,
    acquireTime: time,
    renewTime: time,
    leaseTransitions: transitions(lease),
  })
}

function withSpec(lease: KubeObject | undefined, { namespace, name }: Claim, spec: object): KubeObject {
  const { leases } = apiResources
  const metadata = lease?.metadata ?? { name, namespace }
  return { apiVersion: apiVersionOf(leases), kind: leases.kind, metadata, spec }
}

/** One that cannot be counted on begins again, since the server would refuse the next number. */
function transitions(lease: KubeObject): number {
  const count = fieldOf(lease.spec, 'leaseTransitions')
  return typeof count === 'number' && Number.isInteger(count) && count >= 0 && count < LARGEST_INT32 ? count : 0
}

/** RFC 3339 in microseconds, as metav1.MicroTime wants it. */
function microTime(now: number): string {
  return new Date(now).toISOString().replace('Z', '000Z')
}

import type { PolicySet } from '../policy/policy-set.ts'
import type { CompiledProvider } from './identity-providers.ts'
import type { LastKnown } from './last-known.ts'
import type { ObjectStatus } from './status.ts'

/** Everything a set of objects comes to. Built whole, swapped in whole, never changed. */
export interface Catalogue {
  readonly policySet: PolicySet
  /** Those that can be offered, by name. */
  readonly identityProviders: readonly CompiledProvider[]
  /** One per object, by kind, namespace and name. */
  readonly statuses: readonly ObjectStatus[]
  /**
   * By `namespace/name`: the hosts of an application's destinations, in force or shut, but for the auth host and those that
   * another namespace has or claims too.
   */
  readonly hosts: ReadonlyMap<string, ReadonlySet<string>>
  /** For the compilation of the set that comes after this one. */
  readonly lastKnown: LastKnown
}

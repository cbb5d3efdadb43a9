import type { Events } from './observe/events.ts'
import type { PolicySet } from './policy/policy-set.ts'
import type { PublicUrls } from './policy/public-url.ts'
import type { Providers } from './providers/index.ts'
import type { KeyRing } from './tokens/key-ring.ts'

/** What a replica is supplied with from outside, and keeps up to date: resources and keys. */
export interface Supply {
  /** Undefined until the first whole set is there. */
  readonly policySet: () => PolicySet | undefined
  /** The keys; not to be asked for before `whenKeys` resolves. */
  readonly keyRing: () => KeyRing
  /** Resolves when the first keys are there. */
  readonly whenKeys: () => Promise<void>
  /** What keeps the replica from being ready, a line each. */
  readonly obstacles: () => readonly string[]
  readonly close: () => Promise<void>
}

/** What a supply works with. */
export interface SupplyPorts {
  readonly urls: PublicUrls
  /** What every cookie's name begins with. */
  readonly cookiePrefix: string
  readonly providers: Providers
  readonly events: Events
}

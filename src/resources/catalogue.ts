import { EMPTY_POLICY_SET, type PolicySet } from '../policy/policy-set.ts'
import type { CompiledProvider } from './identity-providers.ts'
import type { ObjectStatus } from './status.ts'

/** Everything a set of objects comes to. Built whole, swapped in whole, never changed. */
export interface Catalogue {
  readonly policySet: PolicySet
  /** Those that can be offered, by name. */
  readonly identityProviders: readonly CompiledProvider[]
  /** One per object, by kind, namespace and name. */
  readonly statuses: readonly ObjectStatus[]
}

export const EMPTY_CATALOGUE: Catalogue = { policySet: EMPTY_POLICY_SET, identityProviders: [], statuses: [] }

/** Holds the catalogue that is served now. */
export interface CatalogueHolder {
  /** Undefined until the first set is there. */
  readonly current: () => Catalogue | undefined
  /** How many sets have been swapped in. */
  readonly generation: () => number
  /** Milliseconds since the last swap; undefined before the first. */
  readonly ageMs: () => number | undefined
  /** Swaps whole: whoever asks from now on sees nothing of the old set. Then tells everybody who listens. */
  readonly replace: (catalogue: Catalogue) => void
  /** @returns a function that ends the listening */
  readonly onChange: (listener: (catalogue: Catalogue) => void) => () => void
}

/** @param now milliseconds since 1970 */
export function createCatalogueHolder(now: () => number): CatalogueHolder {
  let current: Catalogue | undefined
  let replacedAtMs = 0
  let generation = 0
  const listeners = new Set<(catalogue: Catalogue) => void>()
  return {
    current: () => current,
    generation: () => generation,
    ageMs: () => (current === undefined ? undefined : Math.max(0, now() - replacedAtMs)),
    replace(catalogue) {
      current = catalogue
      replacedAtMs = now()
      generation += 1
      for (const listener of listeners) listener(catalogue)
    },
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

import { isDeepStrictEqual } from 'node:util'
import { type OidcPorts, oidcProvider } from './oidc.ts'
import type { OidcProvider, ProviderSettings } from './provider.ts'

/** The identity providers of now. */
export interface Providers {
  /**
   * Takes over a whole set. A provider whose settings are the same keeps what it has fetched; every other one starts
   * afresh, and asks its provider in the background for what the first login will need.
   */
  replace(settings: readonly ProviderSettings[]): void
  /** Undefined if there is no such provider (any more). */
  get(name: string): OidcProvider | undefined
  /** In the order in which they were given. */
  list(): readonly OidcProvider[]
  /** Origins to which a logout may lead, as far as the providers' metadata is known by now, without repetition. */
  endSessionOrigins(): readonly string[]
}

/** A registry of identity providers, empty until `replace`. */
export function createProviders(ports: OidcPorts): Providers {
  let current: ReadonlyMap<string, { readonly settings: ProviderSettings; readonly provider: OidcProvider }> = new Map()
  return {
    replace(settings) {
      const fresh: OidcProvider[] = []
      const entryOf = (one: ProviderSettings) => {
        const kept = current.get(one.name)
        if (kept !== undefined && isDeepStrictEqual(kept.settings, one)) return kept
        const provider = oidcProvider(one, ports)
        fresh.push(provider)
        return { settings: one, provider }
      }
      current = new Map(settings.map((one) => [one.name, entryOf(one)]))
      for (const provider of fresh) provider.warm()
    },
    get: (name) => current.get(name)?.provider,
    list: () => [...current.values()].map(({ provider }) => provider),
    endSessionOrigins() {
      const origins = [...current.values()].map(({ provider }) => provider.endSessionOrigin())
      return [...new Set(origins.filter((origin) => origin !== undefined))]
    },
  }
}

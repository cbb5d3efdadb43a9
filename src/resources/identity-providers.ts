import { isDevelopmentIssuer, type OidcSettings } from '../providers/settings.ts'
import type { EntryOf } from './inventory.ts'
import type { SecretReference } from './secret-reference.ts'
import type { Flaw } from './status.ts'

/** An identity provider that can be offered, its secret read. */
export interface CompiledProvider {
  readonly name: string
  readonly displayName: string
  readonly type: 'OIDC'
  readonly oidc: OidcSettings
  readonly clientSecretRef: SecretReference | undefined
  /** Undefined: the provider needs none, or nobody looked. */
  readonly clientSecret: string | undefined
}

export interface ProviderContext {
  /** Whether an issuer may be http on localhost. */
  readonly allowHttpLocalhost: boolean
  /** The value of a secret, undefined if there is none. Leave it out where secrets are not at hand: none is missed then. */
  readonly secret?: ((reference: SecretReference) => string | undefined) | undefined
}

export interface ProviderFindings {
  readonly provider: CompiledProvider | undefined
  readonly accepted: readonly Flaw[]
  readonly references: readonly Flaw[] | undefined
}

/** Compiles one provider. One that is not valid or lacks its secret is not offered. */
export function compileProvider(
  { object, flaws }: EntryOf<'IdentityProvider'>,
  { allowHttpLocalhost, secret }: ProviderContext,
): ProviderFindings {
  if (object === undefined) return { provider: undefined, accepted: flaws, references: undefined }
  const { metadata, spec } = object
  const { clientSecretRef, issuer } = spec.oidc
  const accepted: Flaw[] = []
  if (isDevelopmentIssuer(issuer) && !allowHttpLocalhost) {
    accepted.push({ reason: 'DevelopmentOnly', message: 'an http issuer is for the development mode alone' })
  }
  const clientSecret = clientSecretRef === undefined ? undefined : secret?.(clientSecretRef)
  const isMissing = clientSecretRef !== undefined && secret !== undefined && clientSecret === undefined
  const references: Flaw[] = isMissing
    ? [
        {
          reason: 'SecretNotFound',
          message: `there is no key ${clientSecretRef.key} in a Secret ${clientSecretRef.name} of the system namespace`,
        },
      ]
    : []
  if (accepted.length > 0 || isMissing) return { provider: undefined, accepted, references }
  const { name } = metadata
  const displayName = spec.displayName ?? name
  return {
    provider: { name, displayName, type: spec.type, oidc: spec.oidc, clientSecretRef, clientSecret },
    accepted,
    references,
  }
}

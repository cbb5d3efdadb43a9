import { isDevelopmentIssuer, type OidcSettings } from '../providers/settings.ts'
import type { EntryOf } from './inventory.ts'
import type { ObjectsFrom } from './objects.ts'
import { type SecretReference, secretFile } from './secret-reference.ts'
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
  /** Says where a secret is looked for. */
  readonly objectsFrom: ObjectsFrom
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
  { allowHttpLocalhost, secret, objectsFrom }: ProviderContext,
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
          message: objectsFrom === 'Files' ? absentFile(clientSecretRef) : absentKey(clientSecretRef),
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

function absentKey({ name, key }: SecretReference): string {
  return `there is no key ${key} in a Secret ${name} of the system namespace`
}

function absentFile(reference: SecretReference): string {
  const file = secretFile(reference)
  if (file === undefined) return `the name ${reference.name} or the key ${reference.key} is no name of a file`
  return `there is no file ${file} with anything in it below resources.secretsDirectory`
}

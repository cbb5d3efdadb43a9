import type { OidcSettings } from '../providers/settings.ts'
import type { ReadObject } from './objects.ts'

/** Where a secret is kept. */
export type SecretReference = NonNullable<OidcSettings['clientSecretRef']>

/** Every reference to a secret in valid objects. */
export function secretReferences(objects: readonly ReadObject[]): SecretReference[] {
  return objects
    .map(({ object }) => (object?.kind === 'IdentityProvider' ? object.spec.oidc.clientSecretRef : undefined))
    .filter((reference) => reference !== undefined)
}

/** The file of a secret, `<name>/<key>`. Undefined unless each part is one plain name: it never leads elsewhere. */
export function secretFile({ name, key }: SecretReference): string | undefined {
  return [name, key].every(isPlainName) ? `${name}/${key}` : undefined
}

function isPlainName(text: string): boolean {
  return text !== '' && text !== '.' && text !== '..' && !/[/\\\0]/.test(text)
}

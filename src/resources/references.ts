import { objectKey } from './inventory.ts'
import type { Flaw } from './status.ts'

/** How one object names another: a bare name, or a name in the system namespace. */
export interface Reference {
  readonly name: string
  readonly namespace?: string | undefined
}

/**
 * The key of the object that a reference names. A bare name is an object of the same namespace and only that; the system
 * namespace is the other place allowed.
 *
 * @param from namespace of the object that refers
 */
export function resolveReference(
  { name, namespace }: Reference,
  from: string,
  systemNamespace: string,
): { readonly key: string } | Flaw {
  if (namespace === undefined) return { key: objectKey(from, name) }
  if (namespace === systemNamespace) return { key: objectKey(namespace, name) }
  const message = `${namespace}/${name} is neither of this namespace nor of the system namespace, ${systemNamespace}`
  return { reason: 'NamespaceNotAllowed', message }
}

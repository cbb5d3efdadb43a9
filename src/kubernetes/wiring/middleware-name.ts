import { plainName } from './plain-name.ts'

/** Names of objects may be this long, in characters. */
export const LONGEST_NAME = 253

const PROVIDER = '@kubernetescrd'

/**
 * Name of the Middleware of an application, in the system namespace. Two applications never have the same one, nor one that
 * Traefik takes for the same. It may be longer than 253 characters, and then there can be no such object.
 */
export function middlewareName(namespace: string, application: string): string {
  return `${stem(namespace)}${plainName(application)}`
}

/** How an Ingress names the Middleware of an application in `router.middlewares`. */
export function middlewareReference(systemNamespace: string, namespace: string, application: string): string {
  return `${flattened(systemNamespace)}-${middlewareName(namespace, application)}${PROVIDER}`
}

/** Whether an entry of `router.middlewares` names the Middleware of an application of the namespace. */
export function isMiddlewareOf(entry: string, systemNamespace: string, namespace: string): boolean {
  const text = entry.trim()
  return text.startsWith(`${flattened(systemNamespace)}-${stem(namespace)}`) && text.endsWith(PROVIDER)
}

/** Whether an entry of `router.middlewares` names the Middleware of some application, in the system namespace. */
export function isMiddleware(entry: string, systemNamespace: string): boolean {
  const [text, start] = [entry.trim(), `${flattened(systemNamespace)}-`]
  const name = text.slice(start.length, -PROVIDER.length)
  return text === `${start}${name}${PROVIDER}` && /^[a-z0-9]+$/.test(name)
}

/** No name spelt plainly has a `zs`, so what stands before it cannot be taken for a part of what follows. */
function stem(namespace: string): string {
  return `${plainName(namespace)}zs`
}

function flattened(namespace: string): string {
  return namespace.replace(/-+/g, '-')
}

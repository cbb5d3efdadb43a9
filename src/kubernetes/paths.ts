import type { ApiResource } from './api-resource.ts'

/**
 * Path of a kind, or of one object of it, at the API server.
 *
 * @param namespace undefined for all namespaces, and for a kind that has none
 * @param subresource such as `status`; only with a name
 * @see https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-uris
 */
export function resourcePath(
  resource: Pick<ApiResource, 'group' | 'version' | 'plural'>,
  namespace?: string | undefined,
  name?: string | undefined,
  subresource?: string | undefined,
): string {
  const { group, version, plural } = resource
  const root = group === '' ? ['', 'api', version] : ['', 'apis', group, version]
  const place = namespace === undefined ? [] : ['namespaces', namespace]
  const rest = [name, subresource].filter((part) => part !== undefined)
  return [...root, ...place, plural, ...rest].map(encodeURIComponent).join('/')
}

import { ApiError } from './api-error.ts'
import { apiResources } from './api-resource.ts'
import { FIELD_MANAGER } from './apply.ts'
import type { KubeClient } from './client.ts'
import type { KubeObject } from './kube-object.ts'
import { resourcePath } from './paths.ts'
import { versionedObject } from './versioned-object.ts'

/** One Lease on the server. Both methods throw `ApiError`, `ApiUnreachableError`, or `UnversionedError`. */
export interface LeaseAccess {
  /** @returns undefined if there is none */
  readonly read: (signal: AbortSignal) => Promise<KubeObject | undefined>
  /**
   * Creates the Lease if `desired` has no version, else updates that very version.
   *
   * @returns undefined if it is no longer what it was
   */
  readonly write: (desired: KubeObject, signal: AbortSignal) => Promise<KubeObject | undefined>
}

/** @param timeoutMs longest time to wait for an answer */
export function leaseAccess(
  client: Pick<KubeClient, 'request'>,
  { namespace, name, timeoutMs }: { readonly namespace: string; readonly name: string; readonly timeoutMs: number },
): LeaseAccess {
  const path = resourcePath(apiResources.leases, namespace, name)
  const query = { fieldManager: FIELD_MANAGER }
  return {
    async read(signal) {
      try {
        return versionedObject(await client.request({ method: 'GET', path, timeoutMs, signal }))
      } catch (error) {
        if (isStatus(error, 404)) return undefined
        throw error
      }
    },
    async write(body, signal) {
      const isNew = body.metadata.resourceVersion === undefined
      const target = isNew
        ? ({ method: 'POST', path: resourcePath(apiResources.leases, namespace) } as const)
        : ({ method: 'PUT', path } as const)
      try {
        return versionedObject(await client.request({ ...target, query, body, timeoutMs, signal }))
      } catch (error) {
        if (isStatus(error, 409) || (!isNew && isStatus(error, 404))) return undefined
        throw error
      }
    },
  }
}

function isStatus(error: unknown, status: number): boolean {
  return error instanceof ApiError && error.status === status
}

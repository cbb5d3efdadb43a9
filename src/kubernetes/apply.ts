import { fieldOf } from '../resources/raw-value.ts'
import { ApiError } from './api-error.ts'
import { type ApiResource, apiVersionOf } from './api-resource.ts'
import type { KubeClient, KubeRequest } from './client.ts'
import { differs, replacedSpec } from './difference.ts'
import { type KubeObject, keyOf } from './kube-object.ts'
import { resourcePath } from './paths.ts'
import type { Term } from './term.ts'
import type { AnnotationEdit } from './wiring/wiring.ts'

/** The field manager under which everything is written. */
export const FIELD_MANAGER = 'gatehouse'

const APPLY = 'application/apply-patch+yaml'
const JSON_PATCH = 'application/json-patch+json'

/** This replica has ceased to lead, or never did: nothing was written. */
export class NotLeaderError extends Error {
  override readonly name = 'NotLeaderError'
  readonly reason = 'not-leader'
}

/** Writes into the cluster, for as long as this replica leads. */
export interface Writer {
  /**
   * Makes an object what it has to be, by server-side apply of our fields alone (forced: they are ours). What others added
   * to the spec of a kind that is wholly ours is taken out again.
   */
  readonly apply: (resource: ApiResource, desired: KubeObject) => Promise<void>
  /** Writes the status of an object, if it still is the very object. */
  readonly applyStatus: (resource: ApiResource, target: KubeObject, status: unknown) => Promise<void>
  /** Deletes an object as it was seen, and not one that has taken its place or changed meanwhile. */
  readonly remove: (resource: ApiResource, seen: KubeObject) => Promise<void>
  /** Sets and takes back annotations of an object that is not ours. */
  readonly annotate: (resource: ApiResource, edit: AnnotationEdit) => Promise<void>
  /** Creates an object. @returns false if there is one of the name */
  readonly create: (resource: ApiResource, object: KubeObject) => Promise<boolean>
}

/** Shorter than the time for which a lease outlasts the term of its holder: nothing is under way when another one leads. */
const TIMEOUT_MS = 4_000

/**
 * @param term asked right before each write. Out of it, `NotLeaderError` is thrown; what the server denies throws
 *   `ApiError` or `ApiUnreachableError`
 */
export function createWriter(client: KubeClient, { isLeader, lost }: Term): Writer {
  async function send(request: KubeRequest): Promise<unknown> {
    if (!isLeader()) throw new NotLeaderError('this replica does not lead')
    return client.request({ ...request, signal: lost, timeoutMs: TIMEOUT_MS })
  }
  const query = { fieldManager: FIELD_MANAGER, force: 'true' }

  async function apply(resource: ApiResource, desired: KubeObject): Promise<void> {
    const path = pathOf(resource, desired)
    const applied = (await send({ method: 'PATCH', path, query, contentType: APPLY, body: desired })) as KubeObject
    if (!differs(desired, applied)) return
    // What others have put into lists and fields of ours cannot be applied away.
    const body = [
      { op: 'test', path: '/metadata/resourceVersion', value: applied.metadata.resourceVersion },
      { op: 'add', path: '/spec', value: replacedSpec(desired, applied) },
    ]
    await send({ method: 'PATCH', path, query: { fieldManager: FIELD_MANAGER }, contentType: JSON_PATCH, body })
  }

  return {
    apply,
    async applyStatus(resource, target, status) {
      const { name, namespace, uid } = target.metadata
      const body = {
        apiVersion: apiVersionOf(resource),
        kind: resource.kind,
        metadata: { name, namespace, uid },
        status,
      }
      await send({ method: 'PATCH', path: `${pathOf(resource, target)}/status`, query, contentType: APPLY, body })
    },
    async remove(resource, seen) {
      const { uid, resourceVersion } = seen.metadata
      const body = { apiVersion: 'v1', kind: 'DeleteOptions', preconditions: { uid, resourceVersion } }
      try {
        await send({ method: 'DELETE', path: pathOf(resource, seen), body })
      } catch (error) {
        if (!(error instanceof ApiError && error.status === 404)) throw error
      }
    },
    async annotate(resource, { target, set, remove }) {
      const path = pathOf(resource, target)
      const { name, namespace, uid, resourceVersion, annotations = {} } = target.metadata
      if (remove.length > 0) {
        // By value and not by ownership: what was written at admission belongs to whoever made the request.
        const body = [
          { op: 'test', path: '/metadata/resourceVersion', value: resourceVersion },
          ...remove
            .filter((key) => Object.hasOwn(annotations, key))
            .map((key) => ({ op: 'remove', path: annotationPath(key) })),
          ...Object.entries(set).map(([key, value]) => ({ op: 'add', path: annotationPath(key), value })),
        ]
        await send({ method: 'PATCH', path, query: { fieldManager: FIELD_MANAGER }, contentType: JSON_PATCH, body })
        return
      }
      const { apiVersion, kind } = { apiVersion: apiVersionOf(resource), kind: resource.kind }
      // With its uid an object that has vanished meanwhile is a conflict, and is not created anew without a spec.
      const body = { apiVersion, kind, metadata: { name, namespace, uid, annotations: set } }
      await send({ method: 'PATCH', path, query, contentType: APPLY, body })
    },
    async create(resource, object) {
      try {
        const path = resourcePath(resource, object.metadata.namespace)
        await send({ method: 'POST', path, query: { fieldManager: FIELD_MANAGER }, body: object })
        return true
      } catch (error) {
        if (error instanceof ApiError && error.status === 409) return false
        throw error
      }
    },
  }
}

/** `Kind namespace/name`, for people. */
export function labelOf(object: KubeObject): string {
  return `${String(fieldOf(object, 'kind') ?? '')} ${keyOf(object)}`
}

function pathOf(resource: ApiResource, { metadata: { namespace, name } }: KubeObject): string {
  return resourcePath(resource, namespace, name)
}

function annotationPath(key: string): string {
  return `/metadata/annotations/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`
}

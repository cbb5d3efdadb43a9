import { fieldOf, isRecord } from '../resources/raw-value.ts'
import { AnswerTooLargeError, ApiError, ApiUnreachableError } from './api-error.ts'
import { type ApiResource, apiVersionOf } from './api-resource.ts'
import type { KubeClient } from './client.ts'
import { type KubeObject, keyOf } from './kube-object.ts'
import { resourcePath } from './paths.ts'

const PAGE_SIZE = 500
/** Of a page that was too large, so much is asked for next; it grows again by twos. */
const SHRINKING = 8
/** A page of large objects takes its time. */
const PAGE_TIMEOUT_MS = 25_000
const MOST_RESTARTS = 3

/** Which objects of a kind, and what of them. */
export interface Selection {
  readonly resource: ApiResource
  /** Undefined: of all namespaces. */
  readonly namespace?: string | undefined
  readonly labelSelector?: string | undefined
  readonly fieldSelector?: string | undefined
  /** Takes off what nobody needs, as soon as an object has come. */
  readonly trim?: ((object: KubeObject) => KubeObject) | undefined
}

/** All objects that there were at one moment. */
export interface KubeList {
  readonly objects: ReadonlyMap<string, KubeObject>
  /** That moment; a watch goes on from it. */
  readonly resourceVersion: string
}

/** The selectors as a query. */
export function selectorsOf({ labelSelector, fieldSelector }: Selection): Record<string, string> {
  return {
    ...(labelSelector === undefined ? {} : { labelSelector }),
    ...(fieldSelector === undefined ? {} : { fieldSelector }),
  }
}

/**
 * Lists in pages of 500, and of fewer where objects are so large that a page is not read: one author's must not keep us from
 * all others. The list is the newest there is, not what some cache of the server holds; one that expires between
 * two pages is begun anew.
 *
 * @throws ApiError, ApiUnreachableError as `KubeClient.request` does; `garbled` also for an answer that is no list
 * @see https://kubernetes.io/docs/reference/using-api/api-concepts/#retrieving-large-results-sets-in-chunks
 */
export async function listAll(client: KubeClient, selection: Selection, signal: AbortSignal): Promise<KubeList> {
  for (let restarts = 0; ; restarts++) {
    try {
      return await listOnce(client, selection, signal)
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 410 || restarts >= MOST_RESTARTS) throw error
    }
  }
}

async function listOnce(client: KubeClient, selection: Selection, signal: AbortSignal): Promise<KubeList> {
  const { resource, namespace, trim = (object) => object } = selection
  const path = resourcePath(resource, namespace)
  const objects = new Map<string, KubeObject>()
  let resourceVersion: string | undefined
  let next = ''
  let limit = PAGE_SIZE

  async function pageAt(position: string): Promise<Page> {
    const from: Record<string, string> = position === '' ? {} : { continue: position }
    const query = { limit: String(limit), ...selectorsOf(selection), ...from }
    try {
      return pageOf(path, await client.request({ method: 'GET', path, query, timeoutMs: PAGE_TIMEOUT_MS, signal }))
    } catch (error) {
      if (!(error instanceof AnswerTooLargeError) || limit === 1) throw error
      limit = Math.ceil(limit / SHRINKING)
      return pageAt(position)
    }
  }

  do {
    const page = await pageAt(next)
    limit = Math.min(PAGE_SIZE, limit * 2)
    for (const item of page.items) {
      const object = listedObject(resource, item)
      if (object === undefined) throw garbled(path, 'an item that is no object')
      objects.set(keyOf(object), trim(object))
    }
    // Of the first page: a watch from there says at least all that has changed since.
    resourceVersion ??= page.resourceVersion
    if (page.next !== '' && page.next === next) throw garbled(path, 'the same continuation twice')
    next = page.next
  } while (next !== '')
  return { objects, resourceVersion }
}

interface Page {
  readonly items: readonly unknown[]
  readonly resourceVersion: string
  /** Empty on the last page. */
  readonly next: string
}

function pageOf(path: string, answer: unknown): Page {
  const items = fieldOf(answer, 'items')
  const metadata = fieldOf(answer, 'metadata')
  const resourceVersion = fieldOf(metadata, 'resourceVersion')
  const next = fieldOf(metadata, 'continue') ?? ''
  if (typeof resourceVersion !== 'string' || resourceVersion === '') throw garbled(path, 'a list of no version')
  if (typeof next !== 'string') throw garbled(path, 'a continuation that is no text')
  // An empty list of some servers is null.
  if (items === null) return { items: [], resourceVersion, next }
  if (!Array.isArray(items)) throw garbled(path, 'a list without items')
  return { items, resourceVersion, next }
}

/** Completes an item: lists leave out the kind of what they hold. Undefined if it is no object. */
function listedObject(resource: ApiResource, item: unknown): KubeObject | undefined {
  return isRecord(item) ? objectOf({ apiVersion: apiVersionOf(resource), kind: resource.kind, ...item }) : undefined
}

/** An object of the API as it came; undefined if it is none, or has no name or version. */
export function objectOf(value: unknown): KubeObject | undefined {
  const metadata = fieldOf(value, 'metadata')
  const namespace = fieldOf(metadata, 'namespace')
  const texts = [fieldOf(value, 'apiVersion'), fieldOf(value, 'kind'), fieldOf(metadata, 'name')]
  const isObject =
    [...texts, fieldOf(metadata, 'resourceVersion')].every((text) => typeof text === 'string' && text !== '') &&
    (namespace === undefined || typeof namespace === 'string')
  return isObject ? (value as KubeObject) : undefined
}

function garbled(path: string, found: string): ApiUnreachableError {
  return new ApiUnreachableError('garbled', `GET ${path}: ${found}`)
}

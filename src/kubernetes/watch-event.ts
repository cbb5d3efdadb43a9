import { fieldOf } from '../resources/raw-value.ts'
import { statusError } from './answer.ts'
import { ApiUnreachableError } from './api-error.ts'
import { objectOf } from './kube-list.ts'
import type { KubeObject } from './kube-object.ts'

/** What a watch says. `version` is where to go on from. */
export type WatchEvent =
  | { readonly type: 'put' | 'removed'; readonly object: KubeObject; readonly version: string }
  | { readonly type: 'bookmark'; readonly version: string }

/**
 * Reads a line of a watch.
 *
 * @param what the request, for errors
 * @throws ApiError for an event of type ERROR, with the code of its Status
 * @throws ApiUnreachableError `garbled` for a line that is no event
 * @see https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes
 */
export function readWatchEvent(what: string, line: string): WatchEvent {
  const event = parsed(what, line)
  const type = fieldOf(event, 'type')
  const value = fieldOf(event, 'object')
  if (type === 'ERROR') throw statusError(what, value)
  const version = fieldOf(fieldOf(value, 'metadata'), 'resourceVersion')
  if (typeof version !== 'string' || version === '') throw garbled(what)
  if (type === 'BOOKMARK') return { type: 'bookmark', version }
  const object = objectOf(value)
  if (object === undefined) throw garbled(what)
  if (type === 'ADDED' || type === 'MODIFIED') return { type: 'put', object, version }
  if (type === 'DELETED') return { type: 'removed', object, version }
  throw garbled(what)
}

function parsed(what: string, line: string): unknown {
  try {
    return JSON.parse(line)
  } catch (error) {
    throw garbled(what, { cause: error })
  }
}

function garbled(what: string, options?: ErrorOptions): ApiUnreachableError {
  return new ApiUnreachableError('garbled', `${what}: a line that is no event of a watch`, options)
}

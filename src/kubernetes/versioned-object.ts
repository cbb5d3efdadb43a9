import { fieldOf, isRecord } from '../resources/raw-value.ts'
import type { KubeObject } from './kube-object.ts'

/** The server has answered a request for one object with something that is none, or has no version. */
export class UnversionedError extends Error {
  override readonly name = 'UnversionedError'
  readonly reason = 'unversioned'
}

/**
 * An object that can be updated as it was seen: an update of one without a version would be guarded by nothing.
 *
 * @param answer what the server said
 * @throws UnversionedError
 */
export function versionedObject(answer: unknown): KubeObject {
  const version = fieldOf(fieldOf(answer, 'metadata'), 'resourceVersion')
  if (isRecord(answer) && typeof version === 'string' && version !== '') return answer as KubeObject
  throw new UnversionedError('the server answered with no object that has a version')
}

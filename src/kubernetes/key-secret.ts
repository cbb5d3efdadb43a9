import { fieldOf } from '../resources/raw-value.ts'
import type { KeySet } from '../tokens/key-set.ts'
import { type KeySetReading, readKeySet } from '../tokens/key-set-text.ts'
import { apiResources, apiVersionOf } from './api-resource.ts'
import type { KubeObject } from './kube-object.ts'

/** Where in its Secret the key set stands. */
export const KEYS_FIELD = 'keys.json'

/** What the Secret of the keys holds. `missing` and `empty`: nothing is lost if keys are put there. */
export type KeySecretReading = KeySetReading & { readonly state: 'missing' | 'empty' | 'unreadable' | 'readable' }

/**
 * Reads the key set out of its Secret.
 *
 * @param secret as the server has it; undefined if there is none
 * @returns the set, or a problem that names the field, never what is in it
 */
export function readKeySecret(secret: KubeObject | undefined): KeySecretReading {
  if (secret === undefined) return { state: 'missing', problem: 'does not exist' }
  const encoded = fieldOf(fieldOf(secret, 'data'), KEYS_FIELD)
  if (encoded === undefined || encoded === '') return { state: 'empty', problem: `has no data.${KEYS_FIELD}` }
  const text = typeof encoded === 'string' ? Buffer.from(encoded, 'base64').toString('utf8') : ''
  const { set, problem } = readKeySet(text)
  return set === undefined
    ? { state: 'unreadable', problem: `its data.${KEYS_FIELD} ${problem}` }
    : { state: 'readable', set }
}

/**
 * The Secret that holds a key set, and whatever else it held before.
 *
 * @param secret as it was last seen; undefined if there is none
 */
export function keySecret(
  secret: KubeObject | undefined,
  place: { readonly namespace: string; readonly name: string },
  set: KeySet,
): KubeObject {
  const keys = Buffer.from(`${JSON.stringify(set, null, 2)}\n`).toString('base64')
  const before = fieldOf(secret, 'data')
  return {
    type: 'Opaque',
    ...secret,
    apiVersion: apiVersionOf(apiResources.secrets),
    kind: apiResources.secrets.kind,
    metadata: secret?.metadata ?? { ...place, labels: { 'app.kubernetes.io/managed-by': 'gatehouse' } },
    data: { ...(typeof before === 'object' ? before : {}), [KEYS_FIELD]: keys },
  }
}

import type { Events } from '../observe/events.ts'
import type { CurrentKeys } from '../tokens/current-keys.ts'
import type { KeySet } from '../tokens/key-set.ts'
import { type Rotation, rotated } from '../tokens/rotation.ts'
import { ApiError } from './api-error.ts'
import { apiResources } from './api-resource.ts'
import { FIELD_MANAGER, NotLeaderError } from './apply.ts'
import type { KubeClient } from './client.ts'
import { keySecret, readKeySecret } from './key-secret.ts'
import type { KubeObject } from './kube-object.ts'
import { resourcePath } from './paths.ts'
import type { Term } from './term.ts'
import { versionedObject } from './versioned-object.ts'

/** What the leader did to the Secret of the keys. */
export type KeyChange = 'created' | 'rotated' | 'restored'

export interface KeyKeeperSettings {
  readonly client: Pick<KubeClient, 'request'>
  readonly namespace: string
  readonly name: string
  /** The keys in use by this replica: what they were last is what a broken Secret gets back. */
  readonly keys: CurrentKeys
  readonly rotation: Omit<Rotation, 'now'>
  /** A set for an installation that has none. */
  readonly newKeySet: () => Promise<KeySet>
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly events: Pick<Events, 'keysWritten'>
}

/**
 * Looks after the Secret that holds the installation's keys; the leader alone does it. One look:
 * makes the Secret where there is none, turns its keys when that is due, gives back the last good set to one that was
 * deleted or spoilt, and leaves a good one alone, whoever put it there. One that is spoilt, while no replica that leads has
 * ever seen a good one, stays as it is: somebody may be able to repair it.
 *
 * @param term asked right before each write
 * @returns what was written; `kept` if nothing was due, `outrun` if somebody else was faster, `unreadable` if there is nothing
 *   to restore
 * @throws NotLeaderError if the term is over
 * @throws ApiError, ApiUnreachableError or UnversionedError as the server fails
 */
export async function keepKeySecret(
  settings: KeyKeeperSettings,
  term: Term,
): Promise<KeyChange | 'kept' | 'outrun' | 'unreadable'> {
  const { keys, rotation, now, events } = settings
  const source = keySecretLabel(settings)
  const secret = await read(settings, term)
  const reading = readKeySecret(secret)
  const isVacant = reading.state === 'missing' || reading.state === 'empty'
  const problem = isVacant ? reading.problem : await keys.replace(reading)
  const good = problem === undefined ? reading.set : keys.set()
  if (good === undefined && !isVacant) return 'unreadable'

  const wanted = good === undefined ? await settings.newKeySet() : await rotated(good, { ...rotation, now: now() })
  if (problem === undefined && wanted === good) return 'kept'
  if (!(await isWritten(settings, term, keySecret(secret, settings, wanted)))) return 'outrun'
  const change = good === undefined ? 'created' : problem === undefined ? 'rotated' : 'restored'
  events.keysWritten({ source, change, detail: change === 'restored' ? problem : undefined })
  await keys.replace({ set: wanted })
  return change
}

/** The Secret, for people. */
export function keySecretLabel({ namespace, name }: { readonly namespace: string; readonly name: string }): string {
  return `Secret ${namespace}/${name}`
}

async function read({ client, namespace, name }: KeyKeeperSettings, { lost }: Term): Promise<KubeObject | undefined> {
  const path = resourcePath(apiResources.secrets, namespace, name)
  try {
    return versionedObject(await client.request({ method: 'GET', path, signal: lost }))
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return undefined
    throw error
  }
}

/** @returns false if the Secret is no longer what it was when it was read */
async function isWritten(
  { client, namespace }: KeyKeeperSettings,
  { isLeader, lost }: Term,
  secret: KubeObject,
): Promise<boolean> {
  const { name, resourceVersion } = secret.metadata
  const target =
    resourceVersion === undefined
      ? ({ method: 'POST', path: resourcePath(apiResources.secrets, namespace) } as const)
      : ({ method: 'PUT', path: resourcePath(apiResources.secrets, namespace, name) } as const)
  if (!isLeader()) throw new NotLeaderError('this replica does not lead')
  try {
    await client.request({ ...target, query: { fieldManager: FIELD_MANAGER }, body: secret, signal: lost })
    return true
  } catch (error) {
    const isGone = error instanceof ApiError && error.status === 404 && resourceVersion !== undefined
    if (isGone || (error instanceof ApiError && error.status === 409)) return false
    throw error
  }
}

import { differs } from './difference.ts'
import { type KubeObject, keyOf } from './kube-object.ts'

/** What has to be done so that the objects of a kind that are ours are the desired ones. */
export interface Upkeep {
  readonly apply: readonly KubeObject[]
  readonly remove: readonly KubeObject[]
}

/**
 * Compares what has to be there with what is.
 *
 * @param desired objects of one kind
 * @param owned the objects of that kind that carry our label; those on their way out are left to go
 */
export function upkeep(desired: readonly KubeObject[], owned: Iterable<KubeObject>): Upkeep {
  const present = new Map([...owned].map((object) => [keyOf(object), object]))
  const apply: KubeObject[] = []
  for (const object of desired) {
    const key = keyOf(object)
    const seen = present.get(key)
    present.delete(key)
    if (seen === undefined || differs(object, seen)) apply.push(object)
  }
  const remove = [...present.values()].filter(({ metadata }) => metadata.deletionTimestamp === undefined)
  return { apply, remove }
}

import { type ReadObject, readObject } from '../resources/objects.ts'
import type { KubeObject } from './kube-object.ts'

/** Reads objects of our kinds, each state of one only once. */
export interface ObjectReader {
  /** Reads one that has just come, so that there is less to do at once later. */
  readonly prepare: (object: KubeObject) => void
  /** Reads all that there are, of which each has another state. What is no longer among them is forgotten. */
  readonly read: (objects: Iterable<KubeObject>) => readonly ReadObject[]
}

/** Makes a reader that has read nothing yet. */
export function objectReader(): ObjectReader {
  let known = new Map<string, ReadObject>()
  function readOnce(object: KubeObject): [state: string, read: ReadObject] {
    const state = specStateOf(object)
    return [state, known.get(state) ?? readFromCluster(object)]
  }
  return {
    prepare(object) {
      known.set(...readOnce(object))
    },
    read(objects) {
      known = new Map(Array.from(objects, readOnce))
      return [...known.values()]
    },
  }
}

/**
 * Tells the states of an object apart as far as they mean anything to us: the generation rises with every change of the
 * spec, and with no change of the status.
 *
 * @see https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#status-subresource
 */
export function specStateOf({ kind, metadata: { uid, generation, resourceVersion } }: KubeObject): string {
  return `${kind} ${uid ?? ''} ${generation ?? `of ${resourceVersion}`}`
}

/** An object that cannot be read shuts what it claims, and no more: others' objects are served beside it. */
function readFromCluster(object: KubeObject): ReadObject {
  return { ...readObject(object), createdAt: object.metadata.creationTimestamp, isIncomplete: false }
}

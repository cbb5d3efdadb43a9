import { type KubeObject, keyOf } from './kube-object.ts'

/** The objects of a kind as far as we know. Each change says whether it was one: a repetition is not. */
export interface ReflectedSet {
  readonly items: () => ReadonlyMap<string, KubeObject>
  /** Puts a whole list in place of all there was. */
  readonly replace: (objects: ReadonlyMap<string, KubeObject>) => boolean
  readonly put: (object: KubeObject) => boolean
  /** Takes an object away, but not another of the same name. */
  readonly remove: (object: KubeObject) => boolean
}

/** Makes an empty set. */
export function reflectedSet(): ReflectedSet {
  let items = new Map<string, KubeObject>()

  return {
    items: () => items,
    replace(objects) {
      const next = new Map<string, KubeObject>()
      let isChange = objects.size !== items.size
      for (const [key, object] of objects) {
        const held = items.get(key)
        const isHeld = held !== undefined && isSame(held, object)
        next.set(key, isHeld ? held : object)
        if (!isHeld) isChange = true
      }
      items = next
      return isChange
    },
    put(object) {
      const key = keyOf(object)
      const held = items.get(key)
      if (held !== undefined && isSame(held, object)) return false
      items.set(key, object)
      return true
    },
    remove(object) {
      const key = keyOf(object)
      if (items.get(key)?.metadata.uid !== object.metadata.uid) return false
      return items.delete(key)
    },
  }
}

function isSame({ metadata: left }: KubeObject, { metadata: right }: KubeObject): boolean {
  return left.uid === right.uid && left.resourceVersion === right.resourceVersion
}

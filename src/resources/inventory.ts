import type { ReadObject } from './objects.ts'
import { problemText } from './problem.ts'
import type { Flaw } from './status.ts'
import { type Kind, kinds, type ResourceObject } from './v1alpha1/index.ts'

/** All that claims one kind, namespace and name. */
export interface Entry<Resource extends ResourceObject = ResourceObject> {
  readonly kind: string
  readonly namespace: string | undefined
  readonly name: string
  /** Undefined: not valid, or there twice. */
  readonly object: Resource | undefined
  readonly flaws: readonly Flaw[]
  /** One, unless there are duplicates. */
  readonly sources: readonly ReadObject[]
}

export type EntryOf<K extends Kind> = Entry<Extract<ResourceObject, { kind: K }>>

/** Every object under its name, in an order that does not depend on where it was read. */
export interface Inventory {
  readonly AccessApplication: ReadonlyMap<string, EntryOf<'AccessApplication'>>
  readonly AccessPolicy: ReadonlyMap<string, EntryOf<'AccessPolicy'>>
  readonly AccessGroup: ReadonlyMap<string, EntryOf<'AccessGroup'>>
  readonly IdentityProvider: ReadonlyMap<string, EntryOf<'IdentityProvider'>>
  /** Objects of no kind that there is, and those that would protect something but are no applications. */
  readonly strangers: ReadonlyMap<string, Entry>
}

/** Key of an object among those of its kind: `namespace/name`, or the name where there is no namespace. */
export function objectKey(namespace: string | undefined, name: string): string {
  return namespace === undefined ? name : `${namespace}/${name}`
}

/** Takes stock of all objects. Of several with one name none counts. */
export function takeInventory(objects: readonly ReadObject[]): Inventory {
  const found = new Map<string, ReadObject[]>()
  for (const object of objects) {
    const id = JSON.stringify([object.kind, object.namespace ?? null, object.name])
    const same = found.get(id)
    if (same === undefined) found.set(id, [object])
    else same.push(object)
  }
  const inventory = {
    AccessApplication: new Map<string, EntryOf<'AccessApplication'>>(),
    AccessPolicy: new Map<string, EntryOf<'AccessPolicy'>>(),
    AccessGroup: new Map<string, EntryOf<'AccessGroup'>>(),
    IdentityProvider: new Map<string, EntryOf<'IdentityProvider'>>(),
    strangers: new Map<string, Entry>(),
  }
  for (const id of [...found.keys()].sort()) {
    const entry = entryOf((found.get(id) ?? []).toSorted(byPosition))
    if (entry === undefined) continue
    if (isStranger(entry)) inventory.strangers.set(id, entry)
    else
      inventory[entry.kind as Kind].set(
        hasPlainKey(entry) ? objectKey(entry.namespace, entry.name) : id,
        entry as never,
      )
  }
  return inventory
}

function isStranger({ kind, sources }: Entry): boolean {
  return !Object.hasOwn(kinds, kind) || (kind !== 'AccessApplication' && sources.some(({ mayProtect }) => mayProtect))
}

/** Whether no other object of the kind can have the same key: a name that is not valid may hold anything. */
function hasPlainKey({ namespace = '', name }: Entry): boolean {
  return !`${namespace}${name}`.includes('/')
}

function entryOf(sources: readonly ReadObject[]): Entry | undefined {
  const [first] = sources
  if (first === undefined) return undefined
  const { kind, namespace, name } = first
  const invalid = sources.flatMap(({ problems }) => problems).map(problemText)
  const flaws: Flaw[] = [...new Set(invalid)].sort().map((message) => ({ reason: 'Invalid', message }))
  if (sources.length > 1) flaws.push({ reason: 'Duplicate', message: `there are ${sources.length} of this name` })
  return { kind, namespace, name, object: flaws.length === 0 ? first.object : undefined, flaws, sources }
}

function byPosition(left: ReadObject, right: ReadObject): number {
  return sortKey(left) < sortKey(right) ? -1 : 1
}

function sortKey({ position, object, claims }: ReadObject): string {
  const line = String(position?.line ?? 0).padStart(9, '0')
  return `${position?.file ?? ''}\n${line}\n${JSON.stringify(object ?? claims)}`
}

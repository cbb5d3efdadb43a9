import { specStateOf } from './read-objects.ts'
import type { Reflection } from './reflector.ts'

/** The state of every object, by kind and key, as far as decisions depend on it. */
export type Meaning = ReadonlyMap<string, string>

/**
 * What reflections mean to decisions now.
 *
 * @param ours of our kinds, whose status means nothing
 * @param others of kinds of which everything may count
 */
export function meaningOf(ours: readonly Reflection[], others: readonly Reflection[]): Meaning {
  const meaning = new Map<string, string>()
  for (const { resource, items } of ours) {
    for (const [key, object] of items()) meaning.set(`${resource.kind} ${key}`, specStateOf(object))
  }
  for (const { resource, items } of others) {
    for (const [key, { metadata }] of items()) {
      meaning.set(`${resource.kind} ${key}`, `${metadata.uid} ${metadata.resourceVersion}`)
    }
  }
  return meaning
}

/** Whether nothing has changed; undefined: there was nothing to compare with. */
export function isSameMeaning(now: Meaning, before: Meaning | undefined): boolean {
  return now.size === before?.size && [...now].every(([key, state]) => before.get(key) === state)
}

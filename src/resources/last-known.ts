import type { Entry, Inventory } from './inventory.ts'
import type { ObjectsFrom } from './objects.ts'
import type { Flaw } from './status.ts'
import type { AccessApplication } from './v1alpha1/access-application.ts'

/** Applications as they were when they were last valid, by `namespace/name`. */
export type LastKnown = ReadonlyMap<string, AccessApplication>

/** What is known of applications that cannot be read now. */
export interface Recollection {
  /** For the next set. */
  readonly lastKnown: LastKnown
  /** Of an entry that is not valid: what it was when it last was. */
  readonly of: (entry: Entry) => AccessApplication | undefined
  /** Those that are not there under their name, but may be what something that cannot be read was to be. */
  readonly missing: readonly AccessApplication[]
  /** Tells the author of an entry what is shut because of it, besides what can be read of it. */
  readonly flawsOf: (entry: Entry) => Flaw[]
}

/**
 * Remembers what applications were, for as long as they are there and not valid. One that is gone is forgotten, since
 * deleting is deliberate. In files it is not forgotten while something that nobody knows and that is not valid may be it.
 *
 * @param before what was known after the last set
 * @param set.isWhole whether every file of this set could be read
 */
export function recollect(
  before: LastKnown,
  inventory: Inventory,
  { isWhole, objectsFrom }: { readonly isWhole: boolean; readonly objectsFrom: ObjectsFrom },
): Recollection {
  const lastKnown = new Map<string, AccessApplication>()
  const remembered = new Map<Entry, AccessApplication>()
  const strays = new Set([...inventory.strangers.values()].filter(mayProtect))
  for (const [key, entry] of inventory.AccessApplication) {
    const known = entry.object ?? before.get(key)
    if (entry.object === undefined && (known === undefined || entry.sources.length > 1)) strays.add(entry)
    if (known === undefined) continue
    lastKnown.set(key, known)
    if (entry.object === undefined) remembered.set(entry, known)
  }
  const isClear = objectsFrom === 'ApiServer' || (isWhole && strays.size === 0)
  const missing = isClear ? [] : [...before].filter(([key]) => !inventory.AccessApplication.has(key))
  for (const [key, known] of missing) lastKnown.set(key, known)
  return {
    lastKnown,
    of: (entry) => remembered.get(entry),
    missing: missing.map(([, known]) => known),
    flawsOf(entry) {
      const known = remembered.get(entry)
      const keys = missing.map(([key]) => key).join(', ')
      return [
        ...(known === undefined ? [] : [invalid(`until it is mended, ${placesOf(known)} stays shut, as it last was`)]),
        ...(strays.has(entry) && keys !== '' ? [invalid(`it may be what is gone and stays shut: ${keys}`)] : []),
      ]
    },
  }
}

/** An entry for an application that is not there under its name. */
export function missingEntry({ kind, metadata: { namespace, name } }: AccessApplication): Entry {
  return { kind, namespace, name, object: undefined, flaws: [], sources: [] }
}

function placesOf({ spec: { destinations } }: AccessApplication): string {
  return destinations.map(({ host, path }) => `${host}${path}`).join(', ')
}

function invalid(message: string): Flaw {
  return { reason: 'Invalid', message }
}

function mayProtect({ sources }: Entry): boolean {
  return sources.some((source) => source.mayProtect)
}

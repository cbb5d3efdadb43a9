import type { Revocation, RevocationScope } from './revocation.ts'

/** One revocation as the view keeps it. Of several for one scope only the latest is kept, so it changes. */
export interface Moment {
  readonly key: string
  readonly of: Moments
  atMs: number
  expiresAtMs: number
  /** Number of the reading of the store in which it was found there. */
  heldIn: number
}

/** The revocations of one kind of scope, by what they name. */
export interface Moments {
  /** The moment up to which things issued to the key count no more; minus infinity if there is none. */
  at(key: string): number
  get(key: string): Moment | undefined
  put(moment: Moment): void
  delete(key: string): void
  values(): Iterable<Moment>
  scopeOf(key: string): RevocationScope
}

/** A Map that has grown large stops the process while it grows; so many of them grow one after the other. */
const SHARDS = 128

export function createMoments(scopeOf: (key: string) => RevocationScope): Moments {
  const shards: Map<string, Moment>[] = []
  let size = 0

  function get(key: string): Moment | undefined {
    return size === 0 ? undefined : shards[shardOf(key)]?.get(key)
  }

  function* values(): Generator<Moment> {
    for (const shard of shards) if (shard !== undefined) yield* shard.values()
  }

  return {
    at: (key) => get(key)?.atMs ?? Number.NEGATIVE_INFINITY,
    get,
    put(moment) {
      const index = shardOf(moment.key)
      const shard = shards[index] ?? new Map<string, Moment>()
      shards[index] = shard
      if (!shard.has(moment.key)) size += 1
      shard.set(moment.key, moment)
    },
    delete(key) {
      if (shards[shardOf(key)]?.delete(key) === true) size -= 1
    },
    values,
    scopeOf,
  }
}

export function revocationOf({ key, of, atMs, expiresAtMs }: Moment): Revocation {
  return { scope: of.scopeOf(key), atMs, expiresAtMs }
}

/** Looks at a few characters alone, spread over the text: hashes differ everywhere, addresses before their domain. */
function shardOf(key: string): number {
  const { length } = key
  const hash = (key.charCodeAt(length - 1) * 31 + key.charCodeAt(length >> 1)) * 31 + key.charCodeAt(length >> 2)
  return (hash * 31 + key.charCodeAt(0) + length) & (SHARDS - 1)
}

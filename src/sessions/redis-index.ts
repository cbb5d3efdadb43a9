import type { RedisConnection } from '../redis/connection.ts'
import { UnreadableKeyError } from '../redis/failure.ts'
import { cursorOf, isBehind, LATEST_EXPIRY_MS, type ListPlace } from './page-cursor.ts'
import type { Session } from './session.ts'
import { isSid } from './session-id.ts'
import type { SessionFilter } from './session-store.ts'

/** Which sids belong together, each with its session's expiry. Nothing but lists for people rests on it. */
export interface SessionIndex {
  add(filter: SessionFilter, entry: ListPlace): Promise<void>
  remove(filter: SessionFilter, sids: readonly string[]): Promise<void>
  /** At most `limit` places behind another, in the order of a list, and the cursor to what follows them. */
  page(
    filter: SessionFilter,
    after: ListPlace | undefined,
    limit: number,
  ): Promise<{ readonly places: readonly ListPlace[]; readonly next: string | undefined }>
  count(filter: SessionFilter): Promise<number>
}

/**
 * Adds an entry, takes some of those away that have expired, and lets the key live as long as its longest entry. A bounded
 * number at a time: after a quiet night a million may have expired at once.
 */
const ADD = `
redis.call('ZADD', KEYS[1], ARGV[1], ARGV[2])
local over = redis.call('ZRANGE', KEYS[1], '-inf', ARGV[3], 'BYSCORE', 'LIMIT', 0, 100)
if #over > 0 then redis.call('ZREM', KEYS[1], unpack(over)) end
redis.call('PEXPIRE', KEYS[1], ARGV[4], 'NX')
redis.call('PEXPIRE', KEYS[1], ARGV[4], 'GT')
`

/** Reads of one page: more are needed only where very many sessions expire in the same millisecond. */
const MAX_READS = 100

/**
 * The lists that sessions stand in, as sorted sets by expiry under `<prefix>v2:sessions:…`. Each step is about one key, so
 * that the keys may lie anywhere in a Cluster.
 */
export function redisSessionIndex(context: {
  readonly redis: RedisConnection
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly keyPrefix: string
  /** Called for a key that holds something else than a sorted set. */
  readonly reportUnreadable: () => void
}): SessionIndex {
  const { redis, now, keyPrefix, reportUnreadable } = context
  const keyOf = (filter: SessionFilter) => `${keyPrefix}v2:sessions:${listName(filter)}`

  /** What a call answers, or `otherwise` if the key holds another type of value. */
  async function readable<Result>(call: Promise<Result>, otherwise: Result): Promise<Result> {
    try {
      return await call
    } catch (error) {
      if (!(error instanceof UnreadableKeyError)) throw error
      reportUnreadable()
      return otherwise
    }
  }

  async function addEntry(key: string, { expiresAtMs, sid }: ListPlace): Promise<true> {
    const at = now()
    const lifeMs = Math.ceil(expiresAtMs - at)
    await redis.call('session-index-add', (commands) => commands.eval(ADD, 1, key, expiresAtMs, sid, at, lifeMs))
    return true
  }

  async function read(key: string, from: number, offset: number, count: number): Promise<ListPlace[]> {
    const reply = redis.call('session-index-read', (commands) =>
      commands.zrange(key, from, `(${now()}`, 'BYSCORE', 'REV', 'LIMIT', offset, count, 'WITHSCORES'),
    )
    return placesIn(await readable(reply, []))
  }

  return {
    async add(filter, entry) {
      const key = keyOf(filter)
      if (await readable(addEntry(key, entry), false)) return
      await redis.call('session-index-remove', (commands) => commands.del(key))
      await addEntry(key, entry)
    },
    async remove(filter, sids) {
      if (sids.length === 0) return
      await readable(
        redis.call('session-index-remove', (commands) => commands.zrem(keyOf(filter), ...sids)),
        0,
      )
    },
    async page(filter, after, limit) {
      const places: ListPlace[] = []
      for (let reads = 0; reads < MAX_READS && places.length <= limit; reads += 1) {
        const found = await read(keyOf(filter), after?.expiresAtMs ?? LATEST_EXPIRY_MS, reads * (limit + 1), limit + 1)
        places.push(...found.filter((place) => isSid(place.sid) && isBehind(place, after)))
        if (found.length <= limit) break
      }
      const here = places.slice(0, limit)
      const last = here.at(-1)
      return { places: here, next: last === undefined || places.length <= limit ? undefined : cursorOf(last) }
    },
    count: (filter) =>
      readable(
        redis.call('session-index-count', (commands) => commands.zcount(keyOf(filter), `(${now()}`, LATEST_EXPIRY_MS)),
        0,
      ),
  }
}

/** The lists that a session stands in by what it is. */
export function listsOf({ identity }: Session): readonly SessionFilter[] {
  const { subject, email, provider } = identity
  return [{ subject }, ...(email === undefined ? [] : [{ email }]), { provider }, { all: true }]
}

function listName(filter: SessionFilter): string {
  if ('subject' in filter) return `subject:${filter.subject}`
  if ('email' in filter) return `email:${filter.email}`
  if ('provider' in filter) return `provider:${filter.provider}`
  return 'all' in filter ? 'all' : `application:${filter.application}`
}

/** @param reply members and scores in turn */
function placesIn(reply: readonly string[]): ListPlace[] {
  const places: ListPlace[] = []
  for (let index = 0; index + 1 < reply.length; index += 2) {
    places.push({ sid: reply[index] ?? '', expiresAtMs: Number(reply[index + 1]) })
  }
  return places
}

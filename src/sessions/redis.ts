import type { Events } from '../observe/events.ts'
import { ignoreUnavailable } from '../policy/errors.ts'
import type { RedisConnection } from '../redis/connection.ts'
import { replyCode } from '../redis/failure.ts'
import { STAMP_MAX_BYTES, type Stamps } from '../tokens/stamp.ts'
import { startOf } from './page-cursor.ts'
import { listsOf, redisSessionIndex } from './redis-index.ts'
import { decodeSession, encodeSession, SESSION_RECORD_MAX_BYTES, type Session, type StoredSession } from './session.ts'
import { newestFirst, type SessionFilter, type SessionStore } from './session-store.ts'

/** How many records are asked for at once when sessions are gathered. */
const BATCH = 100

const STAMPED_MAX_BYTES = SESSION_RECORD_MAX_BYTES + STAMP_MAX_BYTES

/** Most digits of a moment in milliseconds. */
const SEEN_MAX_BYTES = 15

/** Writes down a later moment, unless another replica has written one lately, or somebody else something else. */
const TOUCH = `
local seen = redis.pcall('GETRANGE', KEYS[1], 0, 15)
local seenAt = type(seen) == 'string' and tonumber(seen) or 0
if seenAt > tonumber(ARGV[2]) and seenAt <= tonumber(ARGV[3]) then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[4])
return 1
`

/** Replaces a record that is there, and has one of some texts in it if any are given. */
const UPDATE = `
local record = redis.pcall('GETRANGE', KEYS[1], 0, ${STAMPED_MAX_BYTES})
if type(record) ~= 'string' or record == '' then return 0 end
local isHeld = #ARGV == 2
for index = 3, #ARGV do isHeld = isHeld or string.find(record, ARGV[index], 1, true) ~= nil end
if not isHeld then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
`

/**
 * Keeps sessions in Redis: a record for each under `<prefix>v2:session:{<sid>}`, when it was last seen under
 * `<prefix>v2:seen:{<sid>}`, and lists by person, address, provider and application. No step touches keys of two hash tags,
 * so it works in a Cluster. Records carry our stamp: what somebody else wrote counts as absent. Redis drops what has expired; whether a session still counts is said by `now`.
 */
export function redisSessionStore(context: {
  readonly redis: RedisConnection
  readonly events: Pick<Events, 'storeRecordUnreadable'>
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly keyPrefix: string
  readonly stamps: Stamps
}): SessionStore {
  const { redis, events, now, keyPrefix, stamps } = context
  const recordKey = (sid: string) => `${keyPrefix}v2:session:{${sid}}`
  const seenKey = (sid: string) => `${keyPrefix}v2:seen:{${sid}}`
  const index = redisSessionIndex({ ...context, reportUnreadable: () => reportUnreadable('index-not-a-sorted-set') })

  function reportUnreadable(problem: string): undefined {
    events.storeRecordUnreadable({ kind: 'session', problem })
  }

  async function find(sid: string): Promise<StoredSession | undefined> {
    // One byte more than there may be shows that it is too much, without fetching all of it.
    const [record, seen] = await redis.call('session-find', (commands) =>
      Promise.all([
        unlessOtherType(commands.getrangeBuffer(recordKey(sid), 0, STAMPED_MAX_BYTES)),
        unlessOtherType(commands.getrangeBuffer(seenKey(sid), 0, SEEN_MAX_BYTES)),
      ]),
    )
    if (record === undefined) return reportUnreadable('record-not-text')
    if (record.length === 0) return undefined
    if (record.length > STAMPED_MAX_BYTES) return reportUnreadable('too-large')
    const text = stamps.read('session', recordKey(sid), record.toString())
    if (text === undefined) return reportUnreadable('not-stamped')
    const decoded = decodeSession(text, sid)
    if ('problem' in decoded) return reportUnreadable(decoded.problem)
    const { session } = decoded
    if (session.expiresAtMs <= now()) return undefined
    return { ...session, lastSeenAtMs: Math.max(session.createdAtMs, seenAt(seen, session.expiresAtMs)) }
  }

  /** What cannot be read counts as never seen. */
  function seenAt(seen: Buffer | undefined, expiresAtMs: number): number {
    if (seen?.length === 0) return 0
    const text = seen?.toString() ?? ''
    if (/^\d{1,15}$/.test(text) && Number(text) <= expiresAtMs) return Number(text)
    reportUnreadable('seen-not-a-time')
    return 0
  }

  function recordOf(session: Session): string {
    return stamps.mark('session', recordKey(session.sid), encodeSession(session).record)
  }

  async function removeRecord(sid: string): Promise<boolean> {
    return (await redis.call('session-remove', (commands) => commands.del(recordKey(sid)))) === 1
  }

  async function enlist(session: Session): Promise<void> {
    const { sid, expiresAtMs } = session
    await Promise.all(listsOf(session).map((list) => index.add(list, { sid, expiresAtMs })))
  }

  /** What belongs to a session that is no more. The rest goes by itself: an entry without a session leads nowhere. */
  async function clearUp(session: Session): Promise<void> {
    const { sid } = session
    const seen = redis.call('session-remove', (commands) => commands.del(seenKey(sid)))
    const removals = [seen, ...listsOf(session).map((list) => index.remove(list, [sid]))]
    await Promise.all(removals.map((removal) => removal.catch(ignoreUnavailable)))
  }

  async function gather(filter: SessionFilter, sids: readonly string[]): Promise<StoredSession[]> {
    const sessions: StoredSession[] = []
    const strays: string[] = []
    for (let start = 0; start < sids.length; start += BATCH) {
      const batch = sids.slice(start, start + BATCH)
      const found = await Promise.all(batch.map(find))
      for (const [at, sid] of batch.entries()) {
        const session = found[at]
        if (session !== undefined && belongs(session, filter)) sessions.push(session)
        else strays.push(sid)
      }
    }
    await index.remove(filter, strays).catch(ignoreUnavailable)
    return sessions.sort(newestFirst)
  }

  async function list(...[filter, page]: Parameters<SessionStore['list']>) {
    const { places, next } = await index.page(filter, startOf(page), page.limit)
    const sids = places.map(({ sid }) => sid)
    return { sessions: await gather(filter, sids), next }
  }

  return {
    find,
    list,
    async save(session) {
      const record = recordOf(session)
      const lifeMs = Math.ceil(session.expiresAtMs - now())
      if (lifeMs <= 0) {
        await removeRecord(session.sid)
        return
      }
      // The lists last, so that whoever finds an entry without a session may take the entry away.
      await redis.call('session-save', (commands) => commands.set(recordKey(session.sid), record, 'PX', lifeMs))
      await enlist(session)
    },
    async update(session, held = []) {
      const record = recordOf(session)
      const lifeMs = Math.ceil(session.expiresAtMs - now())
      if (lifeMs <= 0) return false
      // As they stand in the record, quotes and all.
      const texts = held.map((token) => JSON.stringify(token))
      const reply = await redis.call('session-update', (commands) =>
        commands.eval(UPDATE, 1, recordKey(session.sid), record, lifeMs, ...texts),
      )
      if (reply !== 1) return false
      await enlist(session).catch(ignoreUnavailable)
      return true
    },
    async touch(sid, atMs, { expiresAtMs, unlessSeenAfterMs }) {
      const lifeMs = Math.ceil(expiresAtMs - now())
      if (lifeMs <= 0) return
      const at = Math.floor(atMs)
      await redis.call('session-touch', (commands) =>
        commands.eval(TOUCH, 1, seenKey(sid), at, unlessSeenAfterMs, expiresAtMs, lifeMs),
      )
    },
    async noteApplication(sid, application, expiresAtMs) {
      if (expiresAtMs > now()) await index.add({ application }, { sid, expiresAtMs })
    },
    async remove(sid) {
      const session = await find(sid)
      const isRemoved = await removeRecord(sid)
      if (session === undefined) return false
      await clearUp(session)
      return isRemoved
    },
    countBySubject: (subject) => index.count({ subject }),
  }
}

/** An index is a hint: a session that has become somebody else's, or was written there by somebody, is not listed. */
function belongs({ identity }: Session, filter: SessionFilter): boolean {
  if ('subject' in filter) return identity.subject === filter.subject
  if ('email' in filter) return identity.email === filter.email
  return !('provider' in filter) || identity.provider === filter.provider
}

/** What a command answers, or undefined if the key holds another type of value. */
async function unlessOtherType<Result>(reply: Promise<Result>): Promise<Result | undefined> {
  try {
    return await reply
  } catch (error) {
    if (replyCode(error) === 'WRONGTYPE') return undefined
    throw error
  }
}

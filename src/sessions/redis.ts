import type { Events } from '../observe/events.ts'
import { StoreUnavailableError } from '../policy/errors.ts'
import type { RedisConnection } from '../redis/connection.ts'
import { UnreadableKeyError } from '../redis/failure.ts'
import { decodeSession, encodeSession, SESSION_RECORD_MAX_BYTES, type Session } from './session.ts'
import { newestFirst, type SessionStore } from './session-store.ts'

/** How many records are asked for at once when a person's sessions are gathered. */
const BATCH = 100

/**
 * Keeps sessions in Redis: a record for each under `<prefix>session:<sid>`, and for each person a sorted set of sids by
 * expiry under `<prefix>user:<subject>`. No step touches two keys at once, so the keys may lie anywhere in a Cluster, and
 * nothing rests on the set being complete. Redis drops what has expired; whether a session still counts is said by `now`.
 */
export function redisSessionStore(context: {
  readonly redis: RedisConnection
  readonly events: Pick<Events, 'storeRecordUnreadable'>
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly keyPrefix: string
}): SessionStore {
  const { redis, events, now, keyPrefix } = context
  const recordKey = (sid: string) => `${keyPrefix}session:${sid}`
  const indexKey = (subject: string) => `${keyPrefix}user:${subject}`

  function reportUnreadable(problem: string): undefined {
    events.storeRecordUnreadable({ kind: 'session', problem })
  }

  async function find(sid: string): Promise<Session | undefined> {
    // One byte more than a record may have shows that it is too large, without fetching all of it.
    const bytes = await unlessUnreadable(
      redis.call('session-find', (commands) => commands.getrangeBuffer(recordKey(sid), 0, SESSION_RECORD_MAX_BYTES)),
    )
    if (bytes === undefined) return reportUnreadable('record-not-text')
    if (bytes.length === 0) return undefined
    const decoded = decodeSession(bytes.toString(), sid)
    if ('problem' in decoded) return reportUnreadable(decoded.problem)
    return decoded.session.expiresAtMs > now() ? decoded.session : undefined
  }

  async function removeRecord(sid: string): Promise<boolean> {
    return (await redis.call('session-remove', (commands) => commands.del(recordKey(sid)))) === 1
  }

  function addToIndex({ sid, identity, expiresAtMs }: Session, lifeMs: number): Promise<void> {
    const key = indexKey(identity.subject)
    return redis.call('session-index-add', async (commands) => {
      const replies = await commands
        .multi()
        .zadd(key, expiresAtMs, sid)
        .zremrangebyscore(key, '-inf', now())
        .pexpire(key, lifeMs, 'NX')
        .pexpire(key, lifeMs, 'GT')
        .exec()
      for (const [error] of replies ?? []) if (error !== null) throw error
    })
  }

  async function listed(subject: string): Promise<string[]> {
    const sids = await unlessUnreadable(
      redis.call('session-index-read', (commands) =>
        commands.zrange(indexKey(subject), `(${now()}`, '+inf', 'BYSCORE'),
      ),
    )
    if (sids === undefined) reportUnreadable('index-not-a-sorted-set')
    return sids ?? []
  }

  async function removeFromIndex(subject: string, sids: readonly string[]): Promise<void> {
    if (sids.length === 0) return
    const removal = unlessUnreadable(
      redis.call('session-index-remove', (commands) => commands.zrem(indexKey(subject), ...sids)),
    )
    // The sessions are gone; an entry that stays leads nowhere and goes with a later write.
    await removal.catch(ignoreUnavailable)
  }

  async function liveSessions(subject: string): Promise<Session[]> {
    const sids = await listed(subject)
    const sessions: Session[] = []
    for (let start = 0; start < sids.length; start += BATCH) {
      for (const session of await Promise.all(sids.slice(start, start + BATCH).map(find))) {
        if (session?.identity.subject === subject) sessions.push(session)
      }
    }
    return sessions.sort(newestFirst)
  }

  return {
    find,
    async save(session) {
      const { record } = encodeSession(session)
      const lifeMs = Math.ceil(session.expiresAtMs - now())
      if (lifeMs <= 0) {
        await removeRecord(session.sid)
        return
      }
      // The index first: an entry without a session leads nowhere, a session without an entry could not be listed.
      await addToIndex(session, lifeMs).catch(async (error: unknown) => {
        if (!(error instanceof UnreadableKeyError)) throw error
        reportUnreadable('index-not-a-sorted-set')
        await redis.call('session-index-remove', (commands) => commands.del(indexKey(session.identity.subject)))
        await addToIndex(session, lifeMs)
      })
      await redis.call('session-save', (commands) => commands.set(recordKey(session.sid), record, 'PX', lifeMs))
    },
    async remove(sid) {
      const session = await find(sid)
      const isRemoved = await removeRecord(sid)
      if (session === undefined) return false
      await removeFromIndex(session.identity.subject, [sid])
      return isRemoved
    },
    listBySubject: liveSessions,
    async removeBySubject(subject) {
      const sessions = await liveSessions(subject)
      const ended: string[] = []
      for (let start = 0; start < sessions.length; start += BATCH) {
        const batch = sessions.slice(start, start + BATCH).map(({ sid }) => sid)
        const removals = await Promise.all(batch.map(removeRecord))
        ended.push(...batch.filter((_, index) => removals[index]))
        await removeFromIndex(subject, batch)
      }
      return ended
    },
  }
}

/** What a call answers, or undefined if the key holds another type of value. */
async function unlessUnreadable<Result>(call: Promise<Result>): Promise<Result | undefined> {
  try {
    return await call
  } catch (error) {
    if (error instanceof UnreadableKeyError) return undefined
    throw error
  }
}

function ignoreUnavailable(error: unknown): undefined {
  if (!(error instanceof StoreUnavailableError)) throw error
}

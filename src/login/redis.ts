import type { Events } from '../observe/events.ts'
import type { RedisConnection } from '../redis/connection.ts'
import { UnreadableKeyError } from '../redis/failure.ts'
import { STAMP_MAX_BYTES, type Stamps } from '../tokens/stamp.ts'
import {
  assertCodeRecordSize,
  CODE_RECORD_MAX_BYTES,
  CodeNotStorableError,
  type CodeStore,
  isCodeRecordSize,
} from './code-store.ts'

/**
 * Keeps codes in Redis, under `<prefix>v2:code:<key>`. Redis alone says when one expires, since the replica that takes a code
 * may have another clock than the one that put it. Records carry our stamp: what somebody else wrote counts as absent.
 */
export function redisCodeStore(context: {
  readonly redis: RedisConnection
  readonly events: Pick<Events, 'storeRecordUnreadable'>
  readonly keyPrefix: string
  readonly stamps: Stamps
}): CodeStore {
  const { redis, events, keyPrefix, stamps } = context
  const keyOf = (key: string) => `${keyPrefix}v2:code:${key}`

  function reportUnreadable(problem: string): undefined {
    events.storeRecordUnreadable({ kind: 'code', problem })
  }

  function kept(key: string, record: string, ttlSeconds: number): { stamped: string; lifeMs: number } {
    assertCodeRecordSize(record)
    return { stamped: stamps.mark('code', keyOf(key), record), lifeMs: Math.ceil(ttlSeconds * 1000) }
  }

  return {
    async put(key, record, ttlSeconds) {
      const { stamped, lifeMs } = kept(key, record, ttlSeconds)
      const reply = await redis.call('code-put', (commands) => commands.set(keyOf(key), stamped, 'PX', lifeMs, 'NX'))
      if (reply === null) throw new CodeNotStorableError('key-in-use')
    },
    async replace(key, record, ttlSeconds) {
      const { stamped, lifeMs } = kept(key, record, ttlSeconds)
      await redis.call('code-replace', (commands) => commands.set(keyOf(key), stamped, 'PX', lifeMs))
    },
    async take(key) {
      try {
        const stamped = await redis.call('code-take', (commands) => commands.getdel(keyOf(key)))
        if (stamped === null) return undefined
        if (stamped.length > CODE_RECORD_MAX_BYTES + STAMP_MAX_BYTES) return reportUnreadable('too-large')
        const record = stamps.read('code', keyOf(key), stamped)
        if (record === undefined) return reportUnreadable('not-stamped')
        return isCodeRecordSize(record) ? record : reportUnreadable('too-large')
      } catch (error) {
        if (error instanceof UnreadableKeyError) return reportUnreadable('record-not-text')
        throw error
      }
    },
  }
}

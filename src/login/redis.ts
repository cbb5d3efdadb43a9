import type { Events } from '../observe/events.ts'
import type { RedisConnection } from '../redis/connection.ts'
import { UnreadableKeyError } from '../redis/failure.ts'
import { assertCodeRecordSize, CodeNotStorableError, type CodeStore, isCodeRecordSize } from './code-store.ts'

/**
 * Keeps codes in Redis, under `<prefix>code:<key>`. Redis alone says when one expires, since the replica that takes a code
 * may have another clock than the one that put it.
 */
export function redisCodeStore(context: {
  readonly redis: RedisConnection
  readonly events: Pick<Events, 'storeRecordUnreadable'>
  readonly keyPrefix: string
}): CodeStore {
  const { redis, events, keyPrefix } = context
  const keyOf = (key: string) => `${keyPrefix}code:${key}`

  function reportUnreadable(problem: string): undefined {
    events.storeRecordUnreadable({ kind: 'code', problem })
  }

  return {
    async put(key, record, ttlSeconds) {
      assertCodeRecordSize(record)
      const lifeMs = Math.ceil(ttlSeconds * 1000)
      const reply = await redis.call('code-put', (commands) => commands.set(keyOf(key), record, 'PX', lifeMs, 'NX'))
      if (reply === null) throw new CodeNotStorableError('key-in-use')
    },
    async take(key) {
      try {
        const record = await redis.call('code-take', (commands) => commands.getdel(keyOf(key)))
        if (record === null) return undefined
        return isCodeRecordSize(record) ? record : reportUnreadable('too-large')
      } catch (error) {
        if (error instanceof UnreadableKeyError) return reportUnreadable('record-not-text')
        throw error
      }
    },
  }
}

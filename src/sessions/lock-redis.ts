import type { RedisConnection } from '../redis/connection.ts'
import { UnreadableKeyError } from '../redis/failure.ts'
import type { LockStore } from './lock.ts'

const PROLONG = `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end return 0`
const FREE = `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0`

/**
 * Locks among all replicas, in Redis under `<prefix>v2:lock:{<sid>}`. One that a failover loses is held twice: whoever relies
 * on a lock has to bear that.
 */
export function redisLockStore(context: { readonly redis: RedisConnection; readonly keyPrefix: string }): LockStore {
  const { redis, keyPrefix } = context
  const keyOf = (sid: string) => `${keyPrefix}v2:lock:{${sid}}`

  return {
    async take(sid, holder, lifeMs) {
      const reply = await redis.call('session-lock', (commands) =>
        commands.set(keyOf(sid), holder, 'PX', Math.ceil(lifeMs), 'NX'),
      )
      return reply !== null
    },
    prolong: (sid, holder, lifeMs) =>
      ours(
        redis.call('session-lock-prolong', (commands) =>
          commands.eval(PROLONG, 1, keyOf(sid), holder, Math.ceil(lifeMs)),
        ),
      ),
    async free(sid, holder) {
      await ours(redis.call('session-lock-free', (commands) => commands.eval(FREE, 1, keyOf(sid), holder)))
    },
  }
}

/** What somebody else wrote there, of whatever type, is not our lock. */
async function ours(reply: Promise<unknown>): Promise<boolean> {
  try {
    return (await reply) === 1
  } catch (error) {
    if (error instanceof UnreadableKeyError) return false
    throw error
  }
}

import { randomBytes } from 'node:crypto'
import type { Config } from './config/schema.ts'
import type { CodeStore } from './login/code-store.ts'
import { memoryCodeStore } from './login/memory.ts'
import { redisCodeStore } from './login/redis.ts'
import type { Events } from './observe/events.ts'
import { connectRedis } from './redis/connection.ts'
import type { RevocationLog } from './revocation/log.ts'
import { memoryRevocationLog } from './revocation/memory.ts'
import { redisRevocationLog, revocationKey } from './revocation/redis.ts'
import type { StoreClock } from './revocation/store-clock.ts'
import type { LockStore } from './sessions/lock.ts'
import { memoryLockStore } from './sessions/lock-memory.ts'
import { redisLockStore } from './sessions/lock-redis.ts'
import { memorySessionStore } from './sessions/memory.ts'
import { redisSessionStore } from './sessions/redis.ts'
import type { SessionStore } from './sessions/session-store.ts'
import type { Stamps } from './tokens/stamp.ts'

/** What is kept in Redis, or in this process where the configuration says so. */
export interface Stores {
  readonly sessions: SessionStore
  readonly codes: CodeStore
  readonly locks: LockStore
  readonly revocations: RevocationLog
  readonly close: () => Promise<void>
}

export interface StorePorts {
  readonly events: Events
  readonly clock: StoreClock
  readonly stamps: Stamps
}

/** Opens the stores; one that does not answer does not hinder the start. */
export async function openStores({ store }: Config, { events, clock, stamps }: StorePorts): Promise<Stores> {
  const { now } = clock
  const monotonicMs = () => performance.now()
  if (store.type === 'Memory') {
    events.storeAvailability({ isAvailable: true, detail: 'memory' })
    return {
      sessions: memorySessionStore({ now }),
      codes: memoryCodeStore({ now }),
      locks: memoryLockStore({ now: monotonicMs }),
      revocations: memoryRevocationLog({ now: Date.now }),
      close: async () => undefined,
    }
  }
  const redis = connectRedis(store.redis, { events, now: monotonicMs, random: Math.random })
  const { keyPrefix, replicasToAcknowledge } = store.redis
  const key = revocationKey(keyPrefix, 'stream')
  const scripts = redis.openLink(key)
  const tail = redis.openLink(key)
  await redis.settled()
  return {
    sessions: redisSessionStore({ redis, events, now, keyPrefix, stamps }),
    codes: redisCodeStore({ redis, events, keyPrefix, stamps }),
    locks: redisLockStore({ redis, keyPrefix }),
    revocations: redisRevocationLog({
      scripts,
      tail,
      keyPrefix,
      replicasToAcknowledge,
      clock,
      now,
      monotonicMs,
      newName: () => randomBytes(16).toString('hex'),
      events,
    }),
    close: async () => {
      await Promise.all([scripts.close(), tail.close()])
      await redis.close()
    },
  }
}

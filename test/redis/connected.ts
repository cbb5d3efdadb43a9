import { connectRedis, type RedisConnection, type RedisSettings } from '../../src/redis/connection.ts'
import { type RecordedEvents, recordedEvents } from './recorded-events.ts'

/** A connection to a server on this machine, with its events, once it is known whether it can be reached. */
export async function connected(
  settings: Partial<RedisSettings> & Pick<RedisSettings, 'port'>,
  events: RecordedEvents = recordedEvents(),
): Promise<{ redis: RedisConnection; events: RecordedEvents } & AsyncDisposable> {
  const redis = connectRedis(
    { host: '127.0.0.1', ...settings },
    { events, now: () => performance.now(), random: Math.random },
  )
  await redis.settled()
  return { redis, events, [Symbol.asyncDispose]: () => redis.close() }
}

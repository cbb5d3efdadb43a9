import { connectRedis, type RedisConnection } from '../../src/redis/connection.ts'
import type { AccessSettings, RedisSettings, ServerSettings } from '../../src/redis/settings.ts'
import { type RecordedEvents, recordedEvents } from './recorded-events.ts'

/** Longer than a call may take by default: on a busy machine nothing is promised within a tenth of a second. */
const PATIENT_MS = 500

export interface Connected extends AsyncDisposable {
  readonly redis: RedisConnection
  readonly events: RecordedEvents
}

/** A connection to a server on this machine, with its events, once it is known whether it can be reached. */
export function connected(
  settings: AccessSettings & Partial<ServerSettings> & Pick<ServerSettings, 'port'>,
  events: RecordedEvents = recordedEvents(),
): Promise<Connected> {
  return connectedTo({ host: '127.0.0.1', ...settings }, events)
}

/** A connection to Redis in any form, with its events, once it is known whether it can be reached. */
export async function connectedTo(
  settings: RedisSettings,
  events: RecordedEvents = recordedEvents(),
): Promise<Connected> {
  const redis = connectRedis(
    { commandTimeoutMs: PATIENT_MS, ...settings },
    { events, now: () => performance.now(), random: Math.random },
  )
  await redis.settled()
  return { redis, events, [Symbol.asyncDispose]: () => redis.close() }
}

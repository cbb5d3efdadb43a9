import { randomUUID } from 'node:crypto'
import type { RedisSettings } from '../../src/redis/settings.ts'
import type { RevocationLog } from '../../src/revocation/log.ts'
import { redisRevocationLog } from '../../src/revocation/redis.ts'
import { connectedTo } from '../redis/connected.ts'
import { type DoubtedLink, openDoubtedLink } from './doubted-link.ts'
import { type RecordedRevocationEvents, recordedRevocationEvents } from './recorded.ts'

/** A log on a real server, with the links that it goes by. */
export interface RedisLog extends AsyncDisposable {
  readonly log: RevocationLog
  readonly scripts: DoubtedLink
  readonly tail: DoubtedLink
  readonly events: RecordedRevocationEvents
}

export async function redisLog(options: {
  /** A port of this machine, or any form of Redis. */
  readonly at: number | RedisSettings
  readonly keyPrefix?: string
  readonly replicasToAcknowledge?: number | undefined
  readonly lowerBound?: () => number
  readonly events?: RecordedRevocationEvents
}): Promise<RedisLog> {
  const { at, keyPrefix = 'gatehouse:', replicasToAcknowledge, lowerBound = () => 0 } = options
  const events = options.events ?? recordedRevocationEvents()
  const { redis } = await connectedTo(typeof at === 'number' ? { host: '127.0.0.1', port: at } : at)
  const [scripts, tail] = [openDoubtedLink(redis, keyPrefix), openDoubtedLink(redis, keyPrefix)]
  const log = redisRevocationLog({
    scripts,
    tail,
    keyPrefix,
    replicasToAcknowledge,
    clock: { lowerBound },
    now: () => Date.now(),
    monotonicMs: () => performance.now(),
    newName: () => randomUUID().replaceAll('-', ''),
    events,
  })
  return {
    log,
    scripts,
    tail,
    events,
    async [Symbol.asyncDispose]() {
      await Promise.all([scripts.close(), tail.close(), redis.close()])
    },
  }
}

import type { RedisConnection } from '../../src/redis/connection.ts'
import type { RedisLink } from '../../src/redis/link.ts'
import { revocationKey } from '../../src/revocation/redis.ts'

/** A link, and the power to take away its belief in the master. */
export interface DoubtedLink extends RedisLink {
  believe(isBelieved: boolean): void
}

export function openDoubtedLink(redis: RedisConnection, keyPrefix: string): DoubtedLink {
  const link = redis.openLink(revocationKey(keyPrefix, 'set'))
  let isBelieved = true
  return {
    ...link,
    isAuthoritative: () => isBelieved && link.isAuthoritative(),
    vouchedAtMs: () => (isBelieved ? link.vouchedAtMs() : undefined),
    believe(value) {
      isBelieved = value
    },
  }
}

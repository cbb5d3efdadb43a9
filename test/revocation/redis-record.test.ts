import { expect, test } from 'vitest'
import type { LinkCommands, RedisLink } from '../../src/redis/link.ts'
import { redisRevocationLog } from '../../src/revocation/redis.ts'
import { recordedRevocationEvents } from './recorded.ts'

/** A link that is made anew as soon as the first script has been sent, to a server whose one replica holds everything. */
function relinked(): RedisLink {
  let id = 1
  const commands = {
    async evalsha() {
      id = 2
      return [0, '1790000000000', '1790000100000', 'server', 1]
    },
    wait: async () => 1,
  } as unknown as LinkCommands
  return {
    run: (_operation, _timeoutMs, send) => send(commands),
    isAuthoritative: () => true,
    vouchedAtMs: () => Number.POSITIVE_INFINITY,
    connectionId: () => id,
    close: async () => undefined,
  }
}

test('a revocation that was sent on one connection is not safe because of what the next one says', async () => {
  const link = relinked()
  const log = redisRevocationLog({
    scripts: link,
    tail: link,
    keyPrefix: 'gatehouse:',
    replicasToAcknowledge: undefined,
    clock: { lowerBound: () => 0 },
    now: () => 1_790_000_000_000,
    monotonicMs: () => performance.now(),
    newName: () => 'name',
    events: recordedRevocationEvents(),
  })
  expect(await log.record({ kind: 'everybody' }, 100_000)).toMatchObject({ status: 'pending', holders: 0, wanted: 1 })
  expect(await log.record({ kind: 'everybody' }, 100_000)).toMatchObject({ status: 'accepted', holders: 1, wanted: 1 })
})

import type { LockStore } from '../../src/sessions/lock.ts'
import type { SimulatedLink } from './link.ts'
import { type RedisData, textAt } from './redis-data.ts'
import type { RedisServers } from './redis-servers.ts'

const TIMEOUT_MS = 100
const keyOf = (sid: string) => `lock:${sid}`

/** Locks at the simulated servers, which end by a server's clock. It stands in for `src/sessions/lock-redis.ts`. */
export function simulatedLocks(link: SimulatedLink, servers: RedisServers): LockStore {
  /** Writes if the lock is held by whom it has to be held by, and says whether it was. */
  function writeIf(
    sid: string,
    isMet: (holder: string | undefined) => boolean,
    next: (nowMs: number) => string | undefined,
  ): Promise<boolean> {
    const key = keyOf(sid)
    return link.do<boolean>(TIMEOUT_MS, (server, answer, fail) => {
      if (server.follows !== undefined) return fail('READONLY')
      const nowMs = servers.time(server)
      const isSo = isMet(holderIn(server.data, key, nowMs))
      if (isSo) {
        const text = next(nowMs)
        servers.write(server, (data) => (text === undefined ? data.delete(key) : data.set(key, text)))
      }
      answer(isSo)
    })
  }

  return {
    take: (sid, holder, lifeMs) =>
      writeIf(
        sid,
        (other) => other === undefined,
        (nowMs) => `${holder} ${nowMs + lifeMs}`,
      ),
    prolong: (sid, holder, lifeMs) =>
      writeIf(
        sid,
        (other) => other === holder,
        (nowMs) => `${holder} ${nowMs + lifeMs}`,
      ),
    async free(sid, holder) {
      await writeIf(
        sid,
        (other) => other === holder,
        () => undefined,
      )
    },
  }
}

function holderIn(data: RedisData, key: string, nowMs: number): string | undefined {
  const [holder, untilMs] = (textAt(data, key) ?? '').split(' ')
  return nowMs < Number(untilMs) ? holder : undefined
}

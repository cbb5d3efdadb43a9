import type { Session, StoredSession } from '../../src/sessions/session.ts'
import type { SessionStore } from '../../src/sessions/session-store.ts'
import type { SimulatedLink } from './link.ts'
import { textAt } from './redis-data.ts'
import type { RedisServers } from './redis-servers.ts'

const TIMEOUT_MS = 100
const keyOf = (sid: string) => `session:${sid}`

/** The part of a session store that is simulated. */
export type SimulatedSessions = Pick<SessionStore, 'find' | 'save' | 'touch' | 'remove'>

/** The part of a session store that a check and a login need, at the simulated servers. */
export function simulatedSessions(link: SimulatedLink, servers: RedisServers): SimulatedSessions {
  return {
    async find(sid) {
      const text = await link.do<string | null>(TIMEOUT_MS, (server, answer) => {
        answer(textAt(server.data, keyOf(sid)) ?? null)
      })
      if (text === null) return undefined
      const session: Session = JSON.parse(text)
      const stored: StoredSession = { ...session, lastSeenAtMs: session.createdAtMs }
      return stored
    },
    async save(session) {
      const text = JSON.stringify(session)
      await link.do(TIMEOUT_MS, (server, answer, fail) => {
        if (server.follows !== undefined) return fail('READONLY')
        servers.write(server, (data) => data.set(keyOf(session.sid), text))
        answer('OK')
      })
    },
    async remove(sid) {
      const removed = await link.do<number>(TIMEOUT_MS, (server, answer, fail) => {
        if (server.follows !== undefined) return fail('READONLY')
        const isThere = server.data.has(keyOf(sid))
        servers.write(server, (data) => data.delete(keyOf(sid)))
        answer(Number(isThere))
      })
      return removed === 1
    },
    async touch() {},
  }
}

import type { Session, StoredSession } from '../../src/sessions/session.ts'
import type { SessionStore } from '../../src/sessions/session-store.ts'
import type { SimulatedLink } from './link.ts'
import { type RedisData, textAt } from './redis-data.ts'
import type { RedisServers } from './redis-servers.ts'

const TIMEOUT_MS = 100
const keyOf = (sid: string) => `session:${sid}`

/** The session that some data holds, as it was written. */
export function sessionIn(data: RedisData, sid: string): Session | undefined {
  const text = textAt(data, keyOf(sid))
  return text === undefined ? undefined : JSON.parse(text)
}

/** Changes a session wherever it is written down, in one step. */
export function amendSession(servers: RedisServers, sid: string, change: (session: Session) => Session): void {
  for (const server of servers.all.filter(({ follows, isUp }) => follows === undefined && isUp)) {
    servers.write(server, (data) => {
      const session = sessionIn(data, sid)
      if (session !== undefined) data.set(keyOf(sid), JSON.stringify(change(session)))
    })
  }
}

/** The part of a session store that is simulated. */
export type SimulatedSessions = Pick<SessionStore, 'find' | 'save' | 'update' | 'touch' | 'remove'>

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
    async update(session) {
      const key = keyOf(session.sid)
      const text = JSON.stringify(session)
      return link.do<boolean>(TIMEOUT_MS, (server, answer, fail) => {
        if (server.follows !== undefined) return fail('READONLY')
        const isThere = server.data.has(key)
        if (isThere) servers.write(server, (data) => data.has(key) && data.set(key, text))
        answer(isThere)
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

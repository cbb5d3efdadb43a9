import { encodeSession, type Session } from './session.ts'
import { newestFirst, type SessionStore } from './session-store.ts'

const SWEEP_MS = 60_000

/** Keeps sessions in this process: for development, and for a single replica that may forget them when it stops. */
export function memorySessionStore({ now }: { readonly now: () => number }): SessionStore {
  const sessions = new Map<string, Session>()
  const bySubject = new Map<string, Set<string>>()
  let sweptAtMs = now()

  function forget(session: Session): void {
    sessions.delete(session.sid)
    const sids = bySubject.get(session.identity.subject)
    sids?.delete(session.sid)
    if (sids?.size === 0) bySubject.delete(session.identity.subject)
  }

  function live(sid: string): Session | undefined {
    const session = sessions.get(sid)
    return session !== undefined && session.expiresAtMs > now() ? session : undefined
  }

  function liveOf(subject: string): Session[] {
    return [...(bySubject.get(subject) ?? [])].map(live).filter((session) => session !== undefined)
  }

  function sweep(): void {
    if (now() - sweptAtMs < SWEEP_MS) return
    sweptAtMs = now()
    for (const session of sessions.values()) if (session.expiresAtMs <= sweptAtMs) forget(session)
  }

  return {
    async save(session) {
      sweep()
      const copy = encodeSession(session).session
      const previous = sessions.get(session.sid)
      if (previous !== undefined) forget(previous)
      if (copy.expiresAtMs <= now()) return
      sessions.set(copy.sid, copy)
      const sids = bySubject.get(copy.identity.subject)
      if (sids === undefined) bySubject.set(copy.identity.subject, new Set([copy.sid]))
      else sids.add(copy.sid)
    },
    async find(sid) {
      return live(sid)
    },
    async remove(sid) {
      const session = sessions.get(sid)
      const wasLive = live(sid) !== undefined
      if (session !== undefined) forget(session)
      return wasLive
    },
    async listBySubject(subject) {
      return liveOf(subject).sort(newestFirst)
    },
    async removeBySubject(subject) {
      const ended = liveOf(subject)
      for (const session of ended) forget(session)
      return ended.map(({ sid }) => sid)
    },
  }
}

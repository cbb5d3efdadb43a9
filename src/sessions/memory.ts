import { cursorOf, isBehind, type ListPlace, startOf } from './page-cursor.ts'
import { encodeSession, type Session, type StoredSession } from './session.ts'
import { newestFirst, type SessionFilter, type SessionStore } from './session-store.ts'

const SWEEP_MS = 60_000

interface Entry {
  session: Session
  lastSeenAtMs: number | undefined
  readonly applications: Set<string>
}

/** Keeps sessions in this process: for development, and for a single replica that may forget them when it stops. */
export function memorySessionStore({ now }: { readonly now: () => number }): SessionStore {
  const entries = new Map<string, Entry>()
  const bySubject = new Map<string, Set<string>>()
  let sweptAtMs = now()

  function forget({ sid, identity }: Session): void {
    entries.delete(sid)
    const sids = bySubject.get(identity.subject)
    sids?.delete(sid)
    if (sids?.size === 0) bySubject.delete(identity.subject)
  }

  function keep(entry: Entry): void {
    const { sid, identity } = entry.session
    entries.set(sid, entry)
    const sids = bySubject.get(identity.subject)
    if (sids === undefined) bySubject.set(identity.subject, new Set([sid]))
    else sids.add(sid)
  }

  function live(sid: string): Entry | undefined {
    const entry = entries.get(sid)
    return entry !== undefined && entry.session.expiresAtMs > now() ? entry : undefined
  }

  function liveOf(subject: string): Entry[] {
    return [...(bySubject.get(subject) ?? [])].map(live).filter((entry) => entry !== undefined)
  }

  function matching(filter: SessionFilter): Entry[] {
    if ('subject' in filter) return liveOf(filter.subject)
    const at = now()
    return [...entries.values()].filter((entry) => entry.session.expiresAtMs > at && matches(entry, filter))
  }

  function sweep(): void {
    if (now() - sweptAtMs < SWEEP_MS) return
    sweptAtMs = now()
    for (const { session } of entries.values()) if (session.expiresAtMs <= sweptAtMs) forget(session)
  }

  return {
    async save(session) {
      sweep()
      const copy = encodeSession(session).session
      const previous = entries.get(session.sid)
      if (previous !== undefined) forget(previous.session)
      if (copy.expiresAtMs > now()) keep({ session: copy, lastSeenAtMs: undefined, applications: new Set() })
    },
    async update(session, held) {
      const copy = encodeSession(session).session
      const entry = live(session.sid)
      if (entry === undefined || held?.includes(entry.session.refresh?.sealedToken ?? '') === false) return false
      forget(entry.session)
      if (copy.expiresAtMs <= now()) return false
      keep({ ...entry, session: copy })
      return true
    },
    async find(sid) {
      const entry = live(sid)
      return entry && stored(entry)
    },
    async touch(sid, atMs, { unlessSeenAfterMs }) {
      const entry = live(sid)
      if (entry !== undefined && (entry.lastSeenAtMs ?? 0) <= unlessSeenAfterMs) entry.lastSeenAtMs = atMs
    },
    async noteApplication(sid, application) {
      live(sid)?.applications.add(application)
    },
    async remove(sid) {
      const entry = entries.get(sid)
      const wasLive = live(sid) !== undefined
      if (entry !== undefined) forget(entry.session)
      return wasLive
    },
    async list(filter, page) {
      const start = startOf(page)
      const behind = matching(filter).filter(({ session }) => isBehind(session, start))
      const here = behind.sort((a, b) => inOrder(a.session, b.session)).slice(0, page.limit)
      const last = here.at(-1)
      return {
        sessions: here.map(stored).sort(newestFirst),
        next: last === undefined || here.length === behind.length ? undefined : cursorOf(last.session),
      }
    },
    async countBySubject(subject) {
      return liveOf(subject).length
    },
  }
}

function stored({ session, lastSeenAtMs }: Entry): StoredSession {
  return { ...session, lastSeenAtMs: Math.max(lastSeenAtMs ?? 0, session.createdAtMs) }
}

function matches({ session, applications }: Entry, filter: Exclude<SessionFilter, { subject: string }>): boolean {
  if ('email' in filter) return session.identity.email === filter.email
  if ('provider' in filter) return session.identity.provider === filter.provider
  return 'all' in filter || applications.has(filter.application)
}

function inOrder(a: ListPlace, b: ListPlace): number {
  return isBehind(a, b) ? 1 : -1
}

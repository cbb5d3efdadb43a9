import type { RevokedScope } from '../observe/events.ts'
import type { StoredSession } from '../sessions/session.ts'
import { type SessionFilter, SessionPageError } from '../sessions/session-store.ts'
import { found, type Outcome, refusal } from './answer.ts'
import type { SessionMessage, SessionPageMessage, SessionQuery } from './messages.ts'
import type { AdminPorts } from './ports.ts'

type SessionPorts = Pick<AdminPorts, 'sessions' | 'view'>

/** The last moment that RFC 3339 can write. */
const LAST_MOMENT_MS = Date.UTC(9999, 11, 31, 23, 59, 59, 999)

/** Answers with a page of live sessions. */
export async function listSessions(ports: SessionPorts, query: SessionQuery): Promise<Outcome> {
  const { filter, ...about } = filterOf(query)
  try {
    const { sessions, next } = await ports.sessions.list(filter, { limit: query.limit, after: query.after })
    const page: SessionPageMessage = { sessions: sessions.map((one) => messageOf(one, ports)) }
    return { answer: found(next === undefined ? page : { ...page, next }), ...about }
  } catch (error) {
    if (!(error instanceof SessionPageError)) throw error
    const errors = [{ field: 'after', expected: 'the `next` of the page before' }]
    return { answer: refusal(400, 'admin-invalid', 'There is no such page.', { errors }), ...about }
  }
}

/** Answers with one live session. */
export async function showSession(ports: SessionPorts, sid: string): Promise<Outcome> {
  const session = await ports.sessions.find(sid)
  const unknown = () => refusal(404, 'admin-unknown-session', 'There is no live session of this `sid`.')
  const answer = session === undefined ? unknown() : found(messageOf(session, ports))
  return { answer, scope: { kind: 'session', sid } }
}

interface Asked {
  readonly filter: SessionFilter
  readonly scope?: RevokedScope
  readonly note?: string
}

function filterOf({ subject, email: given, provider, application }: SessionQuery): Asked {
  const email = given?.toLowerCase()
  if (subject !== undefined) return { filter: { subject }, scope: { kind: 'subject', subject } }
  if (email !== undefined) return { filter: { email }, scope: { kind: 'email', email } }
  if (application !== undefined) return { filter: { application }, scope: { kind: 'application', application } }
  if (provider !== undefined) return { filter: { provider }, note: `provider ${provider}` }
  return { filter: { all: true }, scope: { kind: 'everybody' } }
}

function messageOf(session: StoredSession, { view }: SessionPorts): SessionMessage {
  const { sid, identity, clientAddress, userAgent } = session
  const { provider, subject, email, name } = identity
  return {
    sid,
    provider,
    subject,
    ...(email === undefined ? {} : { email }),
    ...(name === undefined ? {} : { name }),
    createdAt: momentText(session.createdAtMs),
    lastSeenAt: momentText(session.lastSeenAtMs),
    expiresAt: momentText(session.expiresAtMs),
    ...(clientAddress === undefined ? {} : { clientAddress }),
    userAgent,
    isRevoked: view.hitsSession(session),
  }
}

/** A moment by RFC 3339, in UTC, to the millisecond. */
export function momentText(ms: number): string {
  return new Date(Math.min(ms, LAST_MOMENT_MS)).toISOString()
}

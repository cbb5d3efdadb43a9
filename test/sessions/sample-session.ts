import { randomBytes } from 'node:crypto'
import type { Session, StoredSession } from '../../src/sessions/session.ts'
import { newSessionId, sidOf } from '../../src/sessions/session-id.ts'

export const HOUR_MS = 3_600_000

/** A `sid` that no other call gives. */
export function freshSid(): string {
  const sid = sidOf(newSessionId(randomBytes))
  if (sid === undefined) throw new Error('a new session id has a sid')
  return sid
}

/** A session of Ada's, or as the parts say. */
export function sampleSession(parts: Partial<Session> & { readonly subject?: string } = {}): Session {
  const { subject = 'subject-of-ada', ...rest } = parts
  return {
    sid: freshSid(),
    identity: {
      provider: 'corporate',
      subject,
      email: 'ada@example.com',
      emailVerified: true,
      name: 'Ada Lovelace',
      preferredUsername: undefined,
      groups: ['engineering', 'staff of Zürich'],
      groupsIncomplete: false,
      claims: { sub: '00u1', department: ['R&D', null], nested: { level: 3 } },
    },
    createdAtMs: 1_790_000_000_000,
    expiresAtMs: 1_790_000_000_000 + HOUR_MS,
    userAgent: 'Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/140.0',
    clientAddress: '203.0.113.9',
    sealedIdToken: undefined,
    providerSid: undefined,
    refresh: undefined,
    ...rest,
  }
}

/** The same as the store gives it: seen last at its sign-in, if the parts do not say otherwise. */
export function sampleStoredSession(parts: Partial<StoredSession> & { readonly subject?: string } = {}): StoredSession {
  const { lastSeenAtMs, ...rest } = parts
  const session = sampleSession(rest)
  return { ...session, lastSeenAtMs: lastSeenAtMs ?? session.createdAtMs }
}

import { endSession } from '../login/end-session.ts'
import type { LoginPorts } from '../login/login-ports.ts'
import { logoutAtAuthHost } from '../login/logout.ts'
import { refused } from '../login/refusal.ts'
import { findSession } from '../login/signed-in.ts'
import { isSameOrigin, type Visit } from '../login/visit.ts'
import { type Answer, redirect } from '../pages/answer.ts'
import { type CrossOriginPageData, crossOriginPage } from '../pages/cross-origin.ts'
import { deviceOf } from '../pages/device.ts'
import { personOf } from '../pages/person.ts'
import { type SessionRow, type SessionsNotice, sessionsPage } from '../pages/sessions.ts'
import type { RevokedBy } from '../revocation/revoker.ts'
import type { StoredSession } from '../sessions/session.ts'
import { isSid } from '../sessions/session-id.ts'
import { type SessionList, SessionPageError } from '../sessions/session-store.ts'

/** Sessions on one page: it has to stay small. */
const SHOWN = 15
/** Sessions asked for, and ended, at a time. */
const BATCH = 20
const NOTICES: readonly SessionsNotice[] = ['ended', 'gone', 'others-ended']

const CROSS_ORIGIN: CrossOriginPageData = {
  attempt: 'sign your devices out',
  next: 'If you want to sign a device out, do it from here.',
  link: { href: '/sessions', label: 'Where you are signed in' },
}

/** `GET /sessions` on the auth host: where this person is signed in. */
export async function showSessions(ports: LoginPorts, visit: Visit): Promise<Answer> {
  const session = await findSession(ports, visit)
  if (session === undefined) return redirect(302, `${ports.urls.issuer}/login`)
  const { identity } = session
  const after = visit.query.get('after') ?? undefined
  const list = await listOf(ports, identity.subject, after)
  if (list === undefined) return redirect(302, `${ports.urls.issuer}/sessions`)
  const others = list.sessions.filter(({ sid }) => sid !== session.sid)
  const shown = after === undefined ? [session, ...others] : others
  const done = visit.query.get('done')
  return sessionsPage({
    person: personOf(identity, ports.providers.get(identity.provider)?.displayName),
    sessions: shown.map((one) => rowOf(ports, one, session)),
    hasOthers: others.length > 0 || list.next !== undefined || after !== undefined,
    moreHref: list.next === undefined ? undefined : `/sessions?${new URLSearchParams({ after: list.next })}`,
    notice: NOTICES.find((notice) => notice === done),
    formOrigins: ports.providers.endSessionOrigins(),
  })
}

/**
 * `POST /sessions`: ends one of this person's sessions, or all but this one. Those that the store does not list are not
 * ended by it; for that there is the sign-out everywhere, which rests on no list.
 */
export async function endSessions(ports: LoginPorts, visit: Visit): Promise<Answer> {
  if (!isSameOrigin(visit, ports.urls.issuer))
    return refused(ports, visit, 'cross-origin', crossOriginPage(CROSS_ORIGIN))
  const session = await findSession(ports, visit)
  if (session === undefined) return redirect(303, `${ports.urls.issuer}/login`)
  const form = new URLSearchParams(visit.form ?? '')
  const by: RevokedBy = {
    actor: 'person',
    name: session.identity.email ?? session.identity.subject,
    reason: 'ended-by-owner',
    ...(visit.clientAddress === undefined ? {} : { from: visit.clientAddress }),
  }
  if (form.get('others') === 'end') {
    await endOthers(ports, session, by)
    return back(ports, 'others-ended')
  }
  const sid = form.get('session') ?? ''
  if (sid === session.sid) return logoutAtAuthHost(ports, visit)
  const found = isSid(sid) ? await ports.sessions.find(sid) : undefined
  // Somebody else's is none of theirs: as if there were no such session.
  if (found?.identity.subject !== session.identity.subject) return back(ports, 'gone')
  await endSession(ports, sid, by)
  return back(ports, 'ended')
}

async function endOthers(ports: LoginPorts, { sid: own, identity }: StoredSession, by: RevokedBy): Promise<void> {
  let after: string | undefined
  do {
    const { sessions, next } = await ports.sessions.list({ subject: identity.subject }, { limit: BATCH, after })
    const others = sessions.filter(({ sid }) => sid !== own)
    await Promise.all(others.map(({ sid }) => endSession(ports, sid, by)))
    after = next
  } while (after !== undefined)
}

/** A page of the list without what has been revoked; undefined if there is no such page. */
async function listOf(ports: LoginPorts, subject: string, after: string | undefined): Promise<SessionList | undefined> {
  try {
    const { sessions, next } = await ports.sessions.list({ subject }, { limit: SHOWN, after })
    return { sessions: sessions.filter((session) => !ports.revocations.hitsSession(session)), next }
  } catch (error) {
    if (error instanceof SessionPageError) return undefined
    throw error
  }
}

function rowOf(ports: LoginPorts, session: StoredSession, { sid }: StoredSession): SessionRow {
  const { provider } = session.identity
  return {
    sid: session.sid,
    device: deviceOf(session.userAgent),
    clientAddress: session.clientAddress,
    provider: ports.providers.get(provider)?.displayName ?? provider,
    signedInAtMs: session.createdAtMs,
    lastSeenAtMs: session.lastSeenAtMs,
    isThisOne: session.sid === sid,
  }
}

function back({ urls }: LoginPorts, done: SessionsNotice): Answer {
  return redirect(303, `${urls.issuer}/sessions?${new URLSearchParams({ done })}`)
}

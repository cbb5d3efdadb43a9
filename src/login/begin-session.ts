import type { Header } from '../pages/answer.ts'
import type { SignIn } from '../providers/provider.ts'
import { sessionsBeyond } from '../sessions/limit.ts'
import type { StoredSession } from '../sessions/session.ts'
import { newSessionId, sidOf } from '../sessions/session-id.ts'
import { seal } from '../tokens/seal.ts'
import { sessionCookieName, setCookie } from './cookie.ts'
import { endSession } from './end-session.ts'
import type { LoginPorts } from './login-ports.ts'
import { noteProviderSession } from './provider-sessions.ts'
import { findSession, sessionIdHash } from './signed-in.ts'
import type { Transaction } from './transaction.ts'
import type { Visit } from './visit.ts'

const MAX_USER_AGENT = 200

/**
 * The session of somebody who has just signed in: a new one under a new id, and whatever session the browser had ends.
 * Only where another tab has signed the same person in meanwhile, that session stays: if each of ten tabs ended the one
 * before, none would reach its page.
 *
 * @param issuedAtMs a moment of the store's clock before the provider was asked: whatever it has ended since then, this
 * session is not to outlive
 * @returns hash of the session's id, and the cookies to set
 */
export async function sessionFor(
  ports: LoginPorts,
  visit: Visit,
  { sidBefore, switchAccount }: Transaction,
  signIn: SignIn,
  issuedAtMs: number,
): Promise<{ sid: string; cookies: readonly Header[] }> {
  const found = switchAccount ? undefined : await findSession(ports, visit)
  const isOfMeanwhile = found !== undefined && found.sid !== sidBefore
  if (isOfMeanwhile && found.identity.subject === signIn.identity.subject) return { sid: found.sid, cookies: [] }

  const id = newSessionId(ports.randomBytes)
  const sid = sidOf(id)
  if (sid === undefined) throw new TypeError('a new session id has the shape of one')
  await save(ports, visit, sid, signIn, issuedAtMs)
  for (const before of new Set([sessionIdHash(ports, visit), sidBefore])) {
    if (before === undefined) continue
    const by = { actor: 'gatehouse', reason: 'signed-in-anew', from: visit.clientAddress } as const
    const endsAtMs = (await ports.sessions.find(before))?.expiresAtMs ?? ports.now() + ports.sessionSeconds * 1000
    await endSession(ports, before, by, endsAtMs)
  }
  const cookie = setCookie(ports.cookieStyle, sessionCookieName(ports.cookieStyle), id, {
    maxAgeSeconds: ports.sessionSeconds,
    sameSite: 'Lax',
  })
  return { sid, cookies: [cookie] }
}

async function save(ports: LoginPorts, visit: Visit, sid: string, signIn: SignIn, issuedAtMs: number): Promise<void> {
  const { identity, idToken, providerSid } = signIn
  const expiresAtMs = ports.now() + ports.sessionSeconds * 1000
  // Before the session is there, so that no logout by the provider falls between the two.
  if (providerSid !== undefined) {
    await noteProviderSession(ports, { provider: identity.provider, providerSid }, ports.sessionSeconds)
  }
  await ports.sessions.save({
    sid,
    identity,
    createdAtMs: issuedAtMs,
    expiresAtMs,
    userAgent: visit.userAgent.slice(0, MAX_USER_AGENT),
    clientAddress: visit.clientAddress,
    sealedIdToken: idToken === undefined ? undefined : await seal(ports.keyRing(), 'id-token', idToken, expiresAtMs),
    providerSid,
    refresh: await ports.refresher.begin(signIn, expiresAtMs),
  })
  await endSessionsBeyondLimit(ports, visit, identity.subject)
}

/** Ends a person's oldest sessions, where the configuration has a limit. */
async function endSessionsBeyondLimit(ports: LoginPorts, visit: Visit, subject: string): Promise<void> {
  const { maxSessionsPerUser: maxPerUser } = ports
  if (maxPerUser === undefined) return
  const isLive = (session: StoredSession) => !ports.revocations.hitsSession(session)
  const by = { actor: 'gatehouse', reason: 'too-many-sessions', from: visit.clientAddress } as const
  for (const sid of await sessionsBeyond(ports.sessions, subject, { maxPerUser, isLive }))
    await endSession(ports, sid, by)
}

import { describe, expect, test } from 'vitest'
import { type Authentication, createAuthenticate, type OnStale } from '../../src/check/authenticate.ts'
import { appTokens } from '../../src/check/credentials/app-token.ts'
import { StoreUnavailableError } from '../../src/policy/errors.ts'
import type { RevocationScope } from '../../src/revocation/revocation.ts'
import type { SessionCache } from '../../src/sessions/cache.ts'
import type { Session } from '../../src/sessions/session.ts'
import { observed } from '../observe/observed.ts'
import { heldView } from '../revocation/held-view.ts'
import { sampleSession, sampleStoredSession } from '../sessions/sample-session.ts'
import { mintedToken, NOW, rings } from '../tokens/rings.ts'
import { urls, wiki } from './world.ts'

/** An `authenticate` over a session cache that answers as it is told. */
async function setUp(sessions: Partial<SessionCache>, parts: Partial<Session> = {}, onStale: OnStale = 'Deny') {
  const session = sampleStoredSession({ createdAtMs: NOW, expiresAtMs: NOW + 3_600_000, ...parts })
  const calls = { peek: 0, load: 0 }
  const cache: SessionCache = {
    peek(sid) {
      calls.peek += 1
      return sessions.peek?.(sid)
    },
    async load(sid) {
      calls.load += 1
      return sessions.load === undefined ? session : sessions.load(sid)
    },
    changed() {},
    everythingMayHaveChanged() {},
    drop() {},
  }
  const tokens = appTokens({ issuer: urls.issuer, keyRing: () => rings.ES256, maxEntries: 10 })
  const token = await mintedToken(rings.ES256, {
    issuer: urls.issuer,
    audience: wiki.audience,
    sid: session.sid,
    subject: 'subject-of-ada',
  })
  const revocations = heldView({ now: () => NOW })
  const seen = observed()
  const authenticate = createAuthenticate({ tokens, sessions: cache, revocations, onStale, events: seen.events })
  const revoke = (scope: RevocationScope, atMs: number) =>
    revocations.add({ scope, atMs, expiresAtMs: NOW + 86_400_000 })
  const ask = (cookies = `${wiki.cookieName}=${token}`, now = NOW) =>
    authenticate(wiki, { cookies, token: undefined }, now)
  return { session, calls, ask, revocations, revoke, seen }
}

const summary = (found: Authentication) => (found.kind === 'session' ? 'session' : `${found.kind} ${found.reason}`)
const down = async () => {
  throw new StoreUnavailableError('down')
}

describe('whoever asks', () => {
  test.each<[string, string, string]>([
    ['without a credential', '', 'nobody login-required'],
    ['with a credential that is none', `${wiki.cookieName}=x`, 'nobody token-invalid'],
    ['with two credentials', `${wiki.cookieName}=x; ${wiki.cookieName}=y`, 'nobody token-doubled'],
  ])('%s is nobody, and the sessions are not asked', async (_, cookies, expected) => {
    const { ask, calls } = await setUp({ load: down })
    expect(summary(await ask(cookies))).toBe(expected)
    expect(calls).toEqual({ peek: 0, load: 0 })
  })

  test('with a sound token of a live session is that session’s person', async () => {
    const { ask, session, calls } = await setUp({})
    expect(await ask()).toMatchObject({ kind: 'session', session: { sid: session.sid } })
    expect(calls).toEqual({ peek: 1, load: 1 })
  })

  test.each<[string, Partial<SessionCache>, Partial<Session>, string]>([
    ['that memory knows to be absent', { peek: () => 'absent' }, {}, 'nobody session-ended'],
    ['that the store does not have', { load: async () => undefined }, {}, 'nobody session-ended'],
    ['that has expired', {}, { expiresAtMs: NOW }, 'nobody session-ended'],
    ['of somebody else', {}, { identity: { ...sampleSession().identity, subject: 'other' } }, 'nobody session-ended'],
    ['that cannot be looked up', { load: down }, {}, 'unavailable store-unavailable'],
  ])('with a token of a session %s is not let in', async (_, sessions, parts, expected) => {
    const { ask } = await setUp(sessions, parts)
    expect(summary(await ask())).toBe(expected)
    expect(summary(await ask())).toBe(expected)
  })

  test('with a token whose session is in memory is known although the store is down', async () => {
    const known = sampleStoredSession({ createdAtMs: NOW, expiresAtMs: NOW + 3_600_000 })
    const { ask, calls } = await setUp({ peek: () => known, load: down })
    expect(summary(await ask())).toBe('session')
    expect(calls.load).toBe(0)
  })

  test('is answered at once when token and session are in memory', async () => {
    const known = sampleStoredSession({ createdAtMs: NOW, expiresAtMs: NOW + 3_600_000 })
    const { ask } = await setUp({ peek: () => known })
    expect(ask()).toBeInstanceOf(Promise)
    await ask()
    expect(ask()).not.toBeInstanceOf(Promise)
  })

  test('is nobody the moment the session ends, copy or not', async () => {
    const known = sampleStoredSession({ createdAtMs: NOW, expiresAtMs: NOW + 1000 })
    const { ask } = await setUp({ peek: () => known })
    expect(summary(await ask(undefined, NOW + 999))).toBe('session')
    expect(summary(await ask(undefined, NOW + 1000))).toBe('nobody session-ended')
  })

  test('meets a fault of ours that is no trouble of the store as a fault', async () => {
    const { ask } = await setUp({
      load: async () => {
        throw new TypeError('fault')
      },
    })
    await expect(ask()).rejects.toThrow(TypeError)
  })
})

describe('a revocation', () => {
  const session = sampleStoredSession({ createdAtMs: NOW, expiresAtMs: NOW + 3_600_000, providerSid: 'op-1' })
  const { identity, sid } = session
  const inMemory = { peek: () => session }

  test.each<[string, RevocationScope, string]>([
    ['of the session', { kind: 'session', sid }, 'nobody session-ended'],
    ['of the person', { kind: 'subject', subject: identity.subject }, 'nobody session-ended'],
    ['of their address', { kind: 'email', email: identity.email ?? '' }, 'nobody session-ended'],
    [
      'of the provider’s session',
      { kind: 'provider-session', provider: identity.provider, providerSid: 'op-1' },
      'nobody session-ended',
    ],
    ['of the application', { kind: 'application', application: wiki.key }, 'nobody token-revoked'],
    ['of everybody', { kind: 'everybody' }, 'nobody token-revoked'],
  ])('%s shuts out what was issued up to its moment, and nothing issued later', async (_, scope, expected) => {
    const { ask, revoke } = await setUp(inMemory, session)
    revoke(scope, NOW - 1)
    expect(summary(await ask())).toBe('session')
    revoke(scope, NOW)
    expect(summary(await ask())).toBe(expected)
  })

  test.each<[string, RevocationScope]>([
    ['session', { kind: 'session', sid: sid.replace(/^./, 'x') }],
    ['person', { kind: 'subject', subject: 'another' }],
    ['address', { kind: 'email', email: 'another@example.com' }],
    ['session of the provider', { kind: 'provider-session', provider: identity.provider, providerSid: 'op-2' }],
    ['provider’s session of that name', { kind: 'provider-session', provider: 'another', providerSid: 'op-1' }],
    ['application', { kind: 'application', application: 'team/another' }],
  ])('of another %s shuts nobody else out', async (_, scope) => {
    const { ask, revoke } = await setUp(inMemory, session)
    revoke(scope, NOW + 1000)
    expect(summary(await ask())).toBe('session')
  })

  test.each<[string, RevocationScope]>([
    ['of the session', { kind: 'session', sid }],
    ['of the application', { kind: 'application', application: wiki.key }],
    ['of everybody', { kind: 'everybody' }],
  ])('%s that is heard of while the session is read holds for whoever waits for that', async (_, scope) => {
    const { ask, revoke } = await setUp({
      async load() {
        revoke(scope, NOW)
        return session
      },
    })
    expect((await ask()).kind).toBe('nobody')
  })

  test('holds for a session whose record has come back into the store', async () => {
    const { ask, revoke } = await setUp({ load: async () => session }, session)
    revoke({ kind: 'session', sid }, NOW)
    expect(summary(await ask())).toBe('nobody session-ended')
  })
})

describe('while the revocations are out of date', () => {
  test.each<['stale' | 'never-read']>([['stale'], ['never-read']])(
    '(%s), nobody can say whether a session counts',
    async (state) => {
      const { ask, revocations } = await setUp({})
      revocations.held = state
      expect(summary(await ask())).toBe('unavailable revocations-stale')
      revocations.held = 'current'
      expect(summary(await ask())).toBe('session')
    },
  )

  test('what is known to be revoked is refused as such', async () => {
    const { ask, revocations, revoke, session } = await setUp({})
    revoke({ kind: 'session', sid: session.sid }, NOW)
    revocations.held = 'stale'
    expect(summary(await ask())).toBe('nobody session-ended')
  })

  test.each<['stale' | 'never-read']>([['stale'], ['never-read']])(
    '(%s), that a session is absent is not believed: nobody is sent to sign in',
    async (state) => {
      const { ask, revocations } = await setUp({ load: async () => undefined })
      revocations.held = state
      expect(summary(await ask())).toBe('unavailable revocations-stale')
      revocations.held = 'current'
      expect(summary(await ask())).toBe('nobody session-ended')
    },
  )

  test('nothing is believed before they have been read for the first time, whatever the configuration says', async () => {
    const { ask, revocations } = await setUp({}, {}, 'Allow')
    revocations.held = 'never-read'
    expect(summary(await ask())).toBe('unavailable revocations-stale')
  })

  test('a session is believed where the configuration says so, and each time is reported', async () => {
    const { ask, revocations, seen } = await setUp({}, {}, 'Allow')
    revocations.held = 'stale'
    expect(summary(await ask())).toBe('session')
    expect(summary(await ask())).toBe('session')
    expect(seen.lines().filter(({ event }) => event === 'staleRevocationsTrusted')).toHaveLength(2)
  })
})

import { describe, expect, test } from 'vitest'
import { StoreUnavailableError } from '../../src/policy/errors.ts'
import { ProviderError } from '../../src/providers/provider.ts'
import { createRevocationView } from '../../src/revocation/memory-view.ts'
import { memorySessionStore } from '../../src/sessions/memory.ts'
import { dueAt } from '../../src/sessions/refresh-times.ts'
import { knownOf, type StoredSession } from '../../src/sessions/session.ts'
import { only, openStage, overdue, refreshed, SETTINGS } from './refresh-stage.ts'
import { HOUR_MS } from './sample-session.ts'

const DOWN = new ProviderError('provider-unreachable', 'told so')

describe('when a refresh is due', () => {
  const settings = { ...SETTINGS, intervalMs: HOUR_MS }
  test.each([
    ['before the access token ends', 600_000, 0, 420_000],
    ['somewhat later for another', 600_000, 0.999, 539_900],
    ['after the interval where the provider says nothing', undefined, 0, 0.7 * HOUR_MS],
    ['after the interval where the access token lives longer', 24 * HOUR_MS, 0.999, 0.8998 * HOUR_MS],
    ['not at once where it has ended already', -5, 0, 42_000],
    ['not at once where it lives for a moment', 1000, 0, 42_000],
  ])('%s', (_, life, random, expected) => {
    expect(dueAt(1000, life === undefined ? undefined : 1000 + life, random, settings) - 1000).toBeCloseTo(expected, -2)
  })
})

describe('a new session', () => {
  test('keeps the refresh token sealed', async () => {
    const stage = await openStage()
    const expiresAtMs = stage.time.now() + HOUR_MS
    const refresh = await only(stage).begin({ refreshToken: 'secret-token', expiresAtMs: undefined }, expiresAtMs)
    expect(refresh?.confirmedAtMs).toBe(stage.time.now())
    expect(refresh?.dueAtMs).toBeGreaterThan(stage.time.now())
    expect(JSON.stringify(refresh)).not.toContain('secret-token')
  })

  test('keeps nothing where there is nothing to ask with, or nobody is to be asked', async () => {
    const stage = await openStage({ settings: { ...SETTINGS, isEnabled: false } })
    const expiresAtMs = stage.time.now() + HOUR_MS
    expect(await only(stage).begin({ refreshToken: 'token', expiresAtMs }, expiresAtMs)).toBeUndefined()
    const enabled = await openStage()
    expect(await only(enabled).begin({ refreshToken: undefined, expiresAtMs }, expiresAtMs)).toBeUndefined()
  })
})

describe('a session that is due', () => {
  test('is renewed in the background: the record is written before it is announced', async () => {
    const stage = await openStage()
    const session = await stage.dueSession()
    stage.provider.groups = ['board']
    await refreshed(stage, session)
    const found = await stage.find(session.sid)
    expect(found?.identity.groups).toEqual(['board'])
    expect(found?.refresh?.confirmedAtMs).toBeGreaterThanOrEqual(session.refresh?.dueAtMs ?? 0)
    expect(found?.refresh?.dueAtMs).toBeGreaterThan(stage.time.now() + 0.6 * HOUR_MS)
    expect(await stage.tokenOf(session.sid)).toBe(stage.provider.current)
    expect(stage.changed).toEqual([session.sid])
    expect(stage.events).toEqual([{ outcome: 'renewed', reason: 'renewed', sid: session.sid }])
    expect(stage.faults).toEqual([])
  })

  test('is asked for once, however often it is said to be due', async () => {
    const stage = await openStage()
    const session = await stage.dueSession()
    for (let round = 0; round < 100; round += 1) only(stage).onDue(session)
    await stage.until('it is renewed', () => only(stage).size() === 0)
    expect(stage.provider.asked).toEqual(['token-0'])
  })

  test('is left alone if another replica has renewed it already, and this one’s copy is forgotten', async () => {
    const stage = await openStage()
    const session = await stage.dueSession()
    await refreshed(stage, session)
    const before = stage.forgotten.length
    await refreshed(stage, session)
    expect(stage.provider.asked).toHaveLength(1)
    expect(stage.forgotten.slice(before)).toEqual([session.sid])
  })

  test('does not come back if it was ended while the provider was asked', async () => {
    const stage = await openStage()
    const session = await stage.dueSession()
    stage.provider.after = async () => void (await stage.store.remove(session.sid))
    await refreshed(stage, session)
    expect(await stage.find(session.sid)).toBeUndefined()
    expect(stage.events).toEqual([])
  })

  test('is not asked for if the session has been revoked: its record goes', async () => {
    const stage = await openStage()
    const session = await stage.dueSession()
    stage.hit.add(session.sid)
    await refreshed(stage, session)
    expect(stage.provider.asked).toEqual([])
    expect(await stage.find(session.sid)).toBeUndefined()
  })

  test('is not written, whatever the provider says, if the session was revoked while it was asked', async () => {
    const stage = await openStage()
    const session = await stage.dueSession()
    stage.provider.groups = ['another']
    stage.provider.after = async () => void stage.hit.add(session.sid)
    await refreshed(stage, session)
    expect(stage.provider.asked).toHaveLength(1)
    expect(await stage.find(session.sid)).toBeUndefined()
    expect(stage.changed).toEqual([])
  })

  test('with another address is hit by a revocation of any that it has had, whenever that is heard of', async () => {
    const stage = await openStage()
    const session = await stage.dueSession({ refresh: undefined })
    expect((await stage.find(session.sid))?.earlierEmails).toBeUndefined()
    const due = await stage.dueSession()
    const addresses = ['ada@example.com', 'countess@example.com', 'ada@example.org']
    for (const email of addresses.slice(1)) {
      stage.provider.email = email
      await refreshed(stage, due)
      stage.time.advance(2 * HOUR_MS)
    }
    const found = await stage.find(due.sid)
    expect(found?.identity.email).toBe('ada@example.org')
    for (const email of addresses) {
      const view = createRevocationView({ monotonicMs: () => 0, now: () => 0, maxStalenessMs: 1000 })
      view.add({ scope: { kind: 'email', email: 'eve@example.com' }, atMs: 1e15, expiresAtMs: 2e15 })
      expect(found && view.hitsSession(found)).toBe(false)
      view.add({ scope: { kind: 'email', email }, atMs: (found?.createdAtMs ?? 0) - 1, expiresAtMs: 2e15 })
      expect(found && view.hitsSession(found)).toBe(false)
      view.add({ scope: { kind: 'email', email }, atMs: found?.createdAtMs ?? 0, expiresAtMs: 2e15 })
      expect(found && view.hitsSession(found)).toBe(true)
      expect(found && view.hitsSession(knownOf(found))).toBe(true)
    }
  })

  test('remembers the last eight addresses of a provider that gives ever others', async () => {
    const stage = await openStage()
    const session = await stage.dueSession()
    for (let round = 1; round <= 12; round += 1) {
      stage.provider.email = `ada${round}@example.com`
      await refreshed(stage, session)
      stage.time.advance(HOUR_MS)
    }
    const expected = [4, 5, 6, 7, 8, 9, 10, 11].map((round) => `ada${round}@example.com`)
    expect((await stage.find(session.sid))?.earlierEmails).toEqual(expected)
  })

  test('ends when the provider accepts the token no more: revoked first, then removed', async () => {
    const stage = await openStage()
    const session = await stage.dueSession()
    stage.provider.current = undefined
    await refreshed(stage, session)
    expect(stage.revoked).toEqual([{ sid: session.sid, reason: 'refresh-refused' }])
    expect(await stage.find(session.sid)).toBeUndefined()
    expect(stage.events).toEqual([{ outcome: 'ended', reason: 'refresh-refused', sid: session.sid }])
  })

  test('is tried again until it can be revoked', async () => {
    const stage = await openStage()
    const session = await stage.dueSession()
    stage.provider.current = undefined
    stage.down.add('revoke')
    only(stage).onDue(session)
    await stage.until('it was tried', () => stage.events.length > 0)
    expect(await stage.find(session.sid)).toBeDefined()
    stage.down.clear()
    await stage.until('it has ended', async () => (await stage.find(session.sid)) === undefined)
    expect(stage.revoked).toEqual([{ sid: session.sid, reason: 'refresh-refused' }])
  })

  test('stays as it is while the provider is down, which is asked ever less often', async () => {
    const stage = await openStage()
    const session = await stage.dueSession()
    stage.provider.trouble = DOWN
    only(stage).onDue(session)
    const startedAtMs = stage.time.now()
    await stage.until('twenty minutes have passed', () => stage.time.now() - startedAtMs > 1_200_000, 1000)
    expect(stage.provider.asked.length).toBeGreaterThan(8)
    expect(stage.provider.asked.length).toBeLessThan(50)
    expect((await stage.find(session.sid))?.identity.groups).toEqual(session.identity.groups)
    expect(new Set(stage.events.map(({ reason }) => reason))).toEqual(new Set(['provider-unreachable']))
    stage.provider.trouble = undefined
    await stage.until('it is renewed', () => only(stage).size() === 0, 1000)
    expect(stage.events.at(-1)?.outcome).toBe('renewed')
  })

  test('keeps the new token although the provider lies after giving it', async () => {
    const stage = await openStage()
    const session = await stage.dueSession()
    stage.provider.after = async () => {
      stage.provider.trouble = new ProviderError('provider-token-invalid', 'told so')
    }
    only(stage).onDue(session)
    await stage.until('it was tried', () => stage.events.length > 0)
    expect(await stage.tokenOf(session.sid)).toBe('token-1')
    expect((await stage.find(session.sid))?.identity).toEqual(session.identity)
    stage.provider.trouble = undefined
    stage.provider.after = async () => undefined
    await stage.until('it is renewed', () => stage.events.at(-1)?.outcome === 'renewed', 1000)
    expect(stage.provider.refused).toEqual([])
  })

  test('keeps the new token although the store is away for half a minute just then', async () => {
    const stage = await openStage({ replicas: 2 })
    const session = await stage.dueSession()
    stage.provider.before = async () => void stage.down.add('*')
    for (const refresher of stage.refreshers) refresher.onDue(session)
    const startedAtMs = stage.time.now()
    await stage.until('half a minute has passed', () => stage.time.now() - startedAtMs > 30_000)
    stage.provider.before = async () => undefined
    stage.down.clear()
    for (const refresher of stage.refreshers) refresher.onDue(session)
    await stage.until('it is renewed', async () => (await stage.tokenOf(session.sid)) === stage.provider.current)
    await stage.until('all have ended', () => stage.refreshers.every((one) => one.size() === 0))
    expect(stage.revoked).toEqual([])
    expect(stage.faults).toEqual([])
  })

  test('keeps the new token although its replica alone is cut off from the store for fifty seconds just then', async () => {
    const stage = await openStage({ replicas: 2 })
    const session = await stage.dueSession()
    stage.provider.before = async () => void stage.cutOff.add('*')
    const [first, second] = stage.refreshers
    first?.onDue(session)
    await stage.until('the provider has been asked', () => stage.provider.asked.length === 1)
    const startedAtMs = stage.time.now()
    await stage.until('fifty seconds have passed', () => {
      second?.onDue(session)
      return stage.time.now() - startedAtMs > 50_000
    })
    stage.cutOff.clear()
    await stage.until('it is renewed', async () => (await stage.tokenOf(session.sid)) === stage.provider.current)
    expect(stage.provider.refused).toEqual([])
    expect(stage.revoked).toEqual([])
  })

  test('keeps the new token although a failover loses it while the provider is asked for more', async () => {
    const stage = await openStage()
    const session = await stage.dueSession()
    const { lastSeenAtMs: _, ...before } = (await stage.find(session.sid)) as StoredSession
    stage.provider.groups = ['board']
    stage.provider.after = () => stage.store.save(before)
    await refreshed(stage, session)
    expect(await stage.tokenOf(session.sid)).toBe('token-1')
    expect((await stage.find(session.sid))?.identity.groups).toEqual(['board'])
  })

  test('is left as the provider says it is by a write that comes late, after those behind it', async () => {
    const late: (() => Promise<boolean>)[] = []
    const stage = await openStage({
      store: (now) => {
        const store = memorySessionStore({ now })
        return {
          ...store,
          async update(...given) {
            if (late.length > 0) return store.update(...given)
            late.push(() => store.update(...given))
            throw new StoreUnavailableError('told so')
          },
        }
      },
    })
    const session = await stage.dueSession()
    stage.provider.groups = ['board']
    await refreshed(stage, session)
    expect(await Promise.all(late.map((write) => write()))).toEqual([false])
    expect((await stage.find(session.sid))?.identity.groups).toEqual(['board'])
    expect(await stage.tokenOf(session.sid)).toBe('token-1')
  })

  test('whose announcement is lost is renewed all the same', async () => {
    const stage = await openStage()
    const session = await stage.dueSession()
    stage.down.add('sessionChanged')
    await refreshed(stage, session)
    expect(stage.events).toMatchObject([{ outcome: 'renewed' }])
    expect(stage.forgotten).toContain(session.sid)
  })

  test('of a provider that is removed stays until it has to be confirmed, and ends then', async () => {
    const stage = await openStage()
    const session = await stage.dueSession()
    stage.provider.exists = false
    await refreshed(stage, session)
    expect(await stage.find(session.sid)).toBeDefined()
    expect(await only(stage).ensureConfirmed(overdue(stage, session))).toBeUndefined()
    expect(stage.revoked).toEqual([{ sid: session.sid, reason: 'provider-gone' }])
  })

  test('whose token nobody can open any more stays until it has to be confirmed, and ends then', async () => {
    const stage = await openStage()
    const now = stage.time.now()
    const session = await stage.dueSession({
      refresh: { sealedToken: 'unreadable', dueAtMs: now, confirmedAtMs: now - HOUR_MS },
    })
    await refreshed(stage, session)
    expect(stage.events).toMatchObject([{ outcome: 'failed', reason: 'refresh-token-unreadable' }])
    expect(await stage.find(session.sid)).toBeDefined()
    expect(await only(stage).ensureConfirmed(overdue(stage, session))).toBeUndefined()
  })

  test('of many is one of eight at a time', async () => {
    const stage = await openStage()
    stage.provider.rotates = false
    const { promise, resolve } = Promise.withResolvers<void>()
    stage.provider.before = () => promise
    const sessions = await Promise.all(Array.from({ length: 60 }, () => stage.dueSession()))
    for (const session of sessions) only(stage).onDue(session)
    await stage.until('eight are asked for', () => stage.provider.asked.length >= 8)
    expect(stage.provider.asked).toHaveLength(8)
    resolve()
    await stage.until('all are renewed', () => only(stage).size() === 0)
    expect(stage.provider.asked).toHaveLength(60)
  })

  test('is not taken on any more after the end, which waits for what is under way', async () => {
    const stage = await openStage()
    const session = await stage.dueSession()
    only(stage).onDue(session)
    await only(stage).close()
    expect(await stage.tokenOf(session.sid)).toBe('token-1')
    only(stage).onDue(await stage.dueSession())
    expect(only(stage).size()).toBe(0)
  })

  test('does not hold up the end for longer than five seconds', async () => {
    const stage = await openStage()
    stage.provider.before = () => new Promise(() => undefined)
    only(stage).onDue(await stage.dueSession())
    await stage.until('the provider is asked', () => stage.provider.asked.length > 0)
    const closed = only(stage).close()
    stage.time.advance(5000)
    await closed
  })
})

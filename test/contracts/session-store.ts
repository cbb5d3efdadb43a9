import { describe, expect, test } from 'vitest'
import { clearRecords } from '../../src/sessions/ending.ts'
import { SessionNotStorableError } from '../../src/sessions/session.ts'
import {
  type SessionFilter,
  type SessionList,
  SessionPageError,
  type SessionStore,
} from '../../src/sessions/session-store.ts'
import { freshSid, HOUR_MS, sampleSession } from '../sessions/sample-session.ts'
import { standingClock } from './clock.ts'

const ADA: SessionFilter = { subject: 'subject-of-ada' }

/** The sids of a list, page after page. */
export async function sidsOf(store: SessionStore, filter: SessionFilter, limit = 1000): Promise<string[]> {
  const sids: string[] = []
  let list: SessionList = { sessions: [], next: undefined }
  do {
    list = await store.list(filter, { limit, after: list.next })
    expect(list.sessions.length).toBeLessThanOrEqual(limit)
    sids.push(...list.sessions.map(({ sid }) => sid))
  } while (list.next !== undefined)
  return sids
}

/**
 * The promises of `sessions/session-store.ts`.
 *
 * @param open gives an empty store that reads this clock
 */
export function sessionStoreContract(name: string, open: (now: () => number) => SessionStore): void {
  function opened() {
    const clock = standingClock()
    return { clock, store: open(clock.now) }
  }

  describe(`${name} keeps the promises of a session store`, () => {
    test('gives back what was saved, whole, seen last at the sign-in', async () => {
      const { store } = opened()
      const session = sampleSession({
        sealedIdToken: 'sealed',
        clientAddress: undefined,
        providerSid: 'sid-at-provider',
        refresh: { sealedToken: 'sealed too', dueAtMs: 1_790_000_300_000, confirmedAtMs: 1_790_000_000_000 },
      })
      await store.save(session)
      expect(await store.find(session.sid)).toEqual({ ...session, lastSeenAtMs: session.createdAtMs })
    })

    test('gives back a copy that later changes to the saved object do not reach', async () => {
      const { store } = opened()
      const claims: Record<string, unknown> = { level: 1 }
      const session = sampleSession()
      await store.save({ ...session, identity: { ...session.identity, claims } })
      claims.level = 9
      expect((await store.find(session.sid))?.identity.claims).toEqual({ level: 1 })
    })

    test('knows nothing of a session that was never saved', async () => {
      const { store } = opened()
      expect(await store.find(freshSid())).toBeUndefined()
      expect(await store.find('')).toBeUndefined()
      expect(await store.find('../user:*')).toBeUndefined()
      expect(await store.list({ subject: 'nobody' }, { limit: 10 })).toEqual({ sessions: [], next: undefined })
      expect(await store.countBySubject('nobody')).toBe(0)
    })

    test('forgets a session the moment it expires, and not before', async () => {
      const { store, clock } = opened()
      const session = sampleSession()
      await store.save(session)
      clock.advance(HOUR_MS - 1)
      expect(await store.find(session.sid)).toBeDefined()
      clock.advance(1)
      expect(await store.find(session.sid)).toBeUndefined()
      expect(await sidsOf(store, ADA)).toEqual([])
      expect(await store.countBySubject(session.identity.subject)).toBe(0)
      expect(await store.remove(session.sid)).toBe(false)
    })

    test('does not keep a session that has expired, and drops the live one that it replaces', async () => {
      const { store, clock } = opened()
      const session = sampleSession()
      await store.save(session)
      await store.save({ ...session, expiresAtMs: clock.now() })
      expect(await store.find(session.sid)).toBeUndefined()
      expect(await sidsOf(store, ADA)).toEqual([])
    })

    test('replaces a session that is saved again', async () => {
      const { store } = opened()
      const session = sampleSession()
      await store.save(session)
      await store.save({ ...session, userAgent: 'another' })
      expect((await store.find(session.sid))?.userAgent).toBe('another')
      expect(await sidsOf(store, ADA)).toHaveLength(1)
    })

    test('removes a session once and says so once, however often it is asked', async () => {
      const { store } = opened()
      const session = sampleSession()
      await store.save(session)
      const answers = await Promise.all(Array.from({ length: 20 }, () => store.remove(session.sid)))
      expect(answers.filter(Boolean)).toHaveLength(1)
      expect(await store.remove(session.sid)).toBe(false)
      expect(await store.find(session.sid)).toBeUndefined()
      expect(await sidsOf(store, ADA)).toEqual([])
      expect(await sidsOf(store, { all: true })).toEqual([])
    })

    test('has none of a person’s sessions left when those that it lists are removed, and all of everybody else’s', async () => {
      const { store } = opened()
      const mine = Array.from({ length: 250 }, () => sampleSession())
      const anothers = sampleSession({ subject: 'subject-of-bob' })
      await Promise.all([...mine, anothers].map((session) => store.save(session)))
      const forgotten: string[] = []
      const ports = { store, forget: (sid: string) => void forgotten.push(sid) }
      const atMs = anothers.createdAtMs
      expect(await clearRecords(ports, ADA, atMs)).toEqual({ removed: mine.length, isWhole: true })
      expect(forgotten.sort()).toEqual(mine.map(({ sid }) => sid).sort())
      expect(await clearRecords(ports, ADA, atMs)).toEqual({ removed: 0, isWhole: true })
      for (const { sid } of mine) expect(await store.find(sid)).toBeUndefined()
      expect(await store.find(anothers.sid)).toEqual({ ...anothers, lastSeenAtMs: anothers.createdAtMs })
      expect(await sidsOf(store, { subject: 'subject-of-bob' })).toEqual([anothers.sid])
      expect(await sidsOf(store, { all: true })).toEqual([anothers.sid])
    })

    test('refuses a session that it could not give back', async () => {
      const { store } = opened()
      const session = sampleSession()
      const large = { ...session.identity, claims: { blob: 'x'.repeat(300_000) } }
      await expect(store.save({ ...session, identity: large })).rejects.toThrow(SessionNotStorableError)
      await expect(store.save({ ...session, sid: 'short' })).rejects.toThrow(SessionNotStorableError)
      await expect(store.save({ ...session, expiresAtMs: Number.NaN })).rejects.toThrow(SessionNotStorableError)
      expect(await store.find(session.sid)).toBeUndefined()
      await store.save(session)
      await expect(store.update({ ...session, identity: large })).rejects.toThrow(SessionNotStorableError)
      expect(await store.find(session.sid)).toEqual({ ...session, lastSeenAtMs: session.createdAtMs })
    })

    test('takes any text for a subject, and keeps subjects apart', async () => {
      const { store } = opened()
      const subjects = ['__proto__', 'constructor', 'a', 'a:b', 'a\0b', 'Ä', '*', '{a}', '}{', '{}']
      for (const subject of subjects) await store.save(sampleSession({ subject }))
      for (const subject of subjects) {
        expect(await sidsOf(store, { subject })).toHaveLength(1)
        expect(await store.countBySubject(subject)).toBe(1)
      }
      const ports = { store, forget: () => undefined }
      expect(await clearRecords(ports, { subject: '*' }, Number.POSITIVE_INFINITY)).toMatchObject({ removed: 1 })
      expect(await sidsOf(store, { subject: 'a' })).toHaveLength(1)
    })
  })

  describe(`${name} changes a record`, () => {
    test('that is there, and leaves alone when it was last seen', async () => {
      const { store, clock } = opened()
      const session = sampleSession()
      const { sid, identity, expiresAtMs } = session
      await store.save(session)
      clock.advance(60_000)
      await store.touch(sid, clock.now(), { expiresAtMs, unlessSeenAfterMs: 0 })
      const changed = { ...session, identity: { ...identity, email: 'countess@example.com', groups: [] } }
      expect(await store.update(changed)).toBe(true)
      expect(await store.find(sid)).toEqual({ ...changed, lastSeenAtMs: clock.now() })
      expect(await sidsOf(store, { email: 'countess@example.com' })).toEqual([sid])
      expect(await sidsOf(store, { email: 'ada@example.com' })).toEqual([])
      expect(await sidsOf(store, ADA)).toEqual([sid])
      clock.advance(HOUR_MS - 60_000)
      expect(await store.find(sid)).toBeUndefined()
    })

    test('never of a session that has been ended, or has expired, or never was', async () => {
      const { store, clock } = opened()
      const [ended, expired] = [sampleSession(), sampleSession({ expiresAtMs: clock.now() + 1 })]
      await store.save(ended)
      await store.save(expired)
      await store.remove(ended.sid)
      clock.advance(1)
      for (const session of [ended, expired, sampleSession()]) {
        expect(await store.update(session)).toBe(false)
        expect(await store.find(session.sid)).toBeUndefined()
      }
      expect(await sidsOf(store, ADA)).toEqual([])
    })

    test('only as long as it has one of the refresh tokens that are named, if any are', async () => {
      const { store } = opened()
      const withToken = (sealedToken: string) => ({ sealedToken, dueAtMs: 1, confirmedAtMs: 1 })
      const session = sampleSession({ refresh: withToken('second') })
      await store.save(session)
      const older = { ...session, refresh: withToken('first'), userAgent: 'older' }
      expect(await store.update(older, ['zeroth', 'first'])).toBe(false)
      expect(await store.find(session.sid)).toMatchObject({ userAgent: session.userAgent, refresh: session.refresh })
      const newer = { ...session, refresh: withToken('third'), userAgent: 'newer' }
      expect(await store.update(newer, ['second', 'third'])).toBe(true)
      expect(await store.update(newer, ['second', 'third'])).toBe(true)
      expect(await store.find(session.sid)).toMatchObject({ userAgent: 'newer', refresh: newer.refresh })
      const without = sampleSession()
      await store.save(without)
      expect(await store.update(without, ['first'])).toBe(false)
      expect(await store.update(sampleSession(), ['first'])).toBe(false)
    })

    test('of which many are tried while it is being ended, and none brings it back', async () => {
      const { store } = opened()
      for (let round = 0; round < 20; round += 1) {
        const refresh = { sealedToken: 'sealed', dueAtMs: 1, confirmedAtMs: 1 }
        const session = sampleSession({ refresh })
        await store.save(session)
        const tries = Array.from({ length: 10 }, (_, index) =>
          store.update(session, index % 2 === 0 ? undefined : [refresh.sealedToken]),
        )
        await Promise.all([...tries.slice(5), store.remove(session.sid), ...tries.slice(0, 5)])
        expect(await store.find(session.sid)).toBeUndefined()
      }
    })
  })

  describe(`${name} notes when a session was last seen`, () => {
    test('unless that is known to be later', async () => {
      const { store, clock } = opened()
      const session = sampleSession()
      const { sid, expiresAtMs } = session
      await store.save(session)
      const lastSeen = async () => ((await store.find(sid))?.lastSeenAtMs ?? 0) - session.createdAtMs
      const touch = (atMs: number, everyMs: number) =>
        store.touch(sid, session.createdAtMs + atMs, {
          expiresAtMs,
          unlessSeenAfterMs: session.createdAtMs + atMs - everyMs,
        })
      clock.advance(200_000)
      await touch(100_000, 60_000)
      expect(await lastSeen()).toBe(100_000)
      await touch(159_999, 60_000)
      expect(await lastSeen()).toBe(100_000)
      await touch(160_000, 60_000)
      expect(await lastSeen()).toBe(160_000)
      await touch(120_000, 60_000)
      expect(await lastSeen()).toBe(160_000)
      await store.update({ ...session, userAgent: 'another' })
      expect(await lastSeen()).toBe(160_000)
    })

    test('once, of 20 replicas that say so at the same time', async () => {
      const { store, clock } = opened()
      const session = sampleSession()
      const { sid, createdAtMs, expiresAtMs } = session
      await store.save(session)
      clock.advance(100_000)
      const at = Array.from({ length: 20 }, (_, index) => createdAtMs + 80_000 + index)
      await Promise.all(at.map((ms) => store.touch(sid, ms, { expiresAtMs, unlessSeenAfterMs: ms - 60_000 })))
      expect((await store.find(sid))?.lastSeenAtMs).toBe(at[0])
    })

    test('never before its sign-in, and of one that is gone to no effect', async () => {
      const { store } = opened()
      const session = sampleSession()
      const options = { expiresAtMs: session.expiresAtMs, unlessSeenAfterMs: 0 }
      await store.save(session)
      await store.touch(session.sid, session.createdAtMs - 5000, options)
      expect((await store.find(session.sid))?.lastSeenAtMs).toBe(session.createdAtMs)
      await store.remove(session.sid)
      await store.touch(session.sid, session.createdAtMs, options)
      expect(await store.find(session.sid)).toBeUndefined()
      expect(await sidsOf(store, ADA)).toEqual([])
    })
  })

  describe(`${name} lists live sessions`, () => {
    test('of a person, the newest first, and nobody else’s', async () => {
      const { store, clock } = opened()
      const older = sampleSession({ createdAtMs: clock.now() - 2 })
      const newest = sampleSession({ createdAtMs: clock.now() })
      const middle = sampleSession({ createdAtMs: clock.now() - 1, expiresAtMs: clock.now() + 10 * HOUR_MS })
      const anothers = sampleSession({ subject: 'subject-of-bob' })
      for (const session of [middle, older, anothers, newest]) await store.save(session)
      expect(await sidsOf(store, ADA)).toEqual([newest.sid, middle.sid, older.sid])
      expect(await store.countBySubject('subject-of-ada')).toBe(3)
      clock.advance(HOUR_MS)
      expect(await sidsOf(store, ADA)).toEqual([middle.sid])
      expect(await store.countBySubject('subject-of-ada')).toBe(1)
    })

    test('by person, address, provider, application, and all of them', async () => {
      const { store } = opened()
      const ada = sampleSession()
      const bob = sampleSession({ subject: 'subject-of-bob' })
      const eve = sampleSession({
        subject: 'subject-of-eve',
        identity: { ...ada.identity, subject: 'subject-of-eve', provider: 'partner', email: undefined },
      })
      for (const session of [ada, bob, eve]) await store.save(session)
      for (const { sid, expiresAtMs } of [ada, eve]) await store.noteApplication(sid, 'shop/cart', expiresAtMs)
      await store.noteApplication(ada.sid, 'shop/cart', ada.expiresAtMs)
      await store.noteApplication(bob.sid, 'shop/till', bob.expiresAtMs)
      const rows: [SessionFilter, (typeof ada)[]][] = [
        [{ subject: 'subject-of-bob' }, [bob]],
        [{ email: 'ada@example.com' }, [ada, bob]],
        [{ email: 'undefined' }, []],
        [{ provider: 'corporate' }, [ada, bob]],
        [{ provider: 'partner' }, [eve]],
        [{ application: 'shop/cart' }, [ada, eve]],
        [{ application: 'shop/till' }, [bob]],
        [{ application: 'shop' }, []],
        [{ all: true }, [ada, bob, eve]],
      ]
      for (const [filter, sessions] of rows) {
        expect((await sidsOf(store, filter)).sort()).toEqual(sessions.map(({ sid }) => sid).sort())
      }
      await store.remove(ada.sid)
      expect(await sidsOf(store, { application: 'shop/cart' })).toEqual([eve.sid])
      expect(await sidsOf(store, { application: 'shop/cart' })).toEqual([eve.sid])
    })

    test('page by page, each once, also where many expire in the same millisecond', async () => {
      const { store, clock } = opened()
      const sessions = Array.from({ length: 60 }, (_, index) =>
        sampleSession({ expiresAtMs: clock.now() + HOUR_MS + Math.floor(index / 25) }),
      )
      await Promise.all(sessions.map((session) => store.save(session)))
      const sids = sessions.map(({ sid }) => sid).sort()
      for (const limit of [1, 7, 59, 60, 61, 1000]) expect((await sidsOf(store, ADA, limit)).sort()).toEqual(sids)
      const first = await store.list(ADA, { limit: 10 })
      expect(new Set(first.sessions.map(({ expiresAtMs }) => expiresAtMs - clock.now()))).toEqual(
        new Set([HOUR_MS + 2]),
      )
    })

    test('page by page although sessions come and go in between', async () => {
      const { store, clock } = opened()
      const sessions = Array.from({ length: 30 }, (_, index) =>
        sampleSession({ expiresAtMs: clock.now() + HOUR_MS + index }),
      )
      for (const session of sessions) await store.save(session)
      const first = await store.list(ADA, { limit: 10 })
      for (const { sid } of first.sessions) await store.remove(sid)
      await store.save(sampleSession({ expiresAtMs: clock.now() + 2 * HOUR_MS }))
      const second = await store.list(ADA, { limit: 10, after: first.next })
      expect(
        second.sessions.map(({ expiresAtMs }) => expiresAtMs - clock.now() - HOUR_MS).sort((a, b) => a - b),
      ).toEqual(Array.from({ length: 10 }, (_, index) => 10 + index))
    })

    test('but no page that there is not', async () => {
      const { store } = opened()
      const cursors = ['', 'x', '5', `5.${'A'.repeat(42)}`, `.${freshSid()}`, `5.${freshSid()}\n`, `-1.${freshSid()}`]
      for (const limit of [0, -1, 1.5, 1001, Number.NaN]) {
        await expect(store.list(ADA, { limit })).rejects.toThrow(SessionPageError)
      }
      for (const after of cursors) {
        await expect(store.list(ADA, { limit: 10, after })).rejects.toThrow(SessionPageError)
      }
      expect(await store.list(ADA, { limit: 10, after: `5.${freshSid()}` })).toMatchObject({ sessions: [] })
    })
  })
}

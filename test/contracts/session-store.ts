import { describe, expect, test } from 'vitest'
import { SessionNotStorableError } from '../../src/sessions/session.ts'
import type { SessionStore } from '../../src/sessions/session-store.ts'
import { freshSid, HOUR_MS, sampleSession } from '../sessions/sample-session.ts'
import { standingClock } from './clock.ts'

/**
 * The promises of `sessions/session-store.ts`.
 *
 * @param open gives an empty store that reads this clock
 */
export function sessionStoreContract(name: string, open: (now: () => number) => SessionStore): void {
  describe(`${name} keeps the promises of a session store`, () => {
    function opened() {
      const clock = standingClock()
      return { clock, store: open(clock.now) }
    }

    test('gives back what was saved, whole', async () => {
      const { store } = opened()
      const session = sampleSession({ sealedIdToken: 'sealed', clientAddress: undefined })
      await store.save(session)
      expect(await store.find(session.sid)).toEqual(session)
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
      expect(await store.listBySubject('nobody')).toEqual([])
    })

    test('forgets a session the moment it expires, and not before', async () => {
      const { store, clock } = opened()
      const session = sampleSession()
      await store.save(session)
      clock.advance(HOUR_MS - 1)
      expect(await store.find(session.sid)).toBeDefined()
      clock.advance(1)
      expect(await store.find(session.sid)).toBeUndefined()
      expect(await store.listBySubject(session.identity.subject)).toEqual([])
      expect(await store.removeBySubject(session.identity.subject)).toHaveLength(0)
      expect(await store.remove(session.sid)).toBe(false)
    })

    test('does not keep a session that has expired, and drops the live one that it replaces', async () => {
      const { store, clock } = opened()
      const session = sampleSession()
      await store.save(session)
      await store.save({ ...session, expiresAtMs: clock.now() })
      expect(await store.find(session.sid)).toBeUndefined()
      expect(await store.listBySubject(session.identity.subject)).toEqual([])
    })

    test('replaces a session that is saved again', async () => {
      const { store } = opened()
      const session = sampleSession()
      await store.save(session)
      await store.save({ ...session, userAgent: 'another' })
      expect((await store.find(session.sid))?.userAgent).toBe('another')
      expect(await store.listBySubject(session.identity.subject)).toHaveLength(1)
    })

    test('removes a session once and says so once, however often it is asked', async () => {
      const { store } = opened()
      const session = sampleSession()
      await store.save(session)
      const answers = await Promise.all(Array.from({ length: 20 }, () => store.remove(session.sid)))
      expect(answers.filter(Boolean)).toHaveLength(1)
      expect(await store.remove(session.sid)).toBe(false)
      expect(await store.find(session.sid)).toBeUndefined()
      expect(await store.listBySubject(session.identity.subject)).toEqual([])
    })

    test('lists a person’s sessions, the newest first, and nobody else’s', async () => {
      const { store, clock } = opened()
      const older = sampleSession({ createdAtMs: clock.now() - 2 })
      const newest = sampleSession({ createdAtMs: clock.now() })
      const middle = sampleSession({ createdAtMs: clock.now() - 1, expiresAtMs: clock.now() + 10 * HOUR_MS })
      const anothers = sampleSession({ subject: 'subject-of-bob' })
      for (const session of [middle, older, anothers, newest]) await store.save(session)
      const listed = await store.listBySubject('subject-of-ada')
      expect(listed.map(({ sid }) => sid)).toEqual([newest.sid, middle.sid, older.sid])
      clock.advance(HOUR_MS)
      expect((await store.listBySubject('subject-of-ada')).map(({ sid }) => sid)).toEqual([middle.sid])
    })

    test('ends all of a person’s sessions, counts them, and leaves everybody else’s alone', async () => {
      const { store } = opened()
      const mine = Array.from({ length: 250 }, () => sampleSession())
      const anothers = sampleSession({ subject: 'subject-of-bob' })
      await Promise.all([...mine, anothers].map((session) => store.save(session)))
      expect(await store.removeBySubject('subject-of-ada')).toHaveLength(250)
      expect(await store.removeBySubject('subject-of-ada')).toHaveLength(0)
      for (const { sid } of mine) expect(await store.find(sid)).toBeUndefined()
      expect(await store.find(anothers.sid)).toEqual(anothers)
      expect(await store.listBySubject('subject-of-bob')).toHaveLength(1)
    })

    test('refuses a session that it could not give back', async () => {
      const { store } = opened()
      const session = sampleSession()
      const large = { ...session.identity, claims: { blob: 'x'.repeat(300_000) } }
      await expect(store.save({ ...session, identity: large })).rejects.toThrow(SessionNotStorableError)
      await expect(store.save({ ...session, sid: 'short' })).rejects.toThrow(SessionNotStorableError)
      await expect(store.save({ ...session, expiresAtMs: Number.NaN })).rejects.toThrow(SessionNotStorableError)
      expect(await store.find(session.sid)).toBeUndefined()
    })

    test('takes any text for a subject, and keeps subjects apart', async () => {
      const { store } = opened()
      const subjects = ['__proto__', 'constructor', 'a', 'a:b', 'a\0b', 'Ä', '*']
      for (const subject of subjects) await store.save(sampleSession({ subject }))
      for (const subject of subjects) expect(await store.listBySubject(subject)).toHaveLength(1)
      expect(await store.removeBySubject('*')).toHaveLength(1)
      expect(await store.listBySubject('a')).toHaveLength(1)
    })
  })
}

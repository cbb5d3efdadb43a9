import { describe, expect, test } from 'vitest'
import { StoreUnavailableError } from '../../src/policy/errors.ts'
import type { ViewState } from '../../src/revocation/view.ts'
import type { KnownSession } from '../../src/sessions/session.ts'
import { cacheWorld, known } from './cache-world.ts'
import { freshSid, HOUR_MS, sampleSession } from './sample-session.ts'

test('peek knows nothing before the first load, and the session after it', async () => {
  const { cache, saved } = cacheWorld()
  const session = await saved()
  expect(cache.peek(session.sid)).toBeUndefined()
  expect(await cache.load(session.sid)).toEqual(known(session))
  expect(cache.peek(session.sid)).toEqual(known(session))
})

test('only what a check needs is remembered, and no secret', async () => {
  const { cache, saved } = cacheWorld()
  const refresh = { sealedToken: 'sealed', dueAtMs: 1_790_000_300_000, confirmedAtMs: 1_790_000_000_000 }
  const { sid } = await saved({ sealedIdToken: 'sealed', refresh })
  await cache.load(sid)
  const copy = cache.peek(sid) as KnownSession
  expect(Object.keys(copy).sort()).toEqual([
    ...['createdAtMs', 'earlierEmails', 'expiresAtMs', 'identity', 'lastSeenAtMs', 'providerSid', 'refresh', 'sid'],
  ])
  expect(JSON.stringify(copy)).not.toContain('sealed')
})

test('a copy is served without asking until the session expires, and is absent at that moment', async () => {
  const { cache, saved, clock, state } = cacheWorld()
  const session = await saved()
  await cache.load(session.sid)
  clock.advance(HOUR_MS - 1)
  expect(cache.peek(session.sid)).toEqual(known(session))
  clock.advance(1)
  expect(cache.peek(session.sid)).toBe('absent')
  expect(await cache.load(session.sid)).toBeUndefined()
  expect(state.reads).toBe(1)
})

test('1,000 checks of one session cost one read at first, and then at most one call of the store', async () => {
  const { check, saved, clock, state } = cacheWorld()
  const { sid } = await saved({ expiresAtMs: 1_790_000_000_000 + 24 * HOUR_MS })
  await check(sid)
  for (let round = 0; round < 3; round += 1) {
    clock.advance(HOUR_MS)
    const before = state.touches.length
    for (let time = 0; time < 1000; time += 1) expect(await check(sid)).toMatchObject({ sid })
    expect(state.touches.length - before).toBeLessThanOrEqual(1)
  }
  expect(state.reads).toBe(1)
})

test('an absent session is known to be absent for one second only', async () => {
  const { cache, clock, store } = cacheWorld()
  const session = sampleSession()
  expect(await cache.load(session.sid)).toBeUndefined()
  expect(cache.peek(session.sid)).toBe('absent')
  await store.save(session)
  clock.advance(1000)
  expect(cache.peek(session.sid)).toBeUndefined()
  expect(await cache.load(session.sid)).toEqual(known(session))
  expect(cache.peek(session.sid)).toEqual(known(session))
})

test('the store is asked once for all who wait for the same session', async () => {
  const { cache, saved, state } = cacheWorld()
  const [one, two] = [await saved(), await saved()]
  const all = await Promise.all(Array.from({ length: 100 }, (_, index) => cache.load(index % 2 ? one.sid : two.sid)))
  expect(state.reads).toBe(2)
  expect(all.filter((session) => session?.sid === one.sid)).toHaveLength(50)
})

describe('what is said to have changed', () => {
  test('is read at the next use, and other sessions are not', async () => {
    const { cache, check, saved, state, store } = cacheWorld()
    const [session, other] = [await saved(), await saved()]
    for (const { sid } of [session, other]) await check(sid)
    await store.update({ ...session, identity: { ...session.identity, groups: [] } })
    cache.changed(session.sid)
    expect(cache.peek(session.sid)).toBeUndefined()
    expect(cache.peek(other.sid)).toEqual(known(other))
    expect(await check(session.sid)).toMatchObject({ identity: { groups: [] } })
    expect(cache.peek(session.sid)).toMatchObject({ identity: { groups: [] } })
    expect(state.reads).toBe(3)
  })

  test('gives the same identity object if that says the same, and another if not', async () => {
    const { cache, saved, store } = cacheWorld()
    const session = await saved()
    const first = await cache.load(session.sid)
    await store.update({ ...session, userAgent: 'another' })
    cache.changed(session.sid)
    expect((await cache.load(session.sid))?.identity).toBe(first?.identity)
    await store.update({ ...session, identity: { ...session.identity, groups: [] } })
    cache.changed(session.sid)
    expect((await cache.load(session.sid))?.identity.groups).toEqual([])
  })

  test('makes an answer of the store that is under way count for those who asked before, and for nobody else', async () => {
    const { cache, saved, store, holdAnswers, state } = cacheWorld()
    const session = await saved()
    const letGo = holdAnswers()
    const before = cache.load(session.sid)
    await Promise.resolve()
    await store.update({ ...session, identity: { ...session.identity, groups: [] } })
    cache.changed(session.sid)
    letGo()
    expect((await before)?.identity.groups).toHaveLength(2)
    expect(cache.peek(session.sid)).toBeUndefined()
    expect((await cache.load(session.sid))?.identity.groups).toEqual([])
    expect(state.reads).toBe(2)
  })

  test('is an absence no longer', async () => {
    const { cache, store } = cacheWorld()
    const session = sampleSession()
    await cache.load(session.sid)
    await store.save(session)
    cache.changed(session.sid)
    expect(await cache.load(session.sid)).toEqual(known(session))
  })
})

describe('when announcements may have been missed', () => {
  test('every session is read once more, at its next use', async () => {
    const { cache, check, saved, state } = cacheWorld()
    const [one, two] = [await saved(), await saved()]
    for (const { sid } of [one, two]) await check(sid)
    cache.everythingMayHaveChanged()
    expect(state.reads).toBe(2)
    for (const { sid } of [one, two, one, two]) expect(await check(sid)).toMatchObject({ sid })
    expect(state.reads).toBe(4)
  })

  test('so is one that was being read at that moment', async () => {
    const { cache, saved, state, holdAnswers } = cacheWorld()
    const { sid } = await saved()
    const letGo = holdAnswers()
    const before = cache.load(sid)
    cache.everythingMayHaveChanged()
    letGo()
    expect(await before).toMatchObject({ sid })
    expect(cache.peek(sid)).toBeUndefined()
    expect(await cache.load(sid)).toMatchObject({ sid })
    expect(state.reads).toBe(2)
  })

  test('a session whose record is gone, and which nobody has revoked, goes on from memory and is counted', async () => {
    const { cache, check, saved, store, state, clock } = cacheWorld()
    const [session, unknown] = [await saved(), await saved()]
    await check(session.sid)
    for (const { sid } of [session, unknown]) await store.remove(sid)
    cache.everythingMayHaveChanged()
    for (let time = 0; time < 3; time += 1) expect(await check(session.sid)).toEqual(known(session))
    expect(await check(unknown.sid)).toBe('absent')
    expect(state.reads).toBe(3)
    expect(state.lost).toEqual([session.sid])
    clock.advance(HOUR_MS)
    expect(await check(session.sid)).toBe('absent')
  })

  test('a session whose record is gone since it was revoked is not counted as lost', async () => {
    const { cache, check, saved, store, state } = cacheWorld()
    const session = await saved()
    await check(session.sid)
    state.revoked.add(session.sid)
    await store.remove(session.sid)
    cache.everythingMayHaveChanged()
    expect(await check(session.sid)).toEqual(known(session))
    expect(state.lost).toEqual([])
  })

  test('a record that knows less than the copy does not count', async () => {
    const { cache, check, saved, store } = cacheWorld()
    const times = { sealedToken: 'sealed', dueAtMs: 1_790_000_900_000 }
    const later = await saved({ refresh: { ...times, confirmedAtMs: 1_790_000_600_000 } })
    await check(later.sid)
    const earlier = { ...later.identity, groups: ['administrators'] }
    await store.save({ ...later, identity: earlier, refresh: { ...times, confirmedAtMs: 1_790_000_599_999 } })
    cache.everythingMayHaveChanged()
    expect(await check(later.sid)).toEqual(known(later))
  })
})

describe('while the store gives no answer', () => {
  const invalidations: [string, (world: ReturnType<typeof cacheWorld>, sid: string) => void][] = [
    ['whose record has changed', ({ cache }, sid) => cache.changed(sid)],
    ['that may have changed', ({ cache }) => cache.everythingMayHaveChanged()],
  ]
  const rows: [ViewState, 'Deny' | 'Allow', boolean][] = [
    ['current', 'Deny', true],
    ['stale', 'Deny', false],
    ['never-read', 'Deny', false],
    ['current', 'Allow', true],
    ['stale', 'Allow', true],
    ['never-read', 'Allow', true],
  ]
  describe.each(invalidations)('a session %s', (_, invalidate) => {
    test.each(rows)('and revocations that are %s, onStale %s: served is %s', async (view, onStale, isServed) => {
      const world = cacheWorld({ settings: { onStale } })
      const session = await world.saved()
      await world.check(session.sid)
      world.state.isDown = true
      world.state.view = view
      invalidate(world, session.sid)
      for (let time = 0; time < 5; time += 1) {
        expect(await world.check(session.sid)).toEqual(isServed ? known(session) : 'unavailable')
      }
      world.clock.advance(HOUR_MS)
      expect(await world.check(session.sid)).toBe('absent')
    })
  })

  test('a session of which nothing was said to have changed is served however stale the revocations are', async () => {
    const { state, saved, check, cache } = cacheWorld()
    const session = await saved()
    await check(session.sid)
    state.isDown = true
    state.view = 'stale'
    expect(cache.peek(session.sid)).toEqual(known(session))
  })

  test('it is asked for a session at most once a second, and within a second of its return', async () => {
    const { cache, check, saved, state, clock, store } = cacheWorld()
    const session = await saved()
    await check(session.sid)
    await store.update({ ...session, identity: { ...session.identity, groups: [] } })
    cache.changed(session.sid)
    state.isDown = true
    for (let step = 0; step < 50; step += 1) {
      expect(await check(session.sid)).toEqual(known(session))
      clock.advance(100)
    }
    expect(state.reads).toBe(1 + 5)
    state.isDown = false
    expect(await check(session.sid)).toMatchObject({ identity: { groups: [] } })
  })

  test('a session that nobody remembers is unknown, not absent', async () => {
    const { cache, state, check, clock } = cacheWorld()
    const sid = freshSid()
    await cache.load(sid)
    state.isDown = true
    expect(await check(freshSid())).toBe('unavailable')
    expect(await check(sid)).toBe('absent')
    clock.advance(1000)
    expect(await check(sid)).toBe('unavailable')
  })

  test('another fault of the store is passed on, copy or not', async () => {
    const { cache, check, saved, state } = cacheWorld()
    const { sid } = await saved()
    await check(sid)
    cache.changed(sid)
    state.fault = new TypeError('fault')
    await expect(cache.load(sid)).rejects.toThrow(TypeError)
  })
})

describe('drop', () => {
  test('makes the next load ask the store', async () => {
    const { cache, saved, state, store } = cacheWorld()
    const { sid } = await saved()
    await cache.load(sid)
    await store.remove(sid)
    cache.drop(sid)
    expect(cache.peek(sid)).toBeUndefined()
    expect(await cache.load(sid)).toBeUndefined()
    expect(state.reads).toBe(2)
    expect(state.lost).toEqual([])
  })

  test('wins over a load that has read the session and not yet returned', async () => {
    const { cache, saved, store, holdAnswers } = cacheWorld()
    const { sid } = await saved()
    const letGo = holdAnswers()
    const before = cache.load(sid)
    await Promise.resolve()
    await store.remove(sid)
    cache.drop(sid)
    const after = cache.load(sid)
    letGo()
    await before
    expect(await after).toBeUndefined()
    expect(cache.peek(sid)).toBe('absent')
  })

  test('wins over a load that ends when nobody has asked again', async () => {
    const { cache, saved, holdAnswers } = cacheWorld()
    const { sid } = await saved()
    const letGo = holdAnswers()
    const before = cache.load(sid)
    cache.drop(sid)
    letGo()
    await before
    expect(cache.peek(sid)).toBeUndefined()
  })

  test('leaves no copy to fall back on when the store is away', async () => {
    const { cache, saved, state } = cacheWorld()
    const { sid } = await saved()
    await cache.load(sid)
    state.isDown = true
    cache.drop(sid)
    await expect(cache.load(sid)).rejects.toThrow(StoreUnavailableError)
  })
})

test('keeps so many sessions and no more, and lets go of the one that was not used for longest', async () => {
  const { cache, saved } = cacheWorld({ settings: { maxEntries: 2 } })
  const [one, two, three] = [await saved(), await saved(), await saved()]
  await cache.load(one.sid)
  await cache.load(two.sid)
  cache.peek(one.sid)
  await cache.load(three.sid)
  expect(cache.peek(one.sid)).toEqual(known(one))
  expect(cache.peek(two.sid)).toBeUndefined()
  expect(cache.peek(three.sid)).toEqual(known(three))
})

test('invented ids push no session out', async () => {
  const { cache, saved } = cacheWorld({ settings: { maxEntries: 2 } })
  const session = await saved()
  await cache.load(session.sid)
  for (let index = 0; index < 100; index += 1) await cache.load(`invented ${index}`)
  expect(cache.peek(session.sid)).toEqual(known(session))
})

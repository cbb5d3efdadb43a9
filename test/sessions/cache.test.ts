import { describe, expect, test } from 'vitest'
import { StoreUnavailableError } from '../../src/policy/errors.ts'
import { createSessionCache, type SessionCacheSettings } from '../../src/sessions/cache.ts'
import { memorySessionStore } from '../../src/sessions/memory.ts'
import type { KnownSession, Session } from '../../src/sessions/session.ts'
import { standingClock } from '../contracts/clock.ts'
import { freshSid, HOUR_MS, sampleSession } from './sample-session.ts'

/** A cache over a store that counts its reads, can be held up, and can be taken away. */
function setUp(settings?: SessionCacheSettings) {
  const clock = standingClock()
  const store = memorySessionStore({ now: clock.now })
  const state = { reads: 0, isDown: false, gate: Promise.resolve() }
  const cache = createSessionCache({
    now: clock.now,
    settings,
    store: {
      async find(sid) {
        state.reads += 1
        if (state.isDown) throw new StoreUnavailableError('down')
        const session = await store.find(sid)
        await state.gate
        return session
      },
    },
  })
  async function saved(parts: Partial<Session> = {}): Promise<Session> {
    const session = sampleSession(parts)
    await store.save(session)
    return session
  }
  /** Lets reads get as far as the store, and holds their answers back until the returned function is called. */
  function holdAnswers(): () => void {
    const { promise, resolve } = Promise.withResolvers<void>()
    state.gate = promise
    return resolve
  }
  return { clock, store, state, cache, saved, holdAnswers }
}

function known({ sid, identity, createdAtMs, expiresAtMs }: Session): KnownSession {
  return { sid, identity, createdAtMs, expiresAtMs }
}

test('peek knows nothing before the first load, and the session after it', async () => {
  const { cache, saved } = setUp()
  const session = await saved()
  expect(cache.peek(session.sid)).toBeUndefined()
  expect(await cache.load(session.sid)).toEqual(known(session))
  expect(cache.peek(session.sid)).toEqual(known(session))
})

test('only what a check needs is remembered', async () => {
  const { cache, saved } = setUp()
  const { sid } = await saved({ sealedIdToken: 'sealed' })
  await cache.load(sid)
  expect(Object.keys((cache.peek(sid) as Session) ?? {})).toEqual(['sid', 'identity', 'createdAtMs', 'expiresAtMs'])
})

test('a record that has not changed gives the same identity object, and one that has gives another', async () => {
  const { cache, saved, clock, store } = setUp()
  const session = await saved()
  const first = await cache.load(session.sid)
  clock.advance(1000)
  await store.save({ ...session, userAgent: 'another' })
  expect((await cache.load(session.sid))?.identity).toBe(first?.identity)
  clock.advance(1000)
  await store.save({ ...session, identity: { ...session.identity, groups: [] } })
  expect((await cache.load(session.sid))?.identity.groups).toEqual([])
})

test('a copy is served for one second, then the store is asked again', async () => {
  const { cache, saved, clock, state, store } = setUp()
  const { sid } = await saved()
  await cache.load(sid)
  await store.remove(sid)
  clock.advance(999)
  expect(cache.peek(sid)).toMatchObject({ sid })
  expect(await cache.load(sid)).toMatchObject({ sid })
  expect(state.reads).toBe(1)
  clock.advance(1)
  expect(cache.peek(sid)).toBeUndefined()
  expect(await cache.load(sid)).toBeUndefined()
  expect(cache.peek(sid)).toBe('absent')
  expect(state.reads).toBe(2)
})

test('an absent session is known to be absent for one second only', async () => {
  const { cache, clock, store } = setUp()
  const session = sampleSession()
  expect(await cache.load(session.sid)).toBeUndefined()
  expect(cache.peek(session.sid)).toBe('absent')
  await store.save(session)
  clock.advance(1000)
  expect(cache.peek(session.sid)).toBeUndefined()
  expect(await cache.load(session.sid)).toEqual(known(session))
  expect(cache.peek(session.sid)).toEqual(known(session))
})

test('a session that expires while its copy is fresh is absent at that moment', async () => {
  const { cache, saved, clock } = setUp()
  const { sid } = await saved({ expiresAtMs: clock.now() + 500 })
  await cache.load(sid)
  clock.advance(499)
  expect(cache.peek(sid)).toMatchObject({ sid })
  clock.advance(1)
  expect(cache.peek(sid)).toBe('absent')
  expect(await cache.load(sid)).toBeUndefined()
})

test('the store is asked once for all who wait for the same session', async () => {
  const { cache, saved, state } = setUp()
  const [one, two] = [await saved(), await saved()]
  const all = await Promise.all(Array.from({ length: 100 }, (_, index) => cache.load(index % 2 ? one.sid : two.sid)))
  expect(state.reads).toBe(2)
  expect(all.filter((session) => session?.sid === one.sid)).toHaveLength(50)
})

describe('while the store gives no answer', () => {
  test('a copy younger than the longest staleness is served, and then no longer', async () => {
    const { cache, saved, clock, state } = setUp()
    const session = await saved()
    await cache.load(session.sid)
    state.isDown = true
    clock.advance(29_999)
    expect(cache.peek(session.sid)).toBeUndefined()
    expect(await cache.load(session.sid)).toEqual(known(session))
    clock.advance(1)
    expect(cache.peek(session.sid)).toBeUndefined()
    await expect(cache.load(session.sid)).rejects.toThrow(StoreUnavailableError)
  })

  test('failed reads make a copy no younger, and are not repeated within a second', async () => {
    const { cache, saved, clock, state } = setUp({ maxStalenessMs: 5000 })
    const session = await saved()
    await cache.load(session.sid)
    state.isDown = true
    for (let step = 0; step < 49; step += 1) {
      clock.advance(100)
      expect(cache.peek(session.sid) ?? (await cache.load(session.sid))).toEqual(known(session))
    }
    expect(state.reads).toBe(1 + 4)
    clock.advance(100)
    await expect(cache.load(session.sid)).rejects.toThrow(StoreUnavailableError)
  })

  test('a session that nobody remembers is unknown, not absent', async () => {
    const { cache, state } = setUp()
    const sid = freshSid()
    await cache.load(sid)
    state.isDown = true
    await expect(cache.load(freshSid())).rejects.toThrow(StoreUnavailableError)
    expect(cache.peek(sid)).toBe('absent')
  })

  test('an absence is believed no longer than a second', async () => {
    const { cache, state, clock } = setUp()
    const sid = freshSid()
    await cache.load(sid)
    state.isDown = true
    clock.advance(1000)
    await expect(cache.load(sid)).rejects.toThrow(StoreUnavailableError)
  })

  test('a session that has expired is absent, stale copy or not', async () => {
    const { cache, saved, state, clock } = setUp()
    const { sid } = await saved({ expiresAtMs: clock.now() + 5000 })
    await cache.load(sid)
    state.isDown = true
    clock.advance(5000)
    expect(await cache.load(sid)).toBeUndefined()
  })

  test('the store is asked again within a second of its return', async () => {
    const { cache, saved, state, clock, store } = setUp()
    const { sid } = await saved()
    await cache.load(sid)
    state.isDown = true
    clock.advance(10_000)
    await cache.load(sid)
    state.isDown = false
    await store.remove(sid)
    clock.advance(1000)
    expect(await cache.load(sid)).toBeUndefined()
  })

  test('another fault of the store is passed on, copy or not', async () => {
    const clock = standingClock()
    const session = sampleSession()
    let find = async (): Promise<Session | undefined> => session
    const cache = createSessionCache({ store: { find: () => find() }, now: clock.now })
    await cache.load(session.sid)
    clock.advance(1000)
    find = async () => {
      throw new TypeError('fault')
    }
    await expect(cache.load(session.sid)).rejects.toThrow(TypeError)
  })
})

describe('drop', () => {
  test('makes the next load ask the store', async () => {
    const { cache, saved, state, store } = setUp()
    const { sid } = await saved()
    await cache.load(sid)
    await store.remove(sid)
    cache.drop(sid)
    expect(cache.peek(sid)).toBeUndefined()
    expect(await cache.load(sid)).toBeUndefined()
    expect(state.reads).toBe(2)
  })

  test('wins over a load that has read the session and not yet returned', async () => {
    const { cache, saved, store, holdAnswers } = setUp()
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
    const { cache, saved, holdAnswers } = setUp()
    const { sid } = await saved()
    const letGo = holdAnswers()
    const before = cache.load(sid)
    cache.drop(sid)
    letGo()
    await before
    expect(cache.peek(sid)).toBeUndefined()
  })

  test('leaves no copy to fall back on when the store is away', async () => {
    const { cache, saved, state } = setUp()
    const { sid } = await saved()
    await cache.load(sid)
    state.isDown = true
    cache.drop(sid)
    await expect(cache.load(sid)).rejects.toThrow(StoreUnavailableError)
  })
})

test('the age of a copy counts from the start of its read', async () => {
  const { cache, saved, clock, holdAnswers } = setUp()
  const { sid } = await saved()
  const letGo = holdAnswers()
  const slow = cache.load(sid)
  clock.advance(1000)
  letGo()
  expect(await slow).toMatchObject({ sid })
  expect(cache.peek(sid)).toBeUndefined()
})

test('a clock that is set back makes no copy fresh', async () => {
  const { cache, saved, clock, state } = setUp()
  const { sid } = await saved()
  await cache.load(sid)
  clock.advance(-HOUR_MS)
  expect(cache.peek(sid)).toBeUndefined()
  state.isDown = true
  await expect(cache.load(sid)).rejects.toThrow(StoreUnavailableError)
})

test('keeps so many sessions and no more, and lets go of the one that was not used for longest', async () => {
  const { cache, saved } = setUp({ maxEntries: 2 })
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
  const { cache, saved } = setUp({ maxEntries: 2 })
  const session = await saved()
  await cache.load(session.sid)
  for (let index = 0; index < 100; index += 1) await cache.load(`invented ${index}`)
  expect(cache.peek(session.sid)).toEqual(known(session))
})

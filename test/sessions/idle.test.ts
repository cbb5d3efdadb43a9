import { describe, expect, test } from 'vitest'
import { idleLimit, withoutIdle } from '../../src/sessions/idle.ts'
import { memorySessionStore } from '../../src/sessions/memory.ts'
import { standingClock } from '../contracts/clock.ts'
import { sidsOf } from '../contracts/session-store.ts'
import { cacheWorld, known } from './cache-world.ts'
import { HOUR_MS, sampleSession } from './sample-session.ts'

const MINUTE_MS = 60_000
const NEVER = Number.NEGATIVE_INFINITY

describe('a session that may be left alone for ten minutes', () => {
  const limit = idleLimit(600)
  test.each<[string, number, number, number, boolean]>([
    ['that was seen just now is not idle', 0, NEVER, 0, false],
    ['is not idle as long as a use may not have been written down', 0, NEVER, 11 * MINUTE_MS - 1, false],
    ['is idle then', 0, NEVER, 11 * MINUTE_MS, true],
    ['is not idle that was used here since', 0, 5 * MINUTE_MS, 15 * MINUTE_MS - 1, false],
    ['is idle ten minutes after its use here', 0, 5 * MINUTE_MS, 15 * MINUTE_MS, true],
    ['is not idle that was seen elsewhere since', 9 * MINUTE_MS, 5 * MINUTE_MS, 20 * MINUTE_MS - 1, false],
    ['is not idle if it was seen by a clock that is ahead', 60 * MINUTE_MS, NEVER, 0, false],
  ])('%s', (_, lastSeenAtMs, usedAtMs, atMs, isIdle) => {
    expect(limit.isIdle(lastSeenAtMs, usedAtMs, atMs)).toBe(isIdle)
  })
})

test('without a limit nothing is ever idle', () => {
  expect(idleLimit(undefined).isIdle(0, NEVER, Number.MAX_SAFE_INTEGER)).toBe(false)
})

describe('the cache', () => {
  const world = () => cacheWorld({ idle: idleLimit(600) })

  test('serves a session in use for as long as it is used, and writes that down once a minute', async () => {
    const { check, saved, clock, state } = world()
    const { sid } = await saved({ expiresAtMs: 1_790_000_000_000 + 10 * HOUR_MS })
    for (let minute = 0; minute < 60; minute += 1) {
      for (let time = 0; time < 6; time += 1) {
        expect(await check(sid)).toMatchObject({ sid })
        clock.advance(10_000)
      }
    }
    expect(state.reads).toBe(1)
    expect(state.touches).toEqual(Array.from({ length: 59 }, (_, minute) => (minute + 1) * MINUTE_MS))
  })

  test('asks the store about a session that was left alone here, and it is gone if nobody else saw it', async () => {
    const { check, saved, clock, state } = world()
    const { sid } = await saved()
    await check(sid)
    clock.advance(11 * MINUTE_MS - 1)
    expect(await check(sid)).toMatchObject({ sid })
    clock.advance(11 * MINUTE_MS)
    expect(await check(sid)).toBe('absent')
    expect(await check(sid)).toBe('absent')
    expect(state.reads).toBe(2)
    expect(state.lost).toEqual([])
  })

  test('goes on with a session that another replica has seen', async () => {
    const { check, saved, clock, store } = world()
    const { sid, expiresAtMs } = await saved()
    await check(sid)
    clock.advance(8 * MINUTE_MS)
    await store.touch(sid, clock.now(), { expiresAtMs, unlessSeenAfterMs: 0 })
    clock.advance(8 * MINUTE_MS)
    expect(await check(sid)).toMatchObject({ sid, lastSeenAtMs: 1_790_000_000_000 + 8 * MINUTE_MS })
  })

  test('does not bring back by a late look what is idle, nor know a session that it first meets when it is', async () => {
    const { cache, check, saved, clock } = world()
    const session = await saved()
    clock.advance(11 * MINUTE_MS)
    expect(await check(session.sid)).toBe('absent')
    expect(cache.peek(session.sid)).toBe('absent')
    clock.advance(1000)
    expect(await check(session.sid)).toBe('absent')
  })

  test('cannot tell what has become of an idle session while the store gives no answer', async () => {
    const { check, saved, clock, state } = world()
    const { sid } = await saved()
    await check(sid)
    clock.advance(11 * MINUTE_MS)
    state.isDown = true
    for (let time = 0; time < 3; time += 1) expect(await check(sid)).toBe('unavailable')
    state.isDown = false
    expect(await check(sid)).toBe('absent')
  })

  test('serves a session in use although its uses cannot be written down, and writes again later', async () => {
    const { check, saved, clock, state, store } = world()
    const session = await saved()
    await check(session.sid)
    state.isDown = true
    for (let minute = 0; minute < 30; minute += 1) {
      clock.advance(MINUTE_MS)
      expect(await check(session.sid)).toEqual(known(session))
    }
    state.isDown = false
    clock.advance(MINUTE_MS)
    expect(await check(session.sid)).toEqual(known(session))
    expect((await store.find(session.sid))?.lastSeenAtMs).toBe(clock.now())
    expect(state.faults).toEqual([])
  })
})

test('a store without idle sessions neither finds nor lists them, and leaves their records alone', async () => {
  const clock = standingClock()
  const store = memorySessionStore(clock)
  const visible = withoutIdle(store, { limit: idleLimit(600), now: clock.now })
  const [idle, seen] = [sampleSession(), sampleSession()]
  for (const session of [idle, seen]) await visible.save(session)
  clock.advance(5 * MINUTE_MS)
  await visible.touch(seen.sid, clock.now(), { expiresAtMs: seen.expiresAtMs, unlessSeenAfterMs: 0 })
  clock.advance(6 * MINUTE_MS)
  expect(await visible.find(idle.sid)).toBeUndefined()
  expect(await visible.find(seen.sid)).toMatchObject({ sid: seen.sid })
  expect(await sidsOf(visible, { all: true })).toEqual([seen.sid])
  expect(await sidsOf(store, { all: true })).toHaveLength(2)
})

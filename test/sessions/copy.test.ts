import { describe, expect, test } from 'vitest'
import type { Refreshing } from '../../src/sessions/copy.ts'
import type { KnownSession } from '../../src/sessions/session.ts'
import { cacheWorld, known } from './cache-world.ts'
import { HOUR_MS } from './sample-session.ts'

const START = 1_790_000_000_000
const MINUTE_MS = 60_000

/** A refresher that remembers what it was told, and confirms as it is told. */
function refreshing(boundMs = Number.POSITIVE_INFINITY) {
  const told: number[] = []
  const confirmed: number[] = []
  const answers = { confirm: async (session: KnownSession): Promise<KnownSession | undefined> => session }
  const refresher: Refreshing = {
    confirmationBoundMs: boundMs,
    onDue: (session) => told.push((session.refresh?.dueAtMs ?? 0) - START),
    ensureConfirmed: (session) => {
      confirmed.push((session.refresh?.confirmedAtMs ?? 0) - START)
      return answers.confirm(session)
    },
  }
  return { told, confirmed, answers, world: cacheWorld({ refreshing: refresher }) }
}

const refreshedAt = (confirmedAtMs: number, dueAtMs: number) => ({
  refresh: { sealedToken: 'sealed', dueAtMs: START + dueAtMs, confirmedAtMs: START + confirmedAtMs },
})

describe('that a session was used', () => {
  test('is written down at most every five minutes, however often it is used, and never waited for', async () => {
    const { check, cache, saved, clock, state, store, holdAnswers } = cacheWorld()
    const { sid } = await saved()
    await check(sid)
    const letGo = holdAnswers()
    for (let second = 0; second < 1200; second += 1) {
      clock.advance(1000)
      expect(cache.peek(sid)).toMatchObject({ sid })
    }
    expect(state.touches).toEqual([300_000, 600_000, 900_000, 1_200_000])
    letGo()
    await new Promise(setImmediate)
    expect((await store.find(sid))?.lastSeenAtMs).toBe(clock.now())
  })

  test('is written down by the first check of a session that was not seen for long', async () => {
    const { check, saved, clock, state } = cacheWorld()
    const { sid } = await saved()
    clock.advance(10 * MINUTE_MS)
    for (let time = 0; time < 10; time += 1) await check(sid)
    expect(state.touches).toEqual([600_000])
  })

  test('is not written down while the store is away but tried as often, and a fault of ours is told', async () => {
    const { check, saved, clock, state } = cacheWorld()
    const { sid } = await saved()
    await check(sid)
    state.isDown = true
    clock.advance(5 * MINUTE_MS)
    for (let time = 0; time < 10; time += 1) expect(await check(sid)).toMatchObject({ sid })
    expect(state.touches).toHaveLength(1)
    state.isDown = false
    state.fault = new TypeError('fault')
    clock.advance(5 * MINUTE_MS)
    for (let time = 0; time < 10; time += 1) expect(await check(sid)).toMatchObject({ sid })
    expect(state.faults).toEqual([{ where: 'session-touch', error: state.fault }])
  })
})

describe('a session that is due to be refreshed', () => {
  test('is announced once for each due time, at its first use after it', async () => {
    const { told, world } = refreshing()
    const { cache, check, saved, clock, store } = world
    const session = await saved(refreshedAt(0, 10 * MINUTE_MS))
    await check(session.sid)
    clock.advance(10 * MINUTE_MS - 1)
    await check(session.sid)
    expect(told).toEqual([])
    clock.advance(1)
    for (let time = 0; time < 10; time += 1) expect(await check(session.sid)).toEqual(known(session))
    cache.changed(session.sid)
    await check(session.sid)
    expect(told).toEqual([10 * MINUTE_MS])
    await store.update({ ...session, ...refreshedAt(11 * MINUTE_MS, 20 * MINUTE_MS) })
    cache.changed(session.sid)
    clock.advance(10 * MINUTE_MS)
    for (let time = 0; time < 10; time += 1) await check(session.sid)
    expect(told).toEqual([10 * MINUTE_MS, 20 * MINUTE_MS])
  })

  test('is announced if it is so when it is first met', async () => {
    const { told, world } = refreshing()
    const { sid } = await world.saved(refreshedAt(0, 0))
    await world.check(sid)
    expect(told).toEqual([0])
  })

  test('is not announced if nobody uses it, or nobody can refresh it', async () => {
    const { told, world } = refreshing()
    const { sid } = await world.saved(refreshedAt(0, MINUTE_MS))
    const without = await world.saved()
    for (const one of [sid, without.sid]) await world.check(one)
    world.clock.advance(10 * MINUTE_MS)
    await world.check(without.sid)
    expect(told).toEqual([])
  })
})

describe('a session whose identity has counted for longer than the bound', () => {
  async function beyondTheBound() {
    const { world, ...rest } = refreshing(20 * MINUTE_MS)
    const session = await world.saved(refreshedAt(0, 10 * MINUTE_MS))
    await world.check(session.sid)
    world.clock.advance(20 * MINUTE_MS - 1)
    expect(world.cache.peek(session.sid)).toEqual(known(session))
    world.clock.advance(1)
    expect(world.cache.peek(session.sid)).toBeUndefined()
    return { ...rest, ...world, session }
  }

  test('is served once it has been confirmed, from memory again and without a read', async () => {
    const { answers, confirmed, cache, state, session } = await beyondTheBound()
    answers.confirm = async (held) => ({ ...held, refresh: refreshedAt(20 * MINUTE_MS, 30 * MINUTE_MS).refresh })
    const all = await Promise.all(Array.from({ length: 10 }, () => cache.load(session.sid)))
    expect(all.every((one) => one?.refresh?.confirmedAtMs === START + 20 * MINUTE_MS)).toBe(true)
    expect(cache.peek(session.sid)).toMatchObject({ refresh: { confirmedAtMs: START + 20 * MINUTE_MS } })
    expect(confirmed).toEqual([0])
    expect(state.reads).toBe(1)
  })

  test('is read anew if its record has changed meanwhile, and need not be confirmed then', async () => {
    const { confirmed, check, cache, store, session } = await beyondTheBound()
    await store.update({ ...session, ...refreshedAt(19 * MINUTE_MS, 30 * MINUTE_MS) })
    cache.changed(session.sid)
    expect(await check(session.sid)).toMatchObject({ refresh: { confirmedAtMs: START + 19 * MINUTE_MS } })
    expect(confirmed).toEqual([])
  })

  test('is ended if the provider says so', async () => {
    const { answers, check, store, session } = await beyondTheBound()
    answers.confirm = async () => {
      await store.remove(session.sid)
      return undefined
    }
    expect(await check(session.sid)).toBe('absent')
    expect(await check(session.sid)).toBe('absent')
  })

  test('is not served if nobody can say, and that is passed on', async () => {
    const { answers, cache, session } = await beyondTheBound()
    answers.confirm = async () => {
      throw new RangeError('provider down')
    }
    for (let time = 0; time < 3; time += 1) await expect(cache.load(session.sid)).rejects.toThrow('provider down')
    expect(cache.peek(session.sid)).toBeUndefined()
  })

  test('is not served unconfirmed while the store gives no answer either', async () => {
    const { answers, cache, state, session } = await beyondTheBound()
    answers.confirm = async () => {
      throw new RangeError('provider down')
    }
    state.isDown = true
    cache.changed(session.sid)
    for (let time = 0; time < 3; time += 1) {
      expect(cache.peek(session.sid)).toBeUndefined()
      await expect(cache.load(session.sid)).rejects.toThrow('provider down')
    }
  })

  test('that can never be refreshed is served as it is', async () => {
    const { world, confirmed } = refreshing(20 * MINUTE_MS)
    const { sid, ...session } = await world.saved()
    await world.check(sid)
    world.clock.advance(HOUR_MS - 1)
    expect(await world.check(sid)).toEqual(known({ sid, ...session }))
    expect(confirmed).toEqual([])
  })
})

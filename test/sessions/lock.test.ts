import { describe, expect, test } from 'vitest'
import { StoreUnavailableError } from '../../src/policy/errors.ts'
import { createSessionLocks, type HeldLock, type LockStore } from '../../src/sessions/lock.ts'
import { memoryLockStore } from '../../src/sessions/lock-memory.ts'
import { virtualTime } from '../contracts/virtual-time.ts'

function world() {
  const time = virtualTime()
  const store = memoryLockStore(time)
  const state = { isDown: false, prolonged: 0, fault: undefined as Error | undefined }
  const guarded: LockStore = {
    take: (...all) => answer(() => store.take(...all)),
    prolong: (...all) =>
      answer(() => {
        state.prolonged += 1
        return store.prolong(...all)
      }),
    free: (...all) => answer(() => store.free(...all)),
  }
  async function answer<T>(call: () => Promise<T>): Promise<T> {
    if (state.fault !== undefined) throw state.fault
    if (state.isDown) throw new StoreUnavailableError('down')
    return call()
  }
  const faults: unknown[] = []
  const events = { internalError: ({ error }: { error: unknown }) => void faults.push(error) }
  let holders = 0
  const newHolder = () => {
    holders += 1
    return `holder-${holders}`
  }
  const locks = createSessionLocks({
    store: guarded,
    now: time.now,
    later: time.later,
    newHolder,
    events,
    lifeMs: 9000,
  })
  /** So slowly that what a timer has begun is done before the next one comes. */
  const pass = async (ms: number) => {
    for (let passed = 0; passed < ms; passed += 500) {
      time.advance(500)
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
  return { time, store, state, locks, pass, faults }
}

async function acquired({ locks }: ReturnType<typeof world>): Promise<HeldLock> {
  const lock = await locks.acquire('sid')
  if (lock === undefined) throw new Error('the lock is free')
  return lock
}

describe('a lock', () => {
  test('is renewed every third of its life for as long as it is held', async () => {
    const w = world()
    const lock = await acquired(w)
    await w.pass(60_000)
    expect(lock.isHeld()).toBe(true)
    expect(w.state.prolonged).toBe(20)
    expect(await w.locks.acquire('sid')).toBeUndefined()
    await lock.release()
    expect(lock.isHeld()).toBe(false)
    expect(w.time.waiting()).toBe(0)
    expect(await w.locks.acquire('sid')).toBeDefined()
  })

  test('counts no longer than it was last prolonged for when the store gives no answer, and lives on if it does in time', async () => {
    const w = world()
    const lock = await acquired(w)
    w.state.isDown = true
    await w.pass(5000)
    expect(lock.isHeld()).toBe(true)
    w.state.isDown = false
    await w.pass(10_000)
    expect(lock.isHeld()).toBe(true)
    w.state.isDown = true
    await w.pass(10_000)
    expect(lock.isHeld()).toBe(false)
    expect(w.time.waiting()).toBe(0)
    await lock.release()
  })

  test('that somebody else has by now counts no more, and is left to them', async () => {
    const w = world()
    const lock = await acquired(w)
    await w.store.free('sid', 'holder-1')
    expect(await w.store.take('sid', 'other', 60_000)).toBe(true)
    await w.pass(3000)
    expect(lock.isHeld()).toBe(false)
    await lock.release()
    expect(await w.store.take('sid', 'third', 60_000)).toBe(false)
  })

  test('that ended while the process slept counts no more', async () => {
    const w = world()
    const lock = await acquired(w)
    w.time.advance(60_000)
    expect(lock.isHeld()).toBe(false)
    expect(await w.locks.acquire('sid')).toBeDefined()
    await lock.release()
    expect(await w.locks.acquire('sid')).toBeUndefined()
  })

  test('is released without a word where the store gives no answer, and ends by itself', async () => {
    const w = world()
    const lock = await acquired(w)
    w.state.isDown = true
    await lock.release()
    await expect(w.locks.acquire('sid')).rejects.toThrow(StoreUnavailableError)
    w.state.isDown = false
    expect(await w.locks.acquire('sid')).toBeUndefined()
    await w.pass(9000)
    expect(await w.locks.acquire('sid')).toBeDefined()
  })

  test('that cannot be prolonged by a fault of ours ends, and the fault is told of', async () => {
    const w = world()
    const lock = await acquired(w)
    w.state.fault = new TypeError('a fault')
    await w.pass(10_000)
    await lock.release()
    expect(lock.isHeld()).toBe(false)
    expect(w.faults).toContain(w.state.fault)
  })
})

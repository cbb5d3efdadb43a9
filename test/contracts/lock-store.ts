import { describe, expect, test } from 'vitest'
import type { LockStore } from '../../src/sessions/lock.ts'

/** A store of locks, and the power over its time. */
export interface LockStoreUnderTest {
  readonly store: LockStore
  /** Lets so much time pass for every lock. */
  advance(milliseconds: number): Promise<void>
}

/**
 * The promises of `LockStore` in `sessions/lock.ts`.
 *
 * @param open gives an empty store
 */
export function lockStoreContract(name: string, open: () => LockStoreUnderTest): void {
  describe(`${name} keeps the promises of a store of locks`, () => {
    test('gives a lock to one holder at a time, of a hundred who ask at once', async () => {
      const { store } = open()
      const taken = await Promise.all(
        Array.from({ length: 100 }, (_, index) => store.take('sid', `holder-${index}`, 60_000)),
      )
      expect(taken.filter(Boolean)).toHaveLength(1)
      expect(await store.take('other', 'holder-1', 60_000)).toBe(true)
    })

    test('a lock ends by itself', async () => {
      const { store, advance } = open()
      await store.take('sid', 'a', 20_000)
      expect(await store.take('sid', 'b', 20_000)).toBe(false)
      await advance(20_000)
      expect(await store.take('sid', 'b', 60_000)).toBe(true)
    })

    test('only its holder prolongs a lock, and only while it lasts', async () => {
      const { store, advance } = open()
      await store.take('sid', 'a', 30_000)
      expect(await store.prolong('sid', 'b', 60_000)).toBe(false)
      expect(await store.prolong('sid', 'a', 60_000)).toBe(true)
      await advance(30_000)
      expect(await store.take('sid', 'b', 30_000)).toBe(false)
      expect(await store.prolong('other', 'a', 60_000)).toBe(false)
      expect(await store.prolong('sid', 'a', 10_000)).toBe(true)
      await advance(10_000)
      expect(await store.prolong('sid', 'a', 60_000)).toBe(false)
    })

    test('only its holder frees a lock', async () => {
      const { store } = open()
      await store.take('sid', 'a', 60_000)
      await store.free('sid', 'b')
      await store.free('never', 'a')
      expect(await store.take('sid', 'b', 60_000)).toBe(false)
      await store.free('sid', 'a')
      expect(await store.take('sid', 'b', 60_000)).toBe(true)
      await store.free('sid', 'a')
      expect(await store.take('sid', 'c', 60_000)).toBe(false)
    })
  })
}

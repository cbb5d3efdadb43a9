import { describe, expect, test } from 'vitest'
import { CODE_RECORD_MAX_BYTES, CodeNotStorableError, type CodeStore } from '../../src/login/code-store.ts'

/** A store of codes, and the power over its time. */
export interface CodeStoreUnderTest {
  readonly store: CodeStore
  /** Lets so much time pass for everything that is stored. */
  advance(milliseconds: number): Promise<void>
}

/**
 * The promises of `login/code-store.ts`.
 *
 * @param open gives an empty store
 */
export function codeStoreContract(name: string, open: () => CodeStoreUnderTest): void {
  describe(`${name} keeps the promises of a code store`, () => {
    test('gives a record once', async () => {
      const { store } = open()
      await store.put('key', '{"flow":"ü"}', 60)
      expect(await store.take('key')).toBe('{"flow":"ü"}')
      expect(await store.take('key')).toBeUndefined()
    })

    test('knows nothing of a key that was never put', async () => {
      const { store } = open()
      await store.put('key', 'record', 60)
      for (const key of ['', 'ke', 'key2', '*', '__proto__']) expect(await store.take(key)).toBeUndefined()
      expect(await store.take('key')).toBe('record')
    })

    test('gives the record to exactly one of 100 that take it at the same time', async () => {
      const { store } = open()
      for (let round = 0; round < 20; round += 1) {
        await store.put('key', `record ${round}`, 60)
        const taken = await Promise.all(Array.from({ length: 100 }, () => store.take('key')))
        expect(taken.filter((record) => record !== undefined)).toEqual([`record ${round}`])
      }
    })

    test('forgets a record when its time is over', async () => {
      const { store, advance } = open()
      await store.put('early', 'record', 60)
      await store.put('late', 'record', 60)
      await advance(50_000)
      expect(await store.take('early')).toBe('record')
      await advance(10_000)
      expect(await store.take('late')).toBeUndefined()
    })

    test('never replaces a record that can still be taken', async () => {
      const { store, advance } = open()
      await store.put('key', 'first', 60)
      await expect(store.put('key', 'second', 60)).rejects.toThrow(CodeNotStorableError)
      expect(await store.take('key')).toBe('first')
      await store.put('key', 'third', 60)
      await advance(60_000)
      await store.put('key', 'fourth', 60)
      expect(await store.take('key')).toBe('fourth')
    })

    test('puts a record in place of another, whole, with a time of its own', async () => {
      const { store, advance } = open()
      await store.put('key', 'first', 20)
      await store.replace('key', 'second', 60)
      await advance(50_000)
      expect(await store.take('key')).toBe('second')
      expect(await store.take('key')).toBeUndefined()
      await store.replace('key', 'third', 60)
      await expect(store.put('key', 'fourth', 60)).rejects.toThrow(CodeNotStorableError)
      await store.replace('key', 'fifth', 20)
      await advance(20_000)
      expect(await store.take('key')).toBeUndefined()
    })

    test('has exactly one of the records that replace each other at the same time, and gives it once', async () => {
      const { store } = open()
      const records = Array.from({ length: 20 }, (_, index) => `record ${index}`)
      await Promise.all(records.map((record) => store.replace('key', record, 60)))
      expect(records).toContain(await store.take('key'))
      expect(await store.take('key')).toBeUndefined()
    })

    test('keeps a record of the largest size and refuses a larger one', async () => {
      const { store } = open()
      const largest = 'x'.repeat(CODE_RECORD_MAX_BYTES)
      await store.put('key', largest, 60)
      expect(await store.take('key')).toBe(largest)
      await expect(store.put('key', `${largest}x`, 60)).rejects.toThrow(CodeNotStorableError)
      expect(await store.take('key')).toBeUndefined()
      await store.replace('key', 'small', 60)
      await expect(store.replace('key', `${largest}x`, 60)).rejects.toThrow(CodeNotStorableError)
      expect(await store.take('key')).toBe('small')
    })
  })
}

import { assertCodeRecordSize, CodeNotStorableError, type CodeStore } from './code-store.ts'

const MAX_CODES = 100_000

/** Keeps codes in this process. At most 100,000: the oldest go first. */
export function memoryCodeStore({ now }: { readonly now: () => number }): CodeStore {
  const codes = new Map<string, { readonly record: string; readonly expiresAtMs: number }>()

  function keep(key: string, record: string, ttlSeconds: number): void {
    assertCodeRecordSize(record)
    codes.delete(key)
    codes.set(key, { record, expiresAtMs: now() + ttlSeconds * 1000 })
    for (const [oldKey, { expiresAtMs }] of codes) {
      if (codes.size <= MAX_CODES && expiresAtMs > now()) break
      codes.delete(oldKey)
    }
  }

  return {
    async put(key, record, ttlSeconds) {
      const previous = codes.get(key)
      if (previous !== undefined && previous.expiresAtMs > now()) throw new CodeNotStorableError('key-in-use')
      keep(key, record, ttlSeconds)
    },
    async replace(key, record, ttlSeconds) {
      keep(key, record, ttlSeconds)
    },
    async take(key) {
      const code = codes.get(key)
      codes.delete(key)
      return code !== undefined && code.expiresAtMs > now() ? code.record : undefined
    },
  }
}

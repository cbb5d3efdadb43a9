import { beforeEach, describe, expect, test } from 'vitest'
import { type CurrentKeys, createCurrentKeys } from '../../src/tokens/current-keys.ts'
import type { KeySet } from '../../src/tokens/key-set.ts'
import { freshKeySet } from './rings.ts'

let said: string[]
let keys: CurrentKeys
beforeEach(() => {
  said = []
  keys = createCurrentKeys({
    source: 'Secret n/keys',
    events: {
      keysReplaced: ({ source, signing, accepted }) => said.push(`${source} ${signing} of ${accepted}`),
      keysUnreadable: ({ source, problem }) => said.push(`${source} ${problem}`),
    },
  })
})

const kidOf = (set: KeySet) => set.signing[0]?.kid
const mislabelled = (set: KeySet): KeySet => ({
  ...set,
  signing: set.signing.map((key) => ({ ...key, algorithm: 'RS256' })),
})

describe('keys that change while they are in use', () => {
  test('are none before there were any, and then the last good ones', async () => {
    const [first, second] = [await freshKeySet(), await freshKeySet('EdDSA')]
    expect([keys.ring(), keys.set()]).toEqual([undefined, undefined])
    expect(await keys.replace({ problem: 'does not exist' })).toBe('does not exist')
    expect(keys.ring()).toBeUndefined()
    expect(await keys.replace({ set: first })).toBeUndefined()
    expect(keys.ring()?.signing.kid).toBe(kidOf(first))
    expect(await keys.replace({ problem: 'is not JSON' })).toBe('is not JSON')
    expect([keys.ring()?.signing.kid, keys.set()]).toEqual([kidOf(first), first])
    await keys.replace({ set: { ...second, signing: [...second.signing, ...first.signing] } })
    expect(keys.ring()?.signing.kid).toBe(kidOf(second))
    expect([...(keys.ring()?.verifying.keys() ?? [])]).toEqual([kidOf(second), kidOf(first)])
    expect(said).toEqual([
      'Secret n/keys does not exist',
      `Secret n/keys ${kidOf(first)} of 1`,
      'Secret n/keys is not JSON',
      `Secret n/keys ${kidOf(second)} of 2`,
    ])
  })

  test('are the very same ring, and nothing is said, if the set is what it was', async () => {
    const set = await freshKeySet()
    await keys.replace({ set })
    const ring = keys.ring()
    await keys.replace({ set: structuredClone(set) })
    expect(keys.ring()).toBe(ring)
    expect(said).toHaveLength(1)
  })

  test('are not replaced by a set whose key is not what it says, and nothing of it is told', async () => {
    const [good, bad] = [await freshKeySet(), mislabelled(await freshKeySet())]
    await keys.replace({ set: good })
    expect(await keys.replace({ set: bad })).toMatch(/^has a key that cannot be used: /)
    expect(await keys.replace({ set: bad })).toMatch(/^has a key that cannot be used: /)
    expect(keys.set()).toBe(good)
    expect(said).toHaveLength(2)
    for (const secret of [bad.signing[0]?.key.d, bad.sealing[0]?.key]) expect(said.join()).not.toContain(secret)
  })

  test('are in the end what came last, however many come at once', async () => {
    const sets = await Promise.all([
      freshKeySet('RS256'),
      freshKeySet(),
      freshKeySet('EdDSA'),
      freshKeySet('RS256'),
      freshKeySet(),
    ])
    await Promise.all([...sets.map((set) => keys.replace({ set })), keys.replace({ problem: 'is not JSON' })])
    expect(keys.ring()?.signing.kid).toBe(kidOf(sets[4] as KeySet))
    expect(said.at(-1)).toBe('Secret n/keys is not JSON')
  })
})

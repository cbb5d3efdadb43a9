import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { KeyRing } from '../../src/tokens/key-ring.ts'
import { stamp, unstamped } from '../../src/tokens/stamp.ts'
import { freshRing, rings } from './rings.ts'

const ring = rings.ES256
const TEXT = '{"kind":"session"}'
const stamped = stamp(ring, 'session', 'a', TEXT)

test('a text that was stamped is known again, whatever it says', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string(), (text, place) => {
      expect(unstamped(ring, 'session', place, stamp(ring, 'session', place, text))).toBe(text)
    }),
  )
})

describe('is not ours', async () => {
  const other: KeyRing = await freshRing()
  test.each<[string, string | undefined]>([
    ['for another purpose', unstamped(ring, 'code', 'a', stamped)],
    ['in another place', unstamped(ring, 'session', 'b', stamped)],
    ['by the keys of another installation', unstamped(other, 'session', 'a', stamped)],
    ['by another key under the name of ours', unstamped(renamed(other, ring), 'session', 'a', stamped)],
    ['without a mark', unstamped(ring, 'session', 'a', TEXT)],
    ['with nothing in it', unstamped(ring, 'session', 'a', '')],
    ['cut short', unstamped(ring, 'session', 'a', stamped.slice(0, -1))],
    ['with something added', unstamped(ring, 'session', 'a', `${stamped} `)],
  ])('a text %s', (_, found) => {
    expect(found).toBeUndefined()
  })

  test('a text with any one character changed', () => {
    fc.assert(
      fc.property(fc.nat(stamped.length - 1), fc.constantFrom('A', 'b', '.', ' ', '{'), (index, character) => {
        const changed = stamped.slice(0, index) + character + stamped.slice(index + 1)
        fc.pre(changed !== stamped)
        expect(unstamped(ring, 'session', 'a', changed)).toBeUndefined()
      }),
    )
  })
})

test('what an earlier key stamped counts as long as the key is kept', async () => {
  const next = await freshRing()
  const [kid = '', key] = [...ring.opening][0] ?? []
  if (key === undefined) throw new Error('a ring has a key')
  const both = { ...next, opening: new Map([...next.opening, [kid, key]]) }
  expect(unstamped(both, 'session', 'a', stamped)).toBe(TEXT)
  expect(unstamped(next, 'session', 'a', stamped)).toBeUndefined()
})

/** A ring whose sealing key goes by the name of another's. */
function renamed(theirs: KeyRing, { sealing: { kid } }: KeyRing): KeyRing {
  return { ...theirs, sealing: { ...theirs.sealing, kid }, opening: new Map([[kid, theirs.sealing.key]]) }
}

import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isSid, newSessionId, sidOf } from '../../src/sessions/session-id.ts'

test('a session id is 256 random bits, and no two are alike', () => {
  const ids = new Set(Array.from({ length: 1000 }, () => newSessionId(randomBytes)))
  expect(ids.size).toBe(1000)
  for (const id of ids) {
    expect(Buffer.from(id, 'base64url')).toHaveLength(32)
    expect(isSid(sidOf(id) ?? '')).toBe(true)
    expect(sidOf(id)).not.toBe(id)
  }
})

test('a sid is the SHA-256 of the id’s text', () => {
  expect(sidOf('A'.repeat(43))).toBe('DwBzhbb51LfusnSGBa_hqYSgo7-j8BTQnip4TOnlzRo')
})

const id = newSessionId(() => new Uint8Array(32).fill(0xfb))
const others = [
  '',
  'a',
  id.slice(1),
  `${id}A`,
  `${id}=`,
  ` ${id}`,
  `${id}\n`,
  id.replace(/.$/, 'B'),
  id.replace('-', '+'),
]

test.for(others)('%j is no session id', (text) => {
  expect(sidOf(text)).toBeUndefined()
})

test('every session id has one spelling: no other text decodes to the same bytes and is accepted', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.string(), (bytes, text) => {
      const spelling = newSessionId(() => bytes)
      expect(sidOf(spelling)).toBeDefined()
      if (text !== spelling && sidOf(text) !== undefined) {
        expect(Buffer.from(text, 'base64url').equals(bytes)).toBe(false)
      }
    }),
  )
})

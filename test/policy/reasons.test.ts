import { describe, expect, test } from 'vitest'
import { isReason, reasons } from '../../src/policy/reasons.ts'

describe('reasons', () => {
  test.each(Object.entries(reasons))(
    '%s is spelt in kebab-case and says what it means in a sentence',
    (reason, text) => {
      expect(reason).toMatch(/^[a-z]+(-[a-z]+)*$/)
      expect(text).toMatch(/^[A-Z].*[^.]\.$/)
      expect(text.length).toBeGreaterThan(20)
    },
  )

  test('no two reasons say the same', () => {
    expect(new Set(Object.values(reasons)).size).toBe(Object.keys(reasons).length)
  })
})

describe('isReason', () => {
  test('knows the reasons and no names of object members', () => {
    expect(isReason('login-required')).toBe(true)
    for (const text of ['', 'no-such-reason', 'constructor', 'toString', '__proto__'])
      expect(isReason(text)).toBe(false)
  })
})

import { isIP } from 'node:net'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { IP_RANGE, isNetwork } from '../../src/policy/ip-range.ts'

describe('IP_RANGE', () => {
  test('takes every address that Node takes, but those with a zone, and no other', () => {
    const pieces = ['0', '1', 'f', 'ffff', '00ff', '00000', '255', '256', '01', ':', ':', '::', '.', '.', '1.2.3.4']
    const spelled = fc.array(fc.constantFrom(...pieces), { maxLength: 17 }).map((parts) => parts.join(''))
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6(), spelled), (address) => {
        expect(IP_RANGE.test(address)).toBe(isIP(address) !== 0)
      }),
      { numRuns: 5000 },
    )
  })

  test('takes lengths up to that of the address', () => {
    for (let bits = 0; bits <= 300; bits++) {
      expect([bits, IP_RANGE.test(`192.0.2.0/${bits}`)]).toEqual([bits, bits <= 32])
      expect([bits, IP_RANGE.test(`2001:db8::/${bits}`)]).toEqual([bits, bits <= 128])
    }
  })
})

describe('isNetwork', () => {
  test.each([
    ['192.0.2.0/24', true],
    ['192.0.2.7/32', true],
    ['0.0.0.0/0', true],
    ['2001:db8::/32', true],
    ['2001:DB8::1/128', true],
    ['::/0', true],
    ['192.0.2.0', false],
    ['192.0.2.7/24', false],
    ['2001:db8::1/32', false],
    ['::ffff:192.0.2.0/120', false],
    ['', false],
    ['a/24', false],
  ])('%s: %s', (text, expected) => expect(isNetwork(text)).toBe(expected))
})

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { clientAddress } from '../../src/policy/client-address.ts'
import { ruleOf, sampleRequest } from './sample.ts'

describe('clientAddress', () => {
  test.each<[string | undefined, number, string | undefined]>([
    [undefined, 0, undefined],
    [undefined, 3, undefined],
    ['', 0, undefined],
    ['', 1, undefined],
    ['192.0.2.7', 0, '192.0.2.7'],
    ['192.0.2.7', 1, undefined],
    ['192.0.2.7', 100, undefined],
    ['2001:db8::7', 0, '2001:db8::7'],
    ['::ffff:192.0.2.7', 0, '::ffff:192.0.2.7'],
    ['6.6.6.6, 192.0.2.7', 0, '192.0.2.7'],
    ['6.6.6.6,192.0.2.7', 0, '192.0.2.7'],
    ['6.6.6.6 ,\t192.0.2.7 ', 0, '192.0.2.7'],
    ['6.6.6.6, 192.0.2.7, 10.0.0.1', 1, '192.0.2.7'],
    ['6.6.6.6, 192.0.2.7, 10.0.0.1, 10.0.0.2', 2, '192.0.2.7'],
    ['6.6.6.6, 192.0.2.7,', 0, undefined],
    ['6.6.6.6, ,10.0.0.1', 1, undefined],
    ['6.6.6.6, unknown', 0, undefined],
    ['[2001:db8::7]', 0, undefined],
    ['[2001:db8::7]:443', 0, undefined],
    ['fe80::1%eth0', 0, undefined],
    ['fe80::1%25eth0', 0, undefined],
    ['"192.0.2.7"', 0, undefined],
    ['for=192.0.2.7', 0, undefined],
    ['localhost', 0, undefined],
    ['192.0.2.7\n', 0, undefined],
    ['192.0.2.7\u00a0', 0, undefined],
    ['192.0.2.7 6.6.6.6', 0, undefined],
    ['0'.repeat(46), 0, undefined],
    ['::', 0, '::'],
    ['0x7f.1', 0, undefined],
  ])('makes of %j with %d trusted hops %j', (value, trustedHops, expected) => {
    expect(clientAddress(value, trustedHops)).toBe(expected)
  })

  test.each(['192.0.2.7:1234', '999.999.999.999', '1.2.3', '12345', '.....', 'a:b', '0177.0.0.1'])(
    'passes on %j, which is made of the letters of an address; ip rules then answer error',
    (value) => {
      const address = clientAddress(value, 0)
      expect(address).toBe(value)
      const rule = ruleOf('ip', ['0.0.0.0/0', '::/0'])
      expect(
        rule.test({ request: sampleRequest({ clientAddress: address }), identity: undefined, now: 0 }),
      ).toMatchObject({
        outcome: 'error',
        reason: 'client-address-unknown',
      })
    },
  )

  test('never takes what a client wrote in front', () => {
    const anything = fc.string({ unit: 'binary' })
    fc.assert(
      fc.property(fc.array(anything), fc.ipV4(), fc.array(fc.ipV4(), { maxLength: 3 }), (written, address, hops) => {
        expect(clientAddress([...written, address, ...hops].join(', '), hops.length)).toBe(address)
      }),
    )
  })
})

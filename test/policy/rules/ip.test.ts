import { BlockList, isIP } from 'node:net'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { NOW, ruleOf, sampleRequest } from '../sample.ts'
import { schemaTable, verdictTable } from './cases.ts'

const WORDS = /expected an address or a range, such as 192\.0\.2\.7, 192\.0\.2\.0\/24 or 2001:db8::\/32/

schemaTable(
  'ip',
  [
    ['192.0.2.7'],
    ['192.0.2.0/24', '10.0.0.0/8'],
    ['0.0.0.0/0', '::/0'],
    ['192.0.2.7/32', '2001:db8::7/128'],
    ['192.0.2.7/24'],
    ['2001:DB8::1'],
    ['::'],
    ['::1'],
    ['::ffff:192.0.2.0/120'],
    ['2001:0db8:0000:0000:0000:0000:0000:0001/128'],
  ],
  [
    [[], />=1/],
    ['192.0.2.7', /expected array/],
    ...[
      '',
      'localhost',
      '192.0.2',
      '192.0.2.256',
      '192.0.2.7.1',
      '3232235777',
      '0xc0.0.2.7',
      '192.0.02.7',
      '010.0.0.0/8',
      '192.0.2.0/33',
      '192.0.2.0/-1',
      '192.0.2.0/',
      '192.0.2.0/08',
      '192.0.2.0/255.255.255.0',
      '192.0.2.0/24/24',
      '192.0.2.1-192.0.2.9',
      '192.0.2.*',
      ' 192.0.2.7',
      '192.0.2.7 ',
      '192.0.2.7:443',
      '2001:db8::/129',
      '2001:db8:::1',
      '2001:db8::1::2',
      '2001:db8::g',
      '12345::',
      '[2001:db8::1]',
      'fe80::1%eth0',
      'fe80::%eth0/10',
      '::ffff:192.0.2.256',
      '::ffff:192.0.02.7',
      ':',
      '1::2:3:4:5:6:7:8',
      '1:2:3:4:5:6:7',
      '1:2:3:4:5:6:7:8:9',
      '00001::',
      '1:2:3:4:5:6:7:192.0.2.7',
    ].map((text) => [[text], WORDS] as const),
  ],
)

function row(setting: string[], clientAddress: string | undefined, expected: string) {
  return {
    title: `${clientAddress} in ${setting.join(' ')}`,
    setting,
    request: { clientAddress },
    identity: undefined,
    expected,
  }
}

const UNKNOWN = 'error client-address-unknown'

verdictTable('ip', [
  row(['192.0.2.7'], '192.0.2.7', 'holds'),
  row(['192.0.2.7'], '192.0.2.8', 'fails'),
  row(['192.0.2.0/24'], '192.0.2.0', 'holds'),
  row(['192.0.2.0/24'], '192.0.2.255', 'holds'),
  row(['192.0.2.0/24'], '192.0.3.0', 'fails'),
  row(['192.0.2.0/24'], '192.0.1.255', 'fails'),
  row(['192.0.2.128/25'], '192.0.2.127', 'fails'),
  row(['192.0.2.128/25'], '192.0.2.128', 'holds'),
  row(['192.0.2.7/31'], '192.0.2.6', 'holds'),
  row(['192.0.2.99/24'], '192.0.2.7', 'holds'),
  row(['0.0.0.0/0'], '255.255.255.255', 'holds'),
  row(['0.0.0.0/0'], '2001:db8::1', 'fails'),
  row(['128.0.0.0/1'], '127.255.255.255', 'fails'),
  row(['::/0'], '2001:db8::1', 'holds'),
  row(['::/0'], '192.0.2.7', 'fails'),
  row(['2001:db8::/32'], '2001:db8:ffff:ffff:ffff:ffff:ffff:ffff', 'holds'),
  row(['2001:db8::/32'], '2001:db9::', 'fails'),
  row(['2001:db8::/33'], '2001:db8:8000::', 'fails'),
  row(['2001:db8::7/128'], '2001:DB8:0:0:0:0:0:7', 'holds'),
  row(['2001:db8::7/128'], '2001:db8::8', 'fails'),
  row(['10.0.0.0/8', '192.0.2.0/24'], '192.0.2.7', 'holds'),
  row(['192.0.2.0/24'], '::ffff:192.0.2.7', 'holds'),
  row(['192.0.2.0/24'], '::ffff:c000:207', 'holds'),
  row(['::ffff:192.0.2.0/120'], '192.0.2.7', 'holds'),
  row(['::ffff:192.0.2.0/120'], '::ffff:192.0.3.7', 'fails'),
  row(['::ffff:0:0/96'], '198.51.100.1', 'holds'),
  row(['192.0.2.0/24'], '::192.0.2.7', 'fails'),
  row(['192.0.2.0/24'], '64:ff9b::c000:207', 'fails'),
  row(['0.0.0.0/0', '::/0'], undefined, UNKNOWN),
  ...[
    '',
    'unknown',
    '192.0.2',
    '3221225991',
    '0300.0.2.7',
    '192.0.02.7',
    '192.0.2.7:1234',
    '192.0.2.7, 10.0.0.1',
    '[2001:db8::1]',
    'fe80::1%eth0',
    'cafe',
    ':::',
    '192.0.2.256',
  ].map((address) => row(['0.0.0.0/0', '::/0'], address, UNKNOWN)),
])

describe('ip', () => {
  test('agrees with arithmetic on 32-bit numbers', () => {
    fc.assert(
      fc.property(fc.nat(0xffffffff), fc.integer({ min: 0, max: 32 }), fc.nat(32), (base, bits, flipped) => {
        const address = flipped === 32 ? base : (base ^ (1 << flipped)) >>> 0
        const mask = bits === 0 ? 0 : (-1 << (32 - bits)) >>> 0
        const isInside = (address & mask) >>> 0 === (base & mask) >>> 0
        const rule = ruleOf('ip', [`${dotted(base)}/${bits}`])
        const verdict = rule.test({
          request: sampleRequest({ clientAddress: dotted(address) }),
          identity: undefined,
          now: NOW,
        })
        expect(verdict.outcome).toBe(isInside ? 'holds' : 'fails')
      }),
      { numRuns: 2000 },
    )
  })

  test('agrees with Node about IPv6 ranges, however an address is spelt', () => {
    const notMapped = fc.ipV6().filter((text) => !liesIn(text, '::ffff:0:0', 96))
    fc.assert(
      fc.property(notMapped, notMapped, fc.integer({ min: 0, max: 128 }), fc.boolean(), (base, other, bits, isSame) => {
        const address = isSame ? base : other
        const rule = ruleOf('ip', [`${base}/${bits}`])
        const verdict = rule.test({ request: sampleRequest({ clientAddress: address }), identity: undefined, now: NOW })
        expect(verdict.outcome).toBe(liesIn(address, base, bits) ? 'holds' : 'fails')
      }),
      { numRuns: 2000 },
    )
  })

  test('reads nothing as an address that Node does not', () => {
    const rule = ruleOf('ip', ['0.0.0.0/0', '::/0'])
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'01:.afx%/25'), maxLength: 12 }), (clientAddress) => {
        const verdict = rule.test({ request: sampleRequest({ clientAddress }), identity: undefined, now: NOW })
        if (isIP(clientAddress) === 0) expect(verdict.outcome).toBe('error')
        else if (!clientAddress.includes('%')) expect(verdict.outcome).toBe('holds')
      }),
      { numRuns: 5000 },
    )
  })

  test('answers about each client for itself, whoever was asked about before', () => {
    const rule = ruleOf('ip', ['192.0.2.0/24'])
    const addresses = ['192.0.2.7', '198.51.100.1', 'nonsense', '192.0.2.7', undefined, '198.51.100.1', '']
    const outcomes = addresses.map(
      (clientAddress) =>
        rule.test({ request: sampleRequest({ clientAddress }), identity: undefined, now: NOW }).outcome,
    )
    expect(outcomes).toEqual(['holds', 'fails', 'error', 'holds', 'error', 'fails', 'error'])
  })
})

function dotted(address: number): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 0xff).join('.')
}

/** Whether an IPv6 address lies in a range, by Node's own arithmetic. */
function liesIn(address: string, base: string, bits: number): boolean {
  const list = new BlockList()
  list.addSubnet(base, bits, 'ipv6')
  return list.check(address, 'ipv6')
}

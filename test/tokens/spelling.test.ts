import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { verifyAppToken } from '../../src/tokens/app-token.ts'
import { SIGNING_ALGORITHMS } from '../../src/tokens/key-set.ts'
import { canonical, isCanonical } from '../../src/tokens/spelling.ts'
import { AUDIENCE, ISSUER, mintedToken, NOW, rings } from './rings.ts'

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const P256_ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n
const ED25519_ORDER = 2n ** 252n + 27742317777372353535851937790883648493n
const EXPECTED = { issuer: ISSUER, audience: AUDIENCE, now: NOW }

describe.each(SIGNING_ALGORITHMS)('of a token signed with %s', (algorithm) => {
  const ring = rings[algorithm]

  test('the spelling that we mint is the canonical one', async () => {
    for (let round = 0; round < (algorithm === 'RS256' ? 5 : 40); round++) {
      const token = await mintedToken(ring)
      expect(isCanonical(token)).toBe(true)
      expect(canonical(token)).toBe(token)
      expect(await verifyAppToken(ring, token, EXPECTED)).toMatchObject({ audience: AUDIENCE })
    }
  })

  test.each<[string, (token: string) => string[]]>([
    ['another last character of any part', otherLastCharacters],
    ['padding', (token) => inserted(token, ['=', '==', '===', '%3D'])],
    ['white space', (token) => inserted(token, [' ', '\t', '\n', '\r\n', '\v', '\f', '\u00a0', '\ufeff', '\u2028'])],
    ['NUL and other bytes', (token) => inserted(token, ['\0', '\x7f', '\x80', '\xff', '~', '*', '!'])],
    ['more dots', (token) => inserted(token, ['.'])],
    [
      'the other alphabet of base64',
      (token) => [token.replaceAll('-', '+'), token.replaceAll('_', '/'), `${token.slice(0, -1)}+`],
    ],
    [
      'percent-encoding',
      (token) => [token.replaceAll('.', '%2E'), encodeURIComponent(`${token} `), token.replace('A', '%41')],
    ],
    [
      'quotes and a scheme',
      (token) => [`"${token}"`, `'${token}'`, `Bearer ${token}`, `${token},${token}`, `${token};`],
    ],
    ['letters that look alike', (token) => [token.replace('K', '\u212a'), token.replace('A', '\u0391')]],
  ])('no second spelling counts: %s', async (_, spellings) => {
    const token = await mintedToken(ring)
    const others = spellings(token).filter((other) => other !== token)
    expect(others.length).toBeGreaterThan(0)
    for (const other of others) {
      expect([other, await verifyAppToken(ring, other, EXPECTED)]).toEqual([other, 'token-invalid'])
    }
  })

  test('no second signature that holds can be made without the key', async () => {
    const token = await mintedToken(ring)
    const [header, payload, signature = ''] = token.split('.')
    const bytes = Buffer.from(signature, 'base64url')
    const others = {
      ES256: () => [
        scalarReplaced(bytes, (s) => P256_ORDER - s),
        Buffer.concat([bytes, Buffer.alloc(1)]),
        derOf(bytes),
      ],
      EdDSA: () => [littleEndianReplaced(bytes, (s) => s + ED25519_ORDER), Buffer.concat([bytes, Buffer.alloc(1)])],
      RS256: () => [Buffer.concat([Buffer.alloc(1), bytes]), Buffer.concat([bytes, Buffer.alloc(1)])],
    }[algorithm]()
    for (const other of others) {
      const respelt = `${header}.${payload}.${other.toString('base64url')}`
      expect(respelt).not.toBe(token)
      expect(await verifyAppToken(ring, respelt, EXPECTED)).toBe('token-invalid')
    }
  })
})

describe('canonical', () => {
  const head = `${Buffer.from('{"alg":"ES256"}').toString('base64url')}.e30`
  const spelt = (r: bigint, s: bigint) => `${head}.${Buffer.from(hex(r) + hex(s), 'hex').toString('base64url')}`

  test.each([
    ['the least s', 1n],
    ['half the order', P256_ORDER >> 1n],
  ])('leaves %s as it is', (_, s) => {
    expect(isCanonical(spelt(7n, s))).toBe(true)
    expect(canonical(spelt(7n, s))).toBe(spelt(7n, s))
  })

  test.each([
    ['just above half the order', (P256_ORDER >> 1n) + 1n],
    ['just below the order', P256_ORDER - 1n],
  ])('halves %s', (_, s) => {
    expect(isCanonical(spelt(7n, s))).toBe(false)
    expect(canonical(spelt(7n, s))).toBe(spelt(7n, P256_ORDER - s))
  })

  test('brings every signature into a form that it leaves alone, and keeps r', () => {
    const number = fc.bigInt({ min: 1n, max: P256_ORDER - 1n })
    fc.assert(
      fc.property(number, number, (r, s) => {
        const token = canonical(spelt(r, s))
        expect(isCanonical(token)).toBe(true)
        expect(canonical(token)).toBe(token)
        expect([spelt(r, s), spelt(r, P256_ORDER - s)]).toContain(token)
        expect(isCanonical(spelt(r, s)) !== isCanonical(spelt(r, P256_ORDER - s))).toBe(true)
      }),
    )
  })
})

describe('isCanonical', () => {
  test('never throws, and accepts only what base64url spells back', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.string({ unit: 'binary' }), fc.base64String()), { maxLength: 4 }), (parts) => {
        const text = parts.join('.')
        if (!isCanonical(text)) return
        expect(
          text
            .split('.')
            .map((part) => Buffer.from(part, 'base64url').toString('base64url'))
            .join('.'),
        ).toBe(text)
      }),
      { numRuns: 2000 },
    )
  })

  test.each([0, 1, 63, 65, 128])('refuses an ES256 signature of %d bytes', (size) => {
    const head = `${Buffer.from('{"alg":"ES256"}').toString('base64url')}.e30`
    expect(isCanonical(`${head}.${Buffer.alloc(size, 1).toString('base64url')}`)).toBe(false)
  })

  test('reads a megabyte of anything in no time', () => {
    for (const unit of ['A', '.', 'A.', '-', ' ']) expect(isCanonical(`${unit.repeat(500_000)}!`)).toBe(false)
  })
})

function otherLastCharacters(token: string): string[] {
  const parts = token.split('.')
  return parts.flatMap((part, index) =>
    [...ALPHABET].map((character) => parts.with(index, part.slice(0, -1) + character).join('.')),
  )
}

/** The text with an addition in front, at the end, in the middle of each part, and on both sides of each dot. */
function inserted(token: string, additions: readonly string[]): string[] {
  const dots = [token.indexOf('.'), token.lastIndexOf('.')]
  const places = [
    0,
    3,
    ...dots,
    ...dots.map((dot) => dot + 1),
    ...dots.map((dot) => dot + 5),
    token.length - 1,
    token.length,
  ]
  return additions.flatMap((addition) => places.map((at) => token.slice(0, at) + addition + token.slice(at)))
}

function hex(value: bigint): string {
  return value.toString(16).padStart(64, '0')
}

function scalarReplaced(signature: Buffer, change: (s: bigint) => bigint): Buffer {
  const s = BigInt(`0x${signature.subarray(32).toString('hex')}`)
  return Buffer.concat([signature.subarray(0, 32), Buffer.from(hex(change(s)), 'hex')])
}

function littleEndianReplaced(signature: Buffer, change: (s: bigint) => bigint): Buffer {
  const s = BigInt(`0x${Buffer.from(signature.subarray(32)).reverse().toString('hex')}`)
  return Buffer.concat([signature.subarray(0, 32), Buffer.from(hex(change(s)), 'hex').reverse()])
}

/** The same two numbers as a SEQUENCE of two INTEGERs (RFC 3279). */
function derOf(signature: Buffer): Buffer {
  const integers = [signature.subarray(0, 32), signature.subarray(32)].map((bytes) => {
    const value = (bytes[0] ?? 0) > 0x7f ? Buffer.concat([Buffer.alloc(1), bytes]) : bytes
    return Buffer.concat([Buffer.from([2, value.length]), value])
  })
  const content = Buffer.concat(integers)
  return Buffer.concat([Buffer.from([0x30, content.length]), content])
}

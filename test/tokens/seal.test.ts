import { CompactEncrypt } from 'jose'
import { describe, expect, test } from 'vitest'
import { verifyAppToken } from '../../src/tokens/app-token.ts'
import { keyRing } from '../../src/tokens/key-ring.ts'
import { open, type SealPurpose, seal } from '../../src/tokens/seal.ts'
import { AUDIENCE, freshKeySet, freshRing, ISSUER, mintedToken, NOW, rings, signedText } from './rings.ts'

const PURPOSES: readonly SealPurpose[] = [
  'signed-out',
  'posted-form',
  'transaction',
  'flow',
  'state',
  'request',
  'id-token',
]
const ring = rings.ES256
const LATER = NOW + 600_000

test.each<[string, unknown]>([
  ['an object', { state: 'x', list: [1, null, true], text: 'Zürich 😀' }],
  ['a text', 'id token'],
  ['a number', 0],
  ['null', null],
  ['false', false],
  ['an empty list', []],
])('gives back %s', async (_, value) => {
  expect(await open(ring, 'flow', await seal(ring, 'flow', value, LATER), NOW)).toEqual(value)
})

test('says nothing of what is inside, and never looks the same twice', async () => {
  const [one, two] = [await seal(ring, 'flow', 'canary', LATER), await seal(ring, 'flow', 'canary', LATER)]
  expect(one).not.toBe(two)
  expect(Buffer.from(one, 'base64url').toString('latin1')).not.toContain('canary')
})

describe('a value sealed for one purpose', () => {
  for (const purpose of PURPOSES) {
    test(`${purpose} is opened for that purpose alone`, async () => {
      const sealed = await seal(ring, purpose, 'value', LATER)
      for (const other of PURPOSES) {
        expect([other, await open(ring, other, sealed, NOW)]).toEqual([other, other === purpose ? 'value' : undefined])
      }
    })
  }
})

test.each([
  ['a millisecond before its end', LATER - 1, 'value'],
  ['at its end', LATER, undefined],
  ['after its end', LATER + 1, undefined],
  ['long before', 0, 'value'],
])('opens until just before its end: %s', async (_, now, expected) => {
  expect(await open(ring, 'flow', await seal(ring, 'flow', 'value', LATER), now)).toBe(expected)
})

test('is not opened once any character of it is another', async () => {
  const sealed = await seal(ring, 'flow', 'value', LATER)
  for (let at = 0; at < sealed.length; at++) {
    for (const character of ['A', 'B', 'E', '.', '=', ' ', '\n', '+', '\0', '\u00e9']) {
      if (sealed[at] === character) continue
      const changed = sealed.slice(0, at) + character + sealed.slice(at + 1)
      expect([at, character, await open(ring, 'flow', changed, NOW)]).toEqual([at, character, undefined])
    }
  }
})

test('is not opened in a second spelling', async () => {
  const sealed = await seal(ring, 'flow', 'value', LATER)
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  const parts = sealed.split('.')
  const others = [
    ...parts.flatMap((part, index) =>
      [...alphabet].map((last) => parts.with(index, part.slice(0, -1) + last).join('.')),
    ),
    ...['=', '==', ' ', '\n', '\t'].flatMap((end) => [
      sealed + end,
      end + sealed,
      ...parts.map((part, index) => parts.with(index, part + end).join('.')),
    ]),
    sealed.replaceAll('-', '+'),
    sealed.replaceAll('_', '/'),
  ].filter((other) => other !== sealed)
  for (const other of others) expect([other, await open(ring, 'flow', other, NOW)]).toEqual([other, undefined])
})

test('is not opened with the keys of another installation', async () => {
  expect(await open(await freshRing(), 'flow', await seal(ring, 'flow', 'value', LATER), NOW)).toBeUndefined()
})

test('is not opened with another key of the same name', async () => {
  const [one, two] = [await freshKeySet(), await freshKeySet()]
  const kid = one.sealing[0]?.kid ?? ''
  const twin = await keyRing({ ...two, sealing: two.sealing.map((key) => ({ ...key, kid })) })
  expect(await open(twin, 'flow', await seal(await keyRing(one), 'flow', 'value', LATER), NOW)).toBeUndefined()
})

test('an older key opens what it sealed, and the first one seals what is new', async () => {
  const [old, young] = [await freshKeySet(), await freshKeySet()]
  const sealedBefore = await seal(await keyRing(old), 'flow', 'before', LATER)
  const both = await keyRing({ ...young, sealing: [...young.sealing, ...old.sealing] })
  expect(await open(both, 'flow', sealedBefore, NOW)).toBe('before')
  const sealedAfter = await seal(both, 'flow', 'after', LATER)
  expect(await open(await keyRing(young), 'flow', sealedAfter, NOW)).toBe('after')
  expect(await open(await keyRing(young), 'flow', sealedBefore, NOW)).toBeUndefined()
})

test('opens nothing longer than 16 KiB', async () => {
  const sealed = await seal(ring, 'flow', 'x'.repeat(11_000), LATER)
  expect(sealed.length).toBeLessThanOrEqual(16_384)
  expect(await open(ring, 'flow', sealed, NOW)).toHaveLength(11_000)
  const longer = await seal(ring, 'flow', 'x'.repeat(12_400), LATER)
  expect(longer.length).toBeGreaterThan(16_384)
  expect(await open(ring, 'flow', longer, NOW)).toBeUndefined()
})

test('an app token is no sealed value, and a sealed value no app token', async () => {
  const token = await mintedToken(ring)
  const sealed = await seal(ring, 'flow', 'value', LATER)
  for (const purpose of PURPOSES) expect(await open(ring, purpose, token, NOW)).toBeUndefined()
  expect(await verifyAppToken(ring, sealed, { issuer: ISSUER, audience: AUDIENCE, now: NOW })).toBe('token-invalid')
})

test('what is signed and not encrypted is never opened', async () => {
  const signed = await signedText(ring, JSON.stringify({ value: 'value', expiresAtMs: LATER }), { typ: 'flow' })
  expect(await open(ring, 'flow', signed, NOW)).toBeUndefined()
})

describe('a value encrypted by somebody else', () => {
  const plain = new TextEncoder().encode(JSON.stringify({ value: 'value', expiresAtMs: LATER }))
  const { kid } = ring.sealing

  test.each<[string, Parameters<CompactEncrypt['setProtectedHeader']>[0], Uint8Array]>([
    ['with a key of their own', { alg: 'dir', enc: 'A256GCM', kid, typ: 'flow' }, new Uint8Array(32).fill(1)],
    ['with a key of zeros', { alg: 'dir', enc: 'A256GCM', kid, typ: 'flow' }, new Uint8Array(32)],
    ['with another cipher', { alg: 'dir', enc: 'A128GCM', kid, typ: 'flow' }, new Uint8Array(16)],
    ['with CBC', { alg: 'dir', enc: 'A128CBC-HS256', kid, typ: 'flow' }, new Uint8Array(32)],
    ['with a wrapped key', { alg: 'A256KW', enc: 'A256GCM', kid, typ: 'flow' }, new Uint8Array(32)],
    ['without a kid', { alg: 'dir', enc: 'A256GCM', typ: 'flow' }, new Uint8Array(32)],
  ])('is not opened: %s', async (_, header, key) => {
    const sealed = await new CompactEncrypt(plain).setProtectedHeader(header).encrypt(key)
    expect(await open(ring, 'flow', sealed, NOW)).toBeUndefined()
  })

  test('is not opened, and costs next to nothing, if it is to be derived from a password a million times', async () => {
    const header = { alg: 'PBES2-HS512+A256KW', p2c: 2_000_000_000, p2s: 'AAAA', enc: 'A256GCM', kid, typ: 'flow' }
    const sealed = [Buffer.from(JSON.stringify(header)).toString('base64url'), 'AAAA', 'AAAA', 'AAAA', 'AAAA'].join('.')
    expect(await open(ring, 'flow', sealed, NOW)).toBeUndefined()
  })
})

test.each([
  '',
  '.',
  '....',
  'a.b.c.d.e',
  'e30....',
  `${Buffer.from('null').toString('base64url')}.a.b.c.d`,
  `${Buffer.from('{"alg":"dir"}').toString('base64url')}....`,
  'ü',
  '\0',
  '%',
])('opens nothing of %j, and throws nothing', async (text) => {
  expect(await open(ring, 'flow', text, NOW)).toBeUndefined()
})

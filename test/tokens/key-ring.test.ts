import { createLocalJWKSet, jwtVerify } from 'jose'
import { describe, expect, test } from 'vitest'
import { verifyAppToken } from '../../src/tokens/app-token.ts'
import { keyRing } from '../../src/tokens/key-ring.ts'
import { type KeySet, SIGNING_ALGORITHMS } from '../../src/tokens/key-set.ts'
import { AUDIENCE, freshKeySet, ISSUER, mintedToken, NOW, rings } from './rings.ts'

const EXPECTED = { issuer: ISSUER, audience: AUDIENCE, now: NOW }
const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k']

test('the first key signs, and every key is verified with', async () => {
  const sets = await Promise.all(SIGNING_ALGORITHMS.map((algorithm) => freshKeySet(algorithm)))
  const [first] = sets
  if (first === undefined) throw new Error('there are algorithms')
  const ring = await keyRing({ ...first, signing: sets.flatMap(({ signing }) => signing) })
  expect(ring.signing).toMatchObject({ kid: first.signing[0]?.kid, algorithm: 'ES256' })
  for (const set of sets) {
    expect(await verifyAppToken(ring, await mintedToken(await keyRing(set)), EXPECTED)).toMatchObject({
      kid: set.signing[0]?.kid,
    })
  }
})

test('a token of a key that has been taken out counts no longer', async () => {
  const [old, young] = [await freshKeySet(), await freshKeySet()]
  const token = await mintedToken(await keyRing(old))
  const both = await keyRing({ ...young, signing: [...young.signing, ...old.signing] })
  expect(await verifyAppToken(both, token, EXPECTED)).toMatchObject({ kid: old.signing[0]?.kid })
  expect(await verifyAppToken(await keyRing(young), token, EXPECTED)).toBe('token-invalid')
})

describe.each(SIGNING_ALGORITHMS)('the published half of a key for %s', (algorithm) => {
  const ring = rings[algorithm]

  test('has no private member, and says what the key is for', () => {
    const [jwk = {}] = ring.jwks.keys
    expect(Object.keys(jwk).filter((name) => PRIVATE_MEMBERS.includes(name))).toEqual([])
    expect(jwk).toMatchObject({ kid: ring.signing.kid, alg: algorithm, use: 'sig' })
  })

  test('verifies a token for any JOSE library', async () => {
    const jwks = createLocalJWKSet(JSON.parse(JSON.stringify(ring.jwks)))
    const { payload } = await jwtVerify(await mintedToken(ring), jwks, {
      issuer: ISSUER,
      audience: AUDIENCE,
      currentDate: new Date(NOW),
    })
    expect(payload).toMatchObject({ type: 'app' })
  })
})

test('a member that nobody thought of stays at home', async () => {
  const set = await freshKeySet()
  const [signing] = set.signing
  if (signing === undefined) throw new Error('a set has a key')
  const ring = await keyRing({
    ...set,
    signing: [{ ...signing, key: { ...signing.key, note: 'canary', x5c: ['canary'] } }],
  })
  expect(JSON.stringify(ring.jwks)).not.toContain('canary')
  expect(JSON.stringify(ring.jwks)).not.toContain(String(signing.key.d))
})

test('a private key cannot be taken out of the ring again', () => {
  for (const algorithm of SIGNING_ALGORITHMS) expect(rings[algorithm].signing.key.extractable).toBe(false)
})

describe('a key that is not what it says it is', () => {
  async function withKey(
    change: (key: Record<string, unknown>) => object,
    algorithm: KeySet['signing'][number]['algorithm'] = 'ES256',
  ) {
    const set = await freshKeySet(algorithm)
    return {
      ...set,
      signing: set.signing.map((one) => ({ ...one, key: { ...one.key, ...change(one.key) } })),
    } as KeySet
  }

  test.each<[string, () => Promise<KeySet>]>([
    ['an elliptic key named RS256', async () => mislabelled(await freshKeySet('ES256'), 'RS256')],
    ['an RSA key named ES256', async () => mislabelled(await freshKeySet('RS256'), 'ES256')],
    ['an Ed25519 key named ES256', async () => mislabelled(await freshKeySet('EdDSA'), 'ES256')],
    ['another curve', () => withKey(() => ({ crv: 'P-384' }))],
    [
      'a public half of another key',
      async () => {
        const [other] = (await freshKeySet()).signing
        return withKey(() => ({ x: other?.key.x, y: other?.key.y }))
      },
    ],
    [
      'a private half of another Ed25519 key',
      async () => {
        const [other] = (await freshKeySet('EdDSA')).signing
        return withKey(() => ({ d: other?.key.d }), 'EdDSA')
      },
    ],
    ['a private half that is cut off', () => withKey(({ d }) => ({ d: String(d).slice(0, 10) }))],
    ['a private half that is no base64url', () => withKey(() => ({ d: '***' }))],
    ['an RSA key of 1,024 bits', () => rsaSet(1024)],
    ['an RSA key of 4,096 bits, whose tokens would be longer than 1 kB', () => rsaSet(4096)],
  ])('is refused when it is loaded, and nothing of it is told: %s', async (_, make) => {
    const set = await make()
    const error: unknown = await keyRing(set).then(
      () => undefined,
      (thrown: unknown) => thrown,
    )
    expect(error).toBeInstanceOf(Error)
    const told = String((error as Error).stack) + String((error as Error).cause)
    for (const { key } of set.signing) {
      for (const name of PRIVATE_MEMBERS) {
        const secret = key[name]
        if (typeof secret === 'string' && secret.length > 3) expect(told).not.toContain(secret)
      }
    }
  })

  function mislabelled(set: KeySet, algorithm: KeySet['signing'][number]['algorithm']): KeySet {
    return { ...set, signing: set.signing.map((one) => ({ ...one, algorithm })) }
  }
})

async function rsaSet(bits: number): Promise<KeySet> {
  const set = await freshKeySet()
  const { privateKey } = await crypto.subtle.generateKey(
    { name: 'RSASSA-PKCS1-v1_5', modulusLength: bits, publicExponent: new Uint8Array([1, 0, 1]), hash: 'SHA-256' },
    true,
    ['sign', 'verify'],
  )
  const { kty, n, e, d, p, q, dp, dq, qi } = await crypto.subtle.exportKey('jwk', privateKey)
  const key = { kty, n, e, d, p, q, dp, dq, qi } as KeySet['signing'][number]['key']
  return { ...set, signing: set.signing.map((one) => ({ ...one, algorithm: 'RS256', key })) }
}

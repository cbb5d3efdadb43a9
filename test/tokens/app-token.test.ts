import {
  createHmac,
  createPublicKey,
  generateKeyPairSync,
  type JsonWebKey,
  type KeyObject,
  sign,
  webcrypto,
} from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isWithinLifetime, LEEWAY_SECONDS, TokenTooLargeError, verifyAppToken } from '../../src/tokens/app-token.ts'
import { createAssertions } from '../../src/tokens/assertion.ts'
import { type KeyRing, keyRing } from '../../src/tokens/key-ring.ts'
import { SIGNING_ALGORITHMS } from '../../src/tokens/key-set.ts'
import { canonical } from '../../src/tokens/spelling.ts'
import { sampleApplication, sampleIdentity } from '../policy/sample.ts'
import {
  AUDIENCE,
  decoded,
  freshKeySet,
  freshRing,
  ISSUER,
  mintedToken,
  NOW,
  rings,
  SID,
  SUBJECT,
  signedClaims,
  signedText,
  soundClaims,
} from './rings.ts'

const EXPECTED = { issuer: ISSUER, audience: AUDIENCE, now: NOW }
const IAT = Math.floor(NOW / 1000)

describe.each(SIGNING_ALGORITHMS)('an app token signed with %s', (algorithm) => {
  const ring = rings[algorithm]

  test('is accepted for its own application and says what was put in', async () => {
    expect(await verifyAppToken(ring, await mintedToken(ring), EXPECTED)).toEqual({
      sid: SID,
      subject: SUBJECT,
      audience: AUDIENCE,
      kid: ring.signing.kid,
      issuedAtMs: NOW,
      notBeforeMs: IAT * 1000,
      expiresAtMs: (IAT + 3600) * 1000,
    })
  })

  test('has exactly the claims of an app token, and no more in its header than it takes to find the key', async () => {
    const { header, claims } = decoded(await mintedToken(ring, { id: 'J'.repeat(22) }))
    expect(header).toEqual({ alg: algorithm, kid: ring.signing.kid, typ: 'JWT' })
    expect(claims).toEqual(soundClaims())
  })

  test('is at most 1 kB long', async () => {
    expect((await mintedToken(ring)).length).toBeLessThanOrEqual(1024)
  })

  test('is refused by a ring without its key', async () => {
    expect(await verifyAppToken(await freshRing(algorithm), await mintedToken(ring), EXPECTED)).toBe('token-invalid')
  })

  test('is refused once any character of it is another', async () => {
    const token = await mintedToken(ring)
    for (let at = 0; at < token.length; at += 7) {
      const other = token[at] === 'A' ? 'B' : 'A'
      const changed = token.slice(0, at) + other + token.slice(at + 1)
      expect([at, await verifyAppToken(ring, changed, EXPECTED)]).toEqual([at, 'token-invalid'])
    }
  })
})

test('an issuer so long that the token would exceed 1 kB is a fault that is told when minting', async () => {
  const issuer = `https://${'a'.repeat(900)}.example.com`
  await expect(mintedToken(rings.ES256, { issuer })).rejects.toThrow(TokenTooLargeError)
})

describe('a token that we signed ourselves', () => {
  const sound = soundClaims()
  const without = (name: string) => Object.fromEntries(Object.entries(sound).filter(([key]) => key !== name))

  test('is accepted when nothing is wrong with it', async () => {
    expect(await verifyAppToken(rings.ES256, await signedClaims(rings.ES256, sound), EXPECTED)).toMatchObject({
      sid: SID,
    })
  })

  test.each(Object.keys(sound))('is refused without %s', async (name) => {
    const token = await signedClaims(rings.ES256, without(name))
    expect(await verifyAppToken(rings.ES256, token, EXPECTED)).toBe('token-invalid')
  })

  test.each<[string, unknown]>([
    ['iss', 'https://auth.example.org'],
    ['iss', `${ISSUER}/`],
    ['iss', 'https://AUTH.example.com'],
    ['iss', [ISSUER]],
    ['iss', null],
    ['iss', ''],
    ['aud', AUDIENCE],
    ['aud', []],
    ['aud', ['b2'.repeat(32)]],
    ['aud', [AUDIENCE, 'b2'.repeat(32)]],
    ['aud', [AUDIENCE, AUDIENCE]],
    ['aud', [AUDIENCE.toUpperCase()]],
    ['aud', [[AUDIENCE]]],
    ['aud', [1]],
    ['aud', { 0: AUDIENCE }],
    ['aud', null],
    ['sub', ''],
    ['sub', 7],
    ['sub', null],
    ['sub', [SUBJECT]],
    ['sid', ''],
    ['sid', SID.slice(1)],
    ['sid', `${SID}A`],
    ['sid', `${SID}\n`],
    ['sid', `${SID.slice(1)}=`],
    ['sid', 7],
    ['sid', [SID]],
    ['jti', ''],
    ['jti', 7],
    ['iat', String(IAT)],
    ['iat', null],
    ['iat_ms', String(NOW)],
    ['iat_ms', -1],
    ['iat_ms', NOW + 0.5],
    ['iat_ms', null],
    ['nbf', String(IAT)],
    ['nbf', IAT + 31],
    ['nbf', 1e21],
    ['nbf', null],
    ['nbf', [IAT]],
    ['exp', String(IAT + 3600)],
    ['exp', new Date(NOW + 3_600_000).toISOString()],
    ['exp', true],
    ['exp', null],
    ['exp', [IAT + 3600]],
    ['exp', IAT + 3600.5],
    ['exp', 1e300],
    ['type', 'assertion'],
    ['type', 'App'],
    ['type', 'session'],
    ['type', ['app']],
    ['type', ''],
    ['type', null],
  ])('is refused if %s is %j', async (name, value) => {
    const token = await signedClaims(rings.ES256, { ...sound, [name]: value })
    expect(await verifyAppToken(rings.ES256, token, EXPECTED)).toBe('token-invalid')
  })

  test.each([0, -1, -1e300, IAT - 31])('has expired if exp is %d', async (exp) => {
    const token = await signedClaims(rings.ES256, { ...sound, exp })
    expect(await verifyAppToken(rings.ES256, token, EXPECTED)).toBe('token-expired')
  })

  test.each(['1e400', '-1e400', '1e999999'])('is refused if a time is %s', async (number) => {
    for (const name of ['exp', 'nbf', 'iat', 'iat_ms']) {
      const text = JSON.stringify({ ...sound, [name]: 0 }).replace(`"${name}":0`, `"${name}":${number}`)
      const found = await verifyAppToken(rings.ES256, await signedText(rings.ES256, text), EXPECTED)
      expect(['token-invalid', 'token-expired']).toContain(found)
    }
  })

  test.each([
    ['a list', '[]'],
    ['a text', '"app"'],
    ['null', 'null'],
    ['a number', '1'],
    ['not JSON', '{'],
    ['empty', ' '],
    ['not UTF-8', new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])],
    ['an object whose members are inherited', '{"__proto__":{"type":"app"}}'],
  ])('is refused if its content is %s', async (_, payload) => {
    expect(await verifyAppToken(rings.ES256, await signedText(rings.ES256, payload), EXPECTED)).toBe('token-invalid')
  })

  test('is refused if its content is cut into a longer token than 1 kB', async () => {
    const token = await signedClaims(rings.ES256, { ...sound, filling: 'x'.repeat(600) })
    expect(token.length).toBeGreaterThan(1024)
    expect(await verifyAppToken(rings.ES256, token, EXPECTED)).toBe('token-invalid')
  })

  test('is refused if its header demands what we do not know (crit, b64)', async () => {
    const payload = new TextEncoder().encode(JSON.stringify(sound))
    for (const header of [
      { crit: ['exp'], exp: 1 },
      { crit: ['b64'], b64: false },
      { crit: [] },
      { crit: 'b64' },
      { crit: ['typ'] },
    ]) {
      const token = await handSigned(rings.ES256, { ...ownHeader(rings.ES256), ...header }, payload)
      expect([header, await verifyAppToken(rings.ES256, token, EXPECTED)]).toEqual([header, 'token-invalid'])
    }
  })
})

test('an assertion is never an app token', async () => {
  for (const algorithm of SIGNING_ALGORITHMS) {
    const ring = rings[algorithm]
    const assertions = createAssertions({
      issuer: ISSUER,
      lifetimeSeconds: 300,
      keyRing: () => ring,
      newId: () => 'J'.repeat(22),
      maxEntries: 10,
    })
    const identity = sampleIdentity({ subject: SUBJECT })
    const { token = '' } = await assertions.sign({ sid: SID, identity }, sampleApplication({ audience: AUDIENCE }), NOW)
    expect(token).not.toBe('')
    expect(await verifyAppToken(ring, token, EXPECTED)).toBe('token-invalid')
  }
})

test('a token of another application is refused', async () => {
  const token = await mintedToken(rings.ES256, { audience: 'b2'.repeat(32) })
  expect(await verifyAppToken(rings.ES256, token, EXPECTED)).toBe('token-invalid')
})

test('a token of another issuer with the same keys is refused', async () => {
  const token = await mintedToken(rings.ES256, { issuer: 'https://staging.example.com' })
  expect(await verifyAppToken(rings.ES256, token, EXPECTED)).toBe('token-invalid')
})

describe('a forged token', () => {
  const payload = new TextEncoder().encode(JSON.stringify(soundClaims()))
  const attacker = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const attackerRsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const attackerJwk = attacker.publicKey.export({ format: 'jwk' })

  const verdict = (token: string, ring: KeyRing = rings.ES256) => verifyAppToken(ring, token, EXPECTED)

  test.each(['none', 'None', 'NONE', 'nOnE', 'none ', ''])('is refused with the algorithm %j', async (alg) => {
    const head = `${part({ ...ownHeader(rings.ES256), alg })}.${text64(payload)}`
    for (const signature of ['', 'AA', ecdsa(attacker.privateKey, head)]) {
      expect(await verdict(`${head}.${signature}`)).toBe('token-invalid')
    }
  })

  test.each(SIGNING_ALGORITHMS)(
    'is refused when a public key (%s) serves as the secret of an HMAC',
    async (algorithm) => {
      const ring = rings[algorithm]
      const [jwk = {}] = ring.jwks.keys as JsonWebKey[]
      const publicKey = createPublicKey({ key: jwk, format: 'jwk' })
      const pem = publicKey.export({ format: 'pem', type: 'spki' }).toString().trimEnd()
      const secrets = [
        pem,
        `${pem}\n`,
        pem.replaceAll('\n', ''),
        publicKey.export({ format: 'der', type: 'spki' }),
        JSON.stringify(jwk),
        JSON.stringify(publicKey.export({ format: 'jwk' })),
        Buffer.from(jwk.x ?? jwk.n ?? '', 'base64url'),
        '',
      ]
      for (const [alg, hash] of [
        ['HS256', 'sha256'],
        ['HS384', 'sha384'],
        ['HS512', 'sha512'],
      ] as const) {
        for (const secret of secrets) {
          const head = `${part({ ...ownHeader(ring), alg })}.${text64(payload)}`
          const token = `${head}.${createHmac(hash, secret).update(head).digest('base64url')}`
          expect(await verdict(token, ring)).toBe('token-invalid')
        }
      }
    },
  )

  test('is refused with a key that it brings along or points to', async () => {
    for (const more of [
      { jwk: attackerJwk },
      { jwk: attackerJwk, kid: undefined },
      { jwk: attackerJwk, kid: 'attacker' },
      { jku: 'https://evil.test/jwks.json' },
      { x5u: 'https://evil.test/certificate.pem' },
      { x5c: ['MIIB'] },
      { x5t: 'AAAA' },
    ]) {
      const head = `${part({ ...ownHeader(rings.ES256), ...more })}.${text64(payload)}`
      const token = canonical(`${head}.${ecdsa(attacker.privateKey, head)}`)
      expect([more, await verdict(token)]).toEqual([more, 'token-invalid'])
    }
  })

  test.each([undefined, '', 'unknown', null, 7, ['x'], '__proto__', 'constructor'])(
    'is refused with the kid %j',
    async (kid) => {
      const token = await handSigned(rings.ES256, { alg: 'ES256', typ: 'JWT', kid }, payload)
      expect(await verdict(token)).toBe('token-invalid')
    },
  )

  test('is refused if one of our keys is named with the algorithm of another', async () => {
    const [ec, rsa, ed] = await Promise.all([freshKeySet('ES256'), freshKeySet('RS256'), freshKeySet('EdDSA')])
    const ring = await keyRing({ ...ec, signing: [...ec.signing, ...rsa.signing, ...ed.signing] })
    const kids = [...ring.verifying.keys()]
    for (const alg of ['ES256', 'RS256', 'EdDSA', 'PS256', 'ES384', 'ES512', 'Ed25519', 'HS256']) {
      for (const kid of kids) {
        const head = `${part({ alg, kid, typ: 'JWT' })}.${text64(payload)}`
        for (const signature of [
          ecdsa(attacker.privateKey, head),
          sign('sha256', Buffer.from(head), attackerRsa.privateKey).toString('base64url'),
        ]) {
          expect(await verdict(canonical(`${head}.${signature}`), ring)).toBe('token-invalid')
        }
      }
    }
    const [ecKid = '', rsaKid = ''] = kids
    const borrowed = await handSigned(ring, { alg: 'ES256', kid: rsaKid, typ: 'JWT' }, payload)
    expect(await verdict(borrowed, ring)).toBe('token-invalid')
    const own = await handSigned(ring, { alg: 'ES256', kid: ecKid, typ: 'JWT' }, payload)
    expect(await verdict(own, ring)).toMatchObject({ kid: ecKid })
  })

  test.each([
    ['nothing', ''],
    ['dots', '..'],
    ['one part', 'abc'],
    ['two parts', 'abc.def'],
    ['four parts', 'a.b.c.d'],
    ['five parts, as an encrypted token has', 'a.b.c.d.e'],
    ['a header that is no JSON', `${text64('{')}.${text64('{}')}.AAAA`],
    ['a header that is null', `${text64('null')}.${text64('{}')}.AAAA`],
    ['a header that is a list', `${text64('[]')}.${text64('{}')}.AAAA`],
    ['a header that is not UTF-8', `${Buffer.from([0x7b, 0xff, 0x7d]).toString('base64url')}.${text64('{}')}.AAAA`],
    ['a million characters', `${'A'.repeat(1_000_000)}.A.A`],
    ['NUL', '\0'],
    ['a JSON serialisation', '{"payload":"","signatures":[]}'],
  ])('is refused if it is %s', async (_, token) => {
    expect(await verdict(token)).toBe('token-invalid')
  })

  test('is refused and nothing is thrown, whatever it looks like', async () => {
    const sound = await mintedToken(rings.ES256)
    const [head = '', body = '', signature = ''] = sound.split('.')
    const piece = fc.oneof(
      fc.constantFrom(head, body, signature, '', text64('{}'), text64('{"alg":"ES256"}')),
      fc.string({ unit: 'binary', maxLength: 40 }),
      fc.json().map(text64),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 5 }), async (pieces) => {
        const token = pieces.join('.')
        const found = await verdict(token)
        if (token === sound) expect(found).toMatchObject({ sid: SID })
        else expect(found).toBe('token-invalid')
      }),
      { numRuns: 500 },
    )
  })
})

describe('the life of a token', () => {
  const lifetimeSeconds = 600
  const beginsMs = IAT * 1000
  const endsMs = beginsMs + lifetimeSeconds * 1000
  const leewayMs = LEEWAY_SECONDS * 1000

  test('has a leeway of 30 seconds', () => {
    expect(LEEWAY_SECONDS).toBe(30)
  })

  test.each<[string, number, boolean, string | undefined]>([
    ['at its beginning', beginsMs, true, undefined],
    ['a leeway before its beginning', beginsMs - leewayMs, true, undefined],
    ['a millisecond earlier', beginsMs - leewayMs - 1, false, 'token-invalid'],
    ['an hour earlier', beginsMs - 3_600_000, false, 'token-invalid'],
    ['at its end', endsMs, true, undefined],
    ['just within the leeway after its end', endsMs + leewayMs - 1, true, undefined],
    ['a leeway after its end', endsMs + leewayMs, false, 'token-expired'],
    ['an hour after its end', endsMs + 3_600_000, false, 'token-expired'],
  ])('is the same for a new and a remembered token: %s', async (_, now, isAccepted, reason) => {
    const token = await mintedToken(rings.ES256, { lifetimeSeconds })
    const atOnce = await verifyAppToken(rings.ES256, token, EXPECTED)
    if (typeof atOnce === 'string') throw new Error(atOnce)
    expect(isWithinLifetime(atOnce, now)).toBe(isAccepted)
    const found = await verifyAppToken(rings.ES256, token, { ...EXPECTED, now })
    if (isAccepted) expect(found).toEqual(atOnce)
    else expect(found).toBe(reason)
  })

  test('holds for any times: accepted from nbf less the leeway until before exp plus the leeway', async () => {
    const seconds = fc.integer({ min: -200, max: 200 })
    await fc.assert(
      fc.asyncProperty(seconds, seconds, fc.integer({ min: -250_000, max: 250_000 }), async (nbf, exp, offsetMs) => {
        const now = beginsMs + offsetMs
        const token = await signedClaims(rings.ES256, { ...soundClaims(), nbf: IAT + nbf, exp: IAT + exp })
        const found = await verifyAppToken(rings.ES256, token, { ...EXPECTED, now })
        const isInside = now >= (IAT + nbf - 30) * 1000 && now < (IAT + exp + 30) * 1000
        expect(typeof found === 'object').toBe(isInside)
      }),
      { numRuns: 200 },
    )
  })
})

function ownHeader({ signing }: KeyRing): Record<string, unknown> {
  return { alg: signing.algorithm, kid: signing.kid, typ: 'JWT' }
}

function text64(content: string | Uint8Array): string {
  return Buffer.from(content as string).toString('base64url')
}

function part(content: object): string {
  return text64(JSON.stringify(content))
}

function ecdsa(key: KeyObject, head: string): string {
  return sign('sha256', Buffer.from(head), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')
}

/** Signs with our own ES256 key what no library would sign. */
async function handSigned(ring: KeyRing, header: object, payload: Uint8Array): Promise<string> {
  const head = `${part(header)}.${text64(payload)}`
  const signature = await webcrypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, ring.signing.key, Buffer.from(head))
  return canonical(`${head}.${Buffer.from(signature).toString('base64url')}`)
}

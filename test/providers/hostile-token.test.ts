import { createHmac, sign } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import {
  curved,
  jwkOf,
  jwt,
  type Mischief,
  published,
  rs256,
  startHostileProvider,
  unpublished,
  weak,
} from '../parts/hostile-provider.ts'
import { claims, failureOf, type Row, refuses } from './refusal.ts'
import { attempt, providerFor, settingsFor } from './setting-up.ts'

const publicPem = published.publicKey.export({ type: 'spki', format: 'pem' })
const hs256 = (alg: string, key: string | Buffer): Mischief => ({
  sign: (claims) => jwt({ alg, kid: 'rsa' }, claims, (input) => createHmac('sha256', key).update(input).digest()),
})
const seconds = () => Math.floor(Date.now() / 1000)

const rows: readonly Row[] = [
  {
    title: 'an ID token of another issuer',
    mischief: claims({ iss: 'https://x.test' }),
    reason: 'provider-token-invalid',
  },
  { title: 'an ID token for another client', mischief: claims({ aud: 'other' }), reason: 'provider-token-invalid' },
  { title: 'an ID token without aud', mischief: claims({ aud: undefined }), reason: 'provider-token-invalid' },
  {
    title: 'an ID token for several clients that names no azp',
    mischief: claims({ aud: ['gatehouse', 'other'] }),
    reason: 'provider-token-invalid',
  },
  {
    title: 'an ID token for several clients whose azp is another',
    mischief: claims({ aud: ['gatehouse', 'other'], azp: 'other' }),
    reason: 'provider-token-invalid',
  },
  {
    title: 'an ID token whose azp is another client',
    mischief: claims({ azp: 'other' }),
    reason: 'provider-token-invalid',
  },
  { title: 'an expired ID token', mischief: claims({ exp: seconds() - 60 }), reason: 'provider-token-invalid' },
  { title: 'an ID token without exp', mischief: claims({ exp: undefined }), reason: 'provider-token-invalid' },
  { title: 'an exp that is a text', mischief: claims({ exp: '9999999999' }), reason: 'provider-token-invalid' },
  {
    title: 'an ID token of the future (nbf)',
    mischief: claims({ nbf: seconds() + 300 }),
    reason: 'provider-token-invalid',
  },
  {
    title: 'an ID token of the future (iat)',
    mischief: claims({ iat: seconds() + 300 }),
    reason: 'provider-token-invalid',
  },
  { title: 'an ID token without nonce', mischief: claims({ nonce: undefined }), reason: 'provider-token-invalid' },
  { title: 'an ID token with another nonce', mischief: claims({ nonce: 'x' }), reason: 'provider-token-invalid' },
  { title: 'an ID token without sub', mischief: claims({ sub: undefined }), reason: 'provider-token-invalid' },
  { title: 'an ID token whose sub is empty', mischief: claims({ sub: '' }), reason: 'provider-token-invalid' },
  { title: 'an ID token whose sub is a number', mischief: claims({ sub: 7 }), reason: 'provider-token-invalid' },
  {
    title: 'an ID token whose sub has no end',
    mischief: claims({ sub: 'x'.repeat(2000) }),
    reason: 'provider-token-invalid',
  },
  {
    title: 'alg none',
    mischief: { sign: (all) => jwt({ alg: 'none' }, all, () => Buffer.from('x')) },
    reason: 'provider-signature-invalid',
  },
  {
    title: 'alg none without a signature',
    mischief: { sign: (all) => jwt({ alg: 'none' }, all, () => Buffer.alloc(0)) },
    reason: 'provider-token-invalid',
  },
  {
    title: 'alg nOnE',
    mischief: { sign: (all) => jwt({ alg: 'nOnE' }, all, () => Buffer.from('x')) },
    reason: 'provider-signature-invalid',
  },
  { title: 'HS256 with the public key', mischief: hs256('HS256', publicPem), reason: 'provider-signature-invalid' },
  { title: 'HS256 in small letters', mischief: hs256('hs256', publicPem), reason: 'provider-signature-invalid' },
  {
    title: 'HS256 with the client secret',
    mischief: hs256('HS256', 'correct horse / battery'),
    reason: 'provider-signature-invalid',
  },
  {
    title: 'an algorithm the provider does not list',
    mischief: {
      sign: (all) =>
        jwt({ alg: 'ES256', kid: 'ec' }, all, (input) =>
          sign('sha256', input, { key: curved.privateKey, dsaEncoding: 'ieee-p1363' }),
        ),
      jwks: (keys) => [...keys, jwkOf(curved.publicKey, { kid: 'ec' })],
    },
    reason: 'provider-signature-invalid',
  },
  {
    title: 'a signature by another key',
    mischief: { sign: (all) => rs256(all, unpublished.privateKey) },
    reason: 'provider-signature-invalid',
  },
  {
    title: 'a key that the token itself brings',
    mischief: {
      sign: (all) =>
        rs256(all, unpublished.privateKey, { jwk: jwkOf(unpublished.publicKey), jku: 'http://localhost:1/' }),
    },
    reason: 'provider-signature-invalid',
  },
  {
    title: 'a critical header that nobody knows',
    mischief: { sign: (all) => rs256(all, published.privateKey, { kid: 'rsa', crit: ['b64'], b64: false }) },
    reason: 'provider-token-invalid',
  },
  {
    title: 'a key that is not published',
    mischief: { sign: (all) => rs256(all, unpublished.privateKey, { kid: 'unknown' }) },
    reason: 'provider-key-unknown',
  },
  {
    title: 'a key of 1024 bits',
    mischief: {
      sign: (all) => rs256(all, weak.privateKey, { kid: 'weak' }),
      jwks: (keys) => [...keys, jwkOf(weak.publicKey, { kid: 'weak' })],
    },
    reason: 'provider-key-unknown',
  },
  {
    title: 'a key with the exponent 1',
    mischief: { jwks: ([key]) => [{ ...key, e: 'AQ' }] },
    reason: 'provider-keys-invalid',
  },
  {
    title: 'a key for encryption',
    mischief: { jwks: ([key]) => [{ ...key, use: 'enc' }] },
    reason: 'provider-key-unknown',
  },
  {
    title: 'two keys of one name',
    mischief: { jwks: ([key]) => [{ ...key }, { ...key }] },
    reason: 'provider-key-unknown',
  },
  {
    title: 'userinfo signed by another key',
    mischief: { userinfo: (all) => rs256(all, unpublished.privateKey) },
    reason: 'provider-userinfo-invalid',
  },
  {
    title: 'userinfo signed with alg none',
    mischief: { userinfo: (all) => jwt({ alg: 'none' }, all, () => Buffer.from('x')) },
    reason: 'provider-signature-invalid',
  },
  {
    title: 'userinfo signed for another client',
    mischief: { userinfo: (all) => rs256({ ...all, aud: 'other' }) },
    reason: 'provider-userinfo-invalid',
  },
  {
    title: 'a key whose members are nested without end',
    mischief: { jwks: ([key]) => [{ ...key, key_ops: JSON.parse('['.repeat(4000) + ']'.repeat(4000)) }] },
    reason: 'provider-keys-invalid',
  },
  { title: 'an encrypted ID token', mischief: { sign: () => 'a.b.c.d.e' }, reason: 'provider-token-invalid' },
  {
    title: 'an ID token with padding',
    mischief: { sign: (all) => `${rs256(all)}==` },
    reason: 'provider-token-invalid',
  },
  { title: 'an ID token that is no JSON', mischief: { sign: () => 'YQ.YQ.YQ' }, reason: 'provider-token-invalid' },
  {
    title: 'no ID token',
    mischief: { token: ({ id_token: _, ...rest }) => rest },
    reason: 'provider-token-invalid',
  },
  {
    title: 'no access token',
    mischief: { token: ({ access_token: _, ...rest }) => rest },
    reason: 'provider-token-invalid',
  },
  {
    title: 'an unknown kind of access token',
    mischief: { token: (body) => ({ ...body, token_type: 'mac' }) },
    reason: 'provider-token-invalid',
  },
]

describe('a token is refused that is', () => refuses(rows))

describe('a flood of unknown keys', () => {
  test('fetches the key set at most once in five seconds', async () => {
    let count = 0
    await using hostile = await startHostileProvider()
    const { provider, clock } = providerFor(settingsFor(hostile.issuer, { requestUserinfo: false }))
    const complete = async () => {
      const url = hostile.authorize(await provider.authorizationUrl(attempt))
      return provider.complete(attempt, { url, body: undefined })
    }
    await complete()
    expect(hostile.calls.jwks).toBe(1)
    hostile.misbehave({
      sign: (all) => {
        count += 1
        return rs256(all, unpublished.privateKey, { kid: `random-${count}` })
      },
    })
    for (let round = 0; round < 20; round += 1)
      expect((await failureOf(complete())).reason).toBe('provider-key-unknown')
    expect(hostile.calls.jwks).toBe(1)
    clock.offsetMs += 5000
    for (let round = 0; round < 20; round += 1) await failureOf(complete())
    expect(hostile.calls.jwks).toBe(2)
  })
})

describe('a provider’s odd habits are borne', () => {
  const habits: readonly { title: string; mischief: Mischief }[] = [
    {
      title: 'no iss where none was announced',
      mischief: {
        discovery: (all) => ({ ...all, authorization_response_iss_parameter_supported: false }),
        response: (parameters) => parameters.delete('iss'),
      },
    },
    { title: 'expires_in as a text', mischief: { token: (body) => ({ ...body, expires_in: '300' }) } },
    { title: 'token_type in capitals', mischief: { token: (body) => ({ ...body, token_type: 'BEARER' }) } },
    { title: 'userinfo as a signed token', mischief: { userinfo: (all) => rs256(all) } },
    {
      title: 'userinfo signed with another key than the ID token',
      mischief: {
        userinfo: (all) => rs256(all, unpublished.privateKey, { kid: 'second' }),
        jwks: (keys) => [...keys, jwkOf(unpublished.publicKey, { kid: 'second' })],
      },
    },
    { title: 'keys without alg', mischief: { jwks: ([key]) => [{ ...key, alg: undefined }] } },
    { title: 'a key without kid', mischief: { sign: (all) => rs256(all, published.privateKey, {}) } },
    { title: 'several audiences and our azp', mischief: claims({ aud: ['gatehouse', 'x'], azp: 'gatehouse' }) },
    { title: 'an ID token that expired within the leeway', mischief: claims({ exp: seconds() - 5 }) },
    {
      title: 'keys of kinds that nobody knows',
      mischief: { jwks: (keys) => [{ kty: 'oct', k: 'eA' }, { kty: 'AKP' }, ...keys] },
    },
  ]
  test.each(habits)('$title', async ({ mischief }) => {
    await using hostile = await startHostileProvider(mischief)
    const { provider } = providerFor(settingsFor(hostile.issuer))
    const callback = { url: hostile.authorize(await provider.authorizationUrl(attempt)), body: undefined }
    expect((await provider.complete(attempt, callback)).identity.email).toBe('ada@example.com')
  })
})

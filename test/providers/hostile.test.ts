import { createHmac, sign } from 'node:crypto'
import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { ProviderError } from '../../src/providers/provider.ts'
import type { ProviderReason } from '../../src/providers/reasons.ts'
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
import { attempt, providerFor, settingsFor } from './setting-up.ts'

interface Row {
  readonly title: string
  readonly mischief: Mischief
  readonly reason: ProviderReason
  /** True if the provider must not even be sent the code. */
  readonly keepsCode?: boolean
}

const publicPem = published.publicKey.export({ type: 'spki', format: 'pem' })
const hs256 = (alg: string, key: string | Buffer): Mischief => ({
  sign: (claims) => jwt({ alg, kid: 'rsa' }, claims, (input) => createHmac('sha256', key).update(input).digest()),
})
const claims = (change: Record<string, unknown>): Mischief => ({ claims: (all) => ({ ...all, ...change }) })
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
  {
    title: 'userinfo of another person',
    mischief: { userinfo: (all) => ({ ...all, sub: 'eve' }) },
    reason: 'provider-userinfo-invalid',
  },
  { title: 'userinfo without sub', mischief: { userinfo: () => ({}) }, reason: 'provider-userinfo-invalid' },
  { title: 'userinfo that refuses', mischief: { userinfo: 'refuses' }, reason: 'provider-userinfo-invalid' },
  { title: 'userinfo that fails', mischief: { userinfo: 'fails' }, reason: 'provider-unreachable' },
  { title: 'userinfo that hangs', mischief: { userinfo: 'hangs' }, reason: 'provider-unreachable' },
  { title: 'userinfo in HTML', mischief: { userinfo: 'is HTML' }, reason: 'provider-answer-invalid' },
  { title: 'a token endpoint that hangs', mischief: { token: 'hangs' }, reason: 'provider-unreachable' },
  { title: 'a token endpoint that drips', mischief: { token: 'drips' }, reason: 'provider-unreachable' },
  {
    title: 'a token endpoint that drops us',
    mischief: { token: 'drops the connection' },
    reason: 'provider-unreachable',
  },
  { title: 'a token endpoint without end', mischief: { token: 'is huge' }, reason: 'provider-answer-invalid' },
  { title: 'a token endpoint in HTML', mischief: { token: 'is HTML' }, reason: 'provider-answer-invalid' },
  { title: 'a token endpoint that redirects', mischief: { token: 'redirects' }, reason: 'provider-answer-invalid' },
  { title: 'a token endpoint that fails', mischief: { token: 'fails' }, reason: 'provider-unreachable' },
  { title: 'a token endpoint outside UTF-8', mischief: { token: 'is not UTF-8' }, reason: 'provider-answer-invalid' },
  { title: 'a token endpoint with a list', mischief: { token: 'is a list' }, reason: 'provider-token-invalid' },
  { title: 'a token endpoint that refuses us', mischief: { token: 'refuses' }, reason: 'provider-client-refused' },
  { title: 'a key set that hangs', mischief: { jwks: 'hangs' }, reason: 'provider-unreachable' },
  { title: 'a key set that is down', mischief: { jwks: 'drops the connection' }, reason: 'provider-unreachable' },
  { title: 'a key set in HTML', mischief: { jwks: 'is HTML' }, reason: 'provider-answer-invalid' },
  { title: 'a key set that redirects', mischief: { jwks: 'redirects' }, reason: 'provider-answer-invalid' },
  { title: 'a key set without end', mischief: { jwks: 'is huge' }, reason: 'provider-answer-invalid' },
  { title: 'an empty key set', mischief: { jwks: () => [] }, reason: 'provider-keys-invalid' },
  {
    title: 'a response without state',
    mischief: { response: (parameters) => parameters.delete('state') },
    reason: 'provider-response-invalid',
    keepsCode: true,
  },
  {
    title: 'a response with another state',
    mischief: { response: (parameters) => parameters.set('state', 'x') },
    reason: 'provider-response-invalid',
    keepsCode: true,
  },
  {
    title: 'a response with two states',
    mischief: { response: (parameters) => parameters.append('state', 'x') },
    reason: 'provider-response-invalid',
    keepsCode: true,
  },
  {
    title: 'a response without the iss that was announced',
    mischief: { response: (parameters) => parameters.delete('iss') },
    reason: 'provider-response-invalid',
    keepsCode: true,
  },
  {
    title: 'a response with the iss of another provider',
    mischief: { response: (parameters) => parameters.set('iss', 'https://x.test') },
    reason: 'provider-response-invalid',
    keepsCode: true,
  },
  {
    title: 'a wrong iss that was not announced',
    mischief: {
      discovery: (document) => ({ ...document, authorization_response_iss_parameter_supported: false }),
      response: (parameters) => parameters.set('iss', 'https://x.test'),
    },
    reason: 'provider-response-invalid',
    keepsCode: true,
  },
  {
    title: 'a response without a code',
    mischief: { response: (parameters) => parameters.delete('code') },
    reason: 'provider-response-invalid',
    keepsCode: true,
  },
  {
    title: 'a response with two codes',
    mischief: { response: (parameters) => parameters.append('code', 'x') },
    reason: 'provider-response-invalid',
    keepsCode: true,
  },
  {
    title: 'a response with an ID token in it',
    mischief: { response: (parameters) => parameters.set('id_token', 'x') },
    reason: 'provider-response-invalid',
    keepsCode: true,
  },
  {
    title: 'a code that is not its own',
    mischief: { response: (parameters) => parameters.set('code', 'x') },
    reason: 'provider-code-refused',
  },
  ...(
    [
      ['access_denied', 'provider-access-denied'],
      ['login_required', 'provider-login-required'],
      ['server_error', 'provider-failed'],
      ['temporarily_unavailable', 'provider-failed'],
      ['invalid_scope', 'provider-client-refused'],
      ['<script>alert(1)</script>', 'provider-error'],
    ] as const
  ).map(
    ([error, reason]): Row => ({
      title: `the error ${error}`,
      mischief: {
        response: (parameters) => {
          parameters.delete('code')
          parameters.set('error', error)
          parameters.set('error_description', `<script>\u0000\r\n\u202e${'x'.repeat(5000)}`)
        },
      },
      reason,
      keepsCode: true,
    }),
  ),
]

/** Rows about what stands at the beginning of a login. */
const discoveryRows: readonly Row[] = [
  {
    title: 'a discovery document of another issuer',
    mischief: { discovery: (all) => ({ ...all, issuer: 'https://x.test' }) },
    reason: 'provider-metadata-invalid',
  },
  {
    title: 'an issuer that differs by a slash',
    mischief: { discovery: (all) => ({ ...all, issuer: `${all.issuer}/` }) },
    reason: 'provider-metadata-invalid',
  },
  {
    title: 'a document without a key set',
    mischief: { discovery: (all) => ({ ...all, jwks_uri: undefined }) },
    reason: 'provider-metadata-invalid',
  },
  {
    title: 'a provider that only signs with HS256',
    mischief: { discovery: (all) => ({ ...all, id_token_signing_alg_values_supported: ['HS256', 'none'] }) },
    reason: 'provider-metadata-invalid',
  },
  {
    title: 'a token endpoint at a metadata service',
    mischief: { discovery: (all) => ({ ...all, token_endpoint: 'https://169.254.169.254/latest' }) },
    reason: 'provider-address-refused',
  },
  {
    title: 'a key set over plain http',
    mischief: { discovery: (all) => ({ ...all, jwks_uri: 'http://example.com/jwks' }) },
    reason: 'provider-address-refused',
  },
  {
    title: 'an authorization endpoint that is a script',
    mischief: { discovery: (all) => ({ ...all, authorization_endpoint: 'javascript:alert(1)' }) },
    reason: 'provider-address-refused',
  },
  { title: 'discovery that hangs', mischief: { discovery: 'hangs' }, reason: 'provider-unreachable' },
  { title: 'discovery that drips', mischief: { discovery: 'drips' }, reason: 'provider-unreachable' },
  { title: 'discovery that is down', mischief: { discovery: 'drops the connection' }, reason: 'provider-unreachable' },
  { title: 'discovery that fails', mischief: { discovery: 'fails' }, reason: 'provider-unreachable' },
  { title: 'discovery in HTML', mischief: { discovery: 'is HTML' }, reason: 'provider-answer-invalid' },
  { title: 'discovery that redirects', mischief: { discovery: 'redirects' }, reason: 'provider-answer-invalid' },
  { title: 'discovery without end', mischief: { discovery: 'is huge' }, reason: 'provider-answer-invalid' },
]

async function failureOf(work: Promise<unknown>): Promise<ProviderError> {
  const error: unknown = await work.then(
    () => expect.unreachable('it was accepted'),
    (failure: unknown) => failure,
  )
  if (!(error instanceof ProviderError)) throw error
  return error
}

describe('a hostile provider is refused', () => {
  test.each(rows)('for $title', async ({ mischief, reason, keepsCode = false }) => {
    await using hostile = await startHostileProvider(mischief)
    const { provider } = providerFor(settingsFor(hostile.issuer), 900)
    const callback = { url: hostile.authorize(await provider.authorizationUrl(attempt)), body: undefined }
    const startedAt = performance.now()
    const failure = await failureOf(provider.complete(attempt, callback))
    expect(failure.reason).toBe(reason)
    expect(performance.now() - startedAt).toBeLessThan(2000)
    expect(failure.message.length).toBeLessThan(400)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
    expect(failure.message).not.toMatch(/[\u0000-\u001f\u202e]/)
    expect(inspect(failure, { depth: 9 })).not.toMatch(/eyJ|the-nonce|correct horse|ada@/)
    if (keepsCode) expect(hostile.calls.token).toBe(0)
  })

  test.each(discoveryRows)('for $title', async ({ mischief, reason }) => {
    await using hostile = await startHostileProvider(mischief)
    const { provider } = providerFor(settingsFor(hostile.issuer), 900)
    expect((await failureOf(provider.authorizationUrl(attempt))).reason).toBe(reason)
    const callback = { url: new URL(`${attempt.redirectUri}?code=x&state=${attempt.state}`), body: undefined }
    expect((await failureOf(provider.complete(attempt, callback))).reason).toBe(reason)
    expect(
      await provider.endSessionUrl({ idToken: undefined, postLogoutRedirectUri: 'https://a.test/' }),
    ).toBeUndefined()
    expect(hostile.calls.token).toBe(0)
  })

  test('within five seconds by default, though every answer takes its time', async () => {
    await using hostile = await startHostileProvider({ userinfo: 'drips' })
    const { provider } = providerFor(settingsFor(hostile.issuer))
    const callback = { url: hostile.authorize(await provider.authorizationUrl(attempt)), body: undefined }
    const startedAt = performance.now()
    expect((await failureOf(provider.complete(attempt, callback))).reason).toBe('provider-unreachable')
    expect(performance.now() - startedAt).toBeLessThan(5000)
  }, 10_000)

  test('when it is not there at all', async () => {
    const hostile = await startHostileProvider()
    await hostile[Symbol.asyncDispose]()
    const { provider, calls } = providerFor(settingsFor(hostile.issuer))
    expect((await failureOf(provider.authorizationUrl(attempt))).reason).toBe('provider-unreachable')
    expect(calls).toMatchObject([{ operation: 'discovery', outcome: 'failed', detail: 'discovery: ECONNREFUSED' }])
  })

  test('when a code is used twice', async () => {
    await using hostile = await startHostileProvider()
    const { provider } = providerFor(settingsFor(hostile.issuer))
    const callback = { url: hostile.authorize(await provider.authorizationUrl(attempt)), body: undefined }
    await provider.complete(attempt, callback)
    expect((await failureOf(provider.complete(attempt, callback))).reason).toBe('provider-code-refused')
  })

  test('when another attempt’s verifier comes with the code', async () => {
    await using hostile = await startHostileProvider()
    const { provider } = providerFor(settingsFor(hostile.issuer))
    const callback = { url: hostile.authorize(await provider.authorizationUrl(attempt)), body: undefined }
    const other = { ...attempt, verifier: 'w'.repeat(43) }
    expect((await failureOf(provider.complete(other, callback))).reason).toBe('provider-code-refused')
  })
})

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

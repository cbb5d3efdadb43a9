import { describe, expect, test } from 'vitest'
import { endsWithin } from '../parts/ending.ts'
import { startHostileProvider } from '../parts/hostile-provider.ts'
import { failureOf, patienceMs, type Row, refuses } from './refusal.ts'
import { attempt, providerFor, settingsFor } from './setting-up.ts'

const rows: readonly Row[] = [
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

describe('a provider is refused that has', () => {
  refuses(rows)

  test.each(discoveryRows)('for $title', async ({ mischief, reason }) => {
    await using hostile = await startHostileProvider(mischief)
    const { provider, calls } = providerFor(settingsFor(hostile.issuer), patienceMs(reason))
    expect((await failureOf(provider.authorizationUrl(attempt))).reason).toBe(reason)
    const callback = { url: new URL(`${attempt.redirectUri}?code=x&state=${attempt.state}`), body: undefined }
    expect((await failureOf(provider.complete(attempt, callback))).reason).toBe(reason)
    expect(
      await provider.endSessionUrl({ idToken: undefined, postLogoutRedirectUri: 'https://a.test/' }),
    ).toBeUndefined()
    expect(hostile.calls.token).toBe(0)
    expect(calls.every(({ outcome, detail }) => outcome === 'failed' && detail !== undefined)).toBe(true)
  })

  test('an endpoint without end, within five seconds by default', async () => {
    await using hostile = await startHostileProvider({ userinfo: 'drips' })
    const { provider } = providerFor(settingsFor(hostile.issuer))
    const callback = { url: hostile.authorize(await provider.authorizationUrl(attempt)), body: undefined }
    const login = provider.complete(attempt, callback)
    expect(await endsWithin(5000, login)).toBe(true)
    expect((await failureOf(login)).reason).toBe('provider-unreachable')
  }, 10_000)

  test('no listener at all', async () => {
    const hostile = await startHostileProvider()
    await hostile[Symbol.asyncDispose]()
    const { provider, calls } = providerFor(settingsFor(hostile.issuer))
    expect((await failureOf(provider.authorizationUrl(attempt))).reason).toBe('provider-unreachable')
    expect(calls).toMatchObject([{ operation: 'discovery', outcome: 'failed', detail: 'discovery: ECONNREFUSED' }])
  })
})

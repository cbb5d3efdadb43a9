import { createHmac, randomUUID, sign } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { startOpenIdProvider } from '../../demo/openid-provider.ts'
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
} from '../parts/hostile-provider.ts'
import { failureOf, patienceMs } from './refusal.ts'
import { providerFor, settingsFor } from './setting-up.ts'

type Json = Record<string, unknown>

const EVENT = 'http://schemas.openid.net/event/backchannel-logout'
const seconds = () => Math.floor(Date.now() / 1000)
const publicPem = published.publicKey.export({ type: 'spki', format: 'pem' })

/** The claims of a logout token as it should be. */
function soundClaims(issuer: string): Json {
  return {
    iss: issuer,
    aud: 'gatehouse',
    iat: seconds(),
    exp: seconds() + 120,
    jti: randomUUID(),
    events: { [EVENT]: {} },
    sub: 'ada',
    sid: 'session-1',
  }
}

const header = { kid: 'rsa', typ: 'logout+jwt' }
const signed = (claims: Json, more: Json = {}) => rs256(claims, published.privateKey, { ...header, ...more })

/** Makes a token of sound claims. */
type Forge = (claims: Json) => string
const claim = (change: Json): Forge => {
  return (claims) => signed({ ...claims, ...change })
}
const typ = (value: unknown): Forge => {
  return (claims) => signed(claims, { typ: value })
}
const hmac = (key: string | Buffer): Forge => {
  return (claims) =>
    jwt({ alg: 'HS256', ...header }, claims, (input) => createHmac('sha256', key).update(input).digest())
}

const broken: Record<string, Forge> = {
  'is empty': () => '',
  'is no JWT': () => 'logout',
  'is encrypted': () => 'a.b.c.d.e',
  'is padded': (claims) => `${signed(claims)}==`,
  'has a blank behind it': (claims) => `${signed(claims)} `,
  'has a header that is no JSON': (claims) => signed(claims).replace(/^[^.]+/, 'YQ'),
  'has claims that are a list': () => rs256([] as unknown as Json, published.privateKey, header),
  'is longer than 16 kB': (claims) => signed({ ...claims, pad: 'x'.repeat(16_384) }),
  'has alg none': (claims) => jwt({ alg: 'none', ...header }, claims, () => Buffer.from('x')),
  'has alg None': (claims) => jwt({ alg: 'None', ...header }, claims, () => Buffer.from('x')),
  'has no signature': (claims) => jwt({ alg: 'none', ...header }, claims, () => Buffer.alloc(0)),
  'is HS256 with the public key': hmac(Buffer.from(publicPem)),
  'is HS256 with the client secret': hmac('correct horse / battery'),
  'has an algorithm that the provider does not list': (claims) =>
    jwt({ alg: 'ES256', ...header, kid: 'ec' }, claims, (input) =>
      sign('sha256', input, { key: curved.privateKey, dsaEncoding: 'ieee-p1363' }),
    ),
  'is signed by another key': (claims) => rs256(claims, unpublished.privateKey, header),
  'is signed by a key that is not published': (claims) =>
    rs256(claims, unpublished.privateKey, { ...header, kid: 'unknown' }),
  'is signed by a key that it brings along': (claims) =>
    rs256(claims, unpublished.privateKey, { ...header, jwk: jwkOf(unpublished.publicKey), jku: 'http://localhost:1/' }),
  'was changed after it was signed': (claims) => {
    const [head, , signature] = signed(claims).split('.')
    return [head, Buffer.from(JSON.stringify({ ...claims, sub: 'bob' })).toString('base64url'), signature].join('.')
  },
  'has a critical header': (claims) => signed(claims, { crit: ['b64'], b64: true }),
  'has an empty critical header': (claims) => signed(claims, { crit: [] }),
  'has typ at+jwt': typ('at+jwt'),
  'has typ secevent+jwt': typ('secevent+jwt'),
  'has a typ that is a list': typ(['logout+jwt']),
  'has an empty typ': typ(''),
  'is of another issuer': claim({ iss: 'https://other.test' }),
  'is of an issuer that differs by a slash': (claims) => signed({ ...claims, iss: `${claims.iss}/` }),
  'has no iss': claim({ iss: undefined }),
  'is for another client': claim({ aud: 'other' }),
  'is for other clients': claim({ aud: ['other', 'another'] }),
  'has no aud': claim({ aud: undefined }),
  'has an azp that is another client': claim({ azp: 'other' }),
  'has no iat': claim({ iat: undefined }),
  'has an iat that is a text': claim({ iat: String(seconds()) }),
  'is from the future': claim({ iat: seconds() + 60 }),
  'is older than five minutes': claim({ iat: seconds() - 340 }),
  'has no exp': claim({ exp: undefined }),
  'has expired': claim({ exp: seconds() - 31 }),
  'has an exp that is a text': claim({ exp: '9999999999' }),
  'is not good yet (nbf)': claim({ nbf: seconds() + 60 }),
  'has no jti': claim({ jti: undefined }),
  'has an empty jti': claim({ jti: '' }),
  'has a jti that is a number': claim({ jti: 7 }),
  'has a jti without end': claim({ jti: 'x'.repeat(513) }),
  'has no events': claim({ events: undefined }),
  'has events that are a text': claim({ events: EVENT }),
  'has events that are a list': claim({ events: [EVENT] }),
  'has another event': claim({ events: { 'http://schemas.openid.net/event/other': {} } }),
  'has an event that is a text': claim({ events: { [EVENT]: 'yes' } }),
  'has an event that is a list': claim({ events: { [EVENT]: [] } }),
  'has an event that is null': claim({ events: { [EVENT]: null } }),
  'has the event without its last letter': claim({ events: { [EVENT.slice(0, -1)]: {} } }),
  'names neither sub nor sid': claim({ sub: undefined, sid: undefined }),
  'has an empty sub': claim({ sub: '' }),
  'has a sub that is a number': claim({ sub: 7 }),
  'has a sub without end': claim({ sub: 'x'.repeat(1025) }),
  'has an empty sid': claim({ sid: '' }),
  'has a sid that is an object': claim({ sid: {} }),
  'has a sid beside half a character': claim({ sid: '\ud800' }),
  'has a nonce': claim({ nonce: 'n' }),
  'has an empty nonce': claim({ nonce: '' }),
  'has a nonce that is null': claim({ nonce: null }),
  'is an ID token': ({ events: _, jti: __, ...claims }) => signed({ ...claims, nonce: 'n' }, { typ: undefined }),
}

describe('a logout token is refused that', () => {
  test.each(Object.entries(broken))('%s', async (_, forge) => {
    await using hostile = await startHostileProvider()
    const { provider } = providerFor(settingsFor(hostile.issuer))
    const failure = await failureOf(provider.verifyLogoutToken(forge(soundClaims(hostile.issuer))))
    expect(failure.reason).toBe('provider-logout-invalid')
    expect(failure.message).not.toMatch(/eyJ|session-1|ada/)
    expect(failure.cause).toBeUndefined()
  })
})

const sound: Record<string, Forge> = {
  'is as the specification says': (claims) => signed(claims),
  'has typ application/logout+jwt': typ('application/logout+jwt'),
  'has typ JWT': typ('JWT'),
  'has no typ': typ(undefined),
  'has no kid': (claims) => rs256(claims, published.privateKey, { typ: 'logout+jwt' }),
  'is for several clients': claim({ aud: ['other', 'gatehouse'] }),
  'has more events': claim({ events: { [EVENT]: {}, 'urn:other': {} } }),
  'has an event with content': claim({ events: { [EVENT]: { reason: 'over' } } }),
  'names sub alone': claim({ sid: undefined }),
  'names sid alone': claim({ sub: undefined }),
  'expired within the leeway': claim({ exp: seconds() - 5 }),
  'is of a clock that is ahead within the leeway': claim({ iat: seconds() + 10 }),
}

describe('a logout token is accepted that', () => {
  test.each(Object.entries(sound))('%s', async (_, forge) => {
    await using hostile = await startHostileProvider()
    const { provider } = providerFor(settingsFor(hostile.issuer))
    const claims = soundClaims(hostile.issuer)
    const token = await provider.verifyLogoutToken(forge(claims))
    expect(token.jti).toBe(claims.jti)
    expect([token.sub, token.sid]).not.toEqual([undefined, undefined])
    expect(token.goodUntilMs).toBe((Math.min(token.exp, token.iat + 300) + 31) * 1000)
  })
})

describe('a provider whose keys cannot be had', () => {
  const troubles: [Mischief, ProviderReason][] = [
    [{ jwks: 'hangs' }, 'provider-unreachable'],
    [{ jwks: 'fails' }, 'provider-unreachable'],
    [{ jwks: 'is HTML' }, 'provider-answer-invalid'],
    [{ discovery: 'drops the connection' }, 'provider-unreachable'],
    [{ jwks: () => [] }, 'provider-keys-invalid'],
  ]
  test.each(troubles)('makes a token neither right nor wrong: %j', async (mischief, reason) => {
    await using hostile = await startHostileProvider(mischief)
    const { provider } = providerFor(settingsFor(hostile.issuer), patienceMs(reason))
    const failure = await failureOf(provider.verifyLogoutToken(signed(soundClaims(hostile.issuer))))
    expect(failure.reason).toBe(reason)
  })

  test('is asked for them at most once in five seconds by tokens of unknown keys', async () => {
    await using hostile = await startHostileProvider()
    const { provider } = providerFor(settingsFor(hostile.issuer))
    for (let round = 0; round < 10; round += 1) {
      const token = rs256(soundClaims(hostile.issuer), unpublished.privateKey, { kid: `random-${round}` })
      expect((await failureOf(provider.verifyLogoutToken(token))).reason).toBe('provider-logout-invalid')
    }
    expect(hostile.calls.jwks).toBe(1)
  })
})

test('the key of another provider signs no logout token', async () => {
  await using hostile = await startHostileProvider()
  await using other = await startOpenIdProvider({ accounts: [] })
  const { provider } = providerFor(settingsFor(other.issuer))
  const failure = await failureOf(provider.verifyLogoutToken(signed(soundClaims(hostile.issuer))))
  expect(failure.reason).toBe('provider-logout-invalid')
})

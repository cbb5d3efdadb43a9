import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import type { OidcProvider, SignIn } from '../../src/providers/provider.ts'
import type { ProviderReason } from '../../src/providers/reasons.ts'
import {
  type HostileProvider,
  type Mischief,
  rs256,
  startHostileProvider,
  unpublished,
} from '../parts/hostile-provider.ts'
import { failureOf, patienceMs } from './refusal.ts'
import { attempt, providerFor, refreshed, renewed, settingsFor } from './setting-up.ts'

const rotating: Mischief = { refreshTokens: 'rotated' }

async function signInAt(hostile: HostileProvider, provider: OidcProvider): Promise<SignIn> {
  const url = hostile.authorize(await provider.authorizationUrl(attempt))
  return provider.complete(attempt, { url, body: undefined })
}

describe('a sign-in', () => {
  test('brings the refresh token, the end of the access token and the provider’s session', async () => {
    await using hostile = await startHostileProvider({ ...rotating, claims: (all) => ({ ...all, sid: 's-1' }) })
    const { provider } = providerFor(settingsFor(hostile.issuer))
    const before = Date.now()
    const signIn = await signInAt(hostile, provider)
    expect(signIn.refreshToken).toMatch(/^refresh-/)
    expect(signIn.providerSid).toBe('s-1')
    expect(signIn.expiresAtMs).toBeGreaterThanOrEqual(before + 300_000)
    expect(signIn.expiresAtMs).toBeLessThanOrEqual(Date.now() + 300_000)
  })

  test.each([
    ['', undefined],
    [7, undefined],
    ['x'.repeat(513), undefined],
    ['\ud800', undefined],
    ['x'.repeat(512), 'x'.repeat(512)],
  ])('takes a sid for one only if it can name something: %j', async (sid, expected) => {
    await using hostile = await startHostileProvider({ claims: (all) => ({ ...all, sid }) })
    const { provider } = providerFor(settingsFor(hostile.issuer))
    const signIn = await signInAt(hostile, provider)
    expect(signIn).toMatchObject({ providerSid: expected, refreshToken: undefined, expiresAtMs: undefined })
  })

  test('leaves out a refresh token that is too long to be kept', async () => {
    const token = 'r'.repeat(8193)
    await using hostile = await startHostileProvider({ token: (body) => ({ ...body, refresh_token: token }) })
    const { provider } = providerFor(settingsFor(hostile.issuer))
    expect((await signInAt(hostile, provider)).refreshToken).toBeUndefined()
  })
})

describe('a refresh', () => {
  test('asks with the token for the person as they are now', async () => {
    await using hostile = await startHostileProvider(rotating)
    const { provider, calls } = providerFor(settingsFor(hostile.issuer))
    const signIn = await signInAt(hostile, provider)
    hostile.misbehave({ ...rotating, userinfo: (all) => ({ ...all, groups: ['board'], email: 'ada@new.example.com' }) })
    const { kept, outcome } = await refreshed(provider, signIn)
    const { identity, refreshToken, expiresAtMs, idToken } = renewed(await outcome)
    expect(Object.fromEntries(hostile.lastTokenRequest().form)).toEqual({
      grant_type: 'refresh_token',
      refresh_token: signIn.refreshToken,
    })
    expect(identity).toMatchObject({
      subject: signIn.identity.subject,
      groups: ['board'],
      email: 'ada@new.example.com',
    })
    expect(kept).toEqual([refreshToken])
    expect(refreshToken).not.toBe(signIn.refreshToken)
    expect(expiresAtMs).toBeGreaterThan(Date.now())
    expect(idToken?.split('.')).toHaveLength(3)
    expect(calls.filter(({ outcome }) => outcome === 'failed')).toEqual([])
  })

  test('goes on with the same token where the provider gives no other', async () => {
    await using hostile = await startHostileProvider({ refreshTokens: 'kept' })
    const { provider } = providerFor(settingsFor(hostile.issuer))
    const signIn = await signInAt(hostile, provider)
    for (let round = 0; round < 3; round += 1) {
      const { kept, outcome } = await refreshed(provider, signIn)
      expect(renewed(await outcome).refreshToken).toBe(signIn.refreshToken)
      expect(kept).toEqual([])
    }
  })

  test('says gone of a token that is used up, revoked or not the provider’s', async () => {
    await using hostile = await startHostileProvider(rotating)
    const { provider } = providerFor(settingsFor(hostile.issuer))
    const signIn = await signInAt(hostile, provider)
    const first = renewed(await (await refreshed(provider, signIn)).outcome)
    expect(await (await refreshed(provider, signIn)).outcome).toEqual({ kind: 'gone' })
    hostile.forgetRefreshTokens()
    expect(await (await refreshed(provider, signIn, first.refreshToken)).outcome).toEqual({ kind: 'gone' })
    expect(await (await refreshed(provider, signIn, 'invented')).outcome).toEqual({ kind: 'gone' })
  })

  test('keeps what the sign-in said of itself and the new ID token leaves out', async () => {
    const first = { amr: ['mfa'], acr: 'high', auth_time: 1_700_000_000, sid: 's-1', department: 'north' }
    await using hostile = await startHostileProvider({ ...rotating, claims: (all) => ({ ...all, ...first }) })
    const { provider } = providerFor(settingsFor(hostile.issuer))
    const signIn = await signInAt(hostile, provider)
    hostile.misbehave(rotating)
    const { claims } = renewed(await (await refreshed(provider, signIn)).outcome).identity
    expect(claims).toMatchObject({ amr: ['mfa'], acr: 'high', auth_time: 1_700_000_000, sid: 's-1' })
    expect(claims).not.toHaveProperty('department')
  })

  test('lets the last ID token stand where there is no new one', async () => {
    await using hostile = await startHostileProvider({
      ...rotating,
      claims: (all) => ({ ...all, department: 'north', roles: ['reader'], groups: ['old'] }),
    })
    const { provider } = providerFor(settingsFor(hostile.issuer))
    const signIn = await signInAt(hostile, provider)
    hostile.misbehave({ ...rotating, signAgain: () => undefined, userinfo: (all) => ({ ...all, groups: ['board'] }) })
    const { identity, idToken } = renewed(await (await refreshed(provider, signIn)).outcome)
    expect(identity.claims).toMatchObject({ department: 'north', roles: ['reader'] })
    expect(identity.groups).toEqual(['board'])
    expect(idToken).toBeUndefined()
  })

  test('without the last ID token takes the person from userinfo and the sign-in from before', async () => {
    await using hostile = await startHostileProvider({ ...rotating, claims: (all) => ({ ...all, amr: ['mfa'] }) })
    const { provider } = providerFor(settingsFor(hostile.issuer))
    const signIn = { ...(await signInAt(hostile, provider)), idToken: undefined }
    hostile.misbehave({ ...rotating, signAgain: () => undefined })
    const { identity } = renewed(await (await refreshed(provider, signIn)).outcome)
    expect(identity).toMatchObject({ email: 'ada@example.com', emailVerified: true, groups: ['staff'] })
    expect(identity.claims.amr).toEqual(['mfa'])
  })

  test('that says nothing of the person leaves the identity as it was', async () => {
    await using hostile = await startHostileProvider(rotating)
    const { provider } = providerFor(settingsFor(hostile.issuer, { requestUserinfo: false }))
    const signIn = await signInAt(hostile, provider)
    hostile.misbehave({ ...rotating, signAgain: () => undefined })
    expect(renewed(await (await refreshed(provider, signIn)).outcome).identity).toBe(signIn.identity)
  })

  const seconds = () => Math.floor(Date.now() / 1000)
  const wrong: readonly { title: string; mischief: Mischief; reason: ProviderReason; keepsToken?: boolean }[] = [
    {
      title: 'another person’s ID token',
      mischief: { claims: (all) => ({ ...all, sub: 'bob' }) },
      reason: 'provider-token-invalid',
    },
    {
      title: 'another person’s ID token, and userinfo to match',
      mischief: { claims: (all) => ({ ...all, sub: 'bob' }), userinfo: (all) => ({ ...all, sub: 'bob' }) },
      reason: 'provider-token-invalid',
    },
    {
      title: 'another person’s userinfo',
      mischief: { userinfo: (all) => ({ ...all, sub: 'bob' }) },
      reason: 'provider-userinfo-invalid',
    },
    {
      title: 'another person’s userinfo and no ID token',
      mischief: { signAgain: () => undefined, userinfo: (all) => ({ ...all, sub: 'bob' }) },
      reason: 'provider-token-invalid',
    },
    {
      title: 'userinfo without sub and no ID token',
      mischief: { signAgain: () => undefined, userinfo: ({ sub: _, ...all }) => all },
      reason: 'provider-userinfo-invalid',
    },
    {
      title: 'an ID token of another issuer',
      mischief: { claims: (all) => ({ ...all, iss: 'https://x.test' }) },
      reason: 'provider-token-invalid',
    },
    {
      title: 'an ID token for another client',
      mischief: { claims: (all) => ({ ...all, aud: 'other' }) },
      reason: 'provider-token-invalid',
    },
    {
      title: 'an ID token whose azp is another client',
      mischief: { claims: (all) => ({ ...all, azp: 'other' }) },
      reason: 'provider-token-invalid',
    },
    {
      title: 'an expired ID token',
      mischief: { claims: (all) => ({ ...all, exp: seconds() - 60 }) },
      reason: 'provider-token-invalid',
    },
    {
      title: 'an ID token of the future',
      mischief: { claims: (all) => ({ ...all, iat: seconds() + 300 }) },
      reason: 'provider-token-invalid',
    },
    {
      title: 'an ID token signed by another key',
      mischief: { signAgain: (all) => rs256(all, unpublished.privateKey) },
      reason: 'provider-signature-invalid',
    },
    { title: 'an ID token that is none', mischief: { signAgain: () => 'YQ.YQ' }, reason: 'provider-token-invalid' },
    { title: 'userinfo that hangs', mischief: { userinfo: 'hangs' }, reason: 'provider-unreachable' },
    { title: 'userinfo that refuses', mischief: { userinfo: 'refuses' }, reason: 'provider-userinfo-invalid' },
    {
      title: 'no access token',
      mischief: { token: ({ access_token: _, ...all }) => all },
      reason: 'provider-token-invalid',
    },
    { title: 'no answer', mischief: { token: 'hangs' }, reason: 'provider-unreachable', keepsToken: true },
    {
      title: 'a broken connection',
      mischief: { token: 'drops the connection' },
      reason: 'provider-unreachable',
      keepsToken: true,
    },
    { title: 'a fault of its own', mischief: { token: 'fails' }, reason: 'provider-unreachable', keepsToken: true },
    { title: 'HTML', mischief: { token: 'is HTML' }, reason: 'provider-answer-invalid', keepsToken: true },
    { title: 'no end', mischief: { token: 'is huge' }, reason: 'provider-answer-invalid', keepsToken: true },
    { title: 'a redirect', mischief: { token: 'redirects' }, reason: 'provider-answer-invalid', keepsToken: true },
    {
      title: 'that the client is refused',
      mischief: { token: 'refuses' },
      reason: 'provider-client-refused',
      keepsToken: true,
    },
  ]
  test.each(wrong)('is not believed that answers $title, and loses no new token', async (row) => {
    await using hostile = await startHostileProvider(rotating)
    const { provider } = providerFor(settingsFor(hostile.issuer), patienceMs(row.reason))
    const signIn = await signInAt(hostile, provider)
    hostile.misbehave({ ...rotating, ...row.mischief })
    const { kept, outcome } = await refreshed(provider, signIn)
    const failure = await failureOf(outcome)
    expect(failure.reason).toBe(row.reason)
    expect(inspect(failure, { depth: 9 })).not.toMatch(/eyJ|refresh-[0-9a-f]|correct horse|ada@/)
    expect(kept).toHaveLength(row.keepsToken ? 0 : 1)
  })

  test('keeps the new token when the keys that it would take to verify the ID token cannot be had', async () => {
    await using hostile = await startHostileProvider(rotating)
    const { provider, clock } = providerFor(settingsFor(hostile.issuer))
    const signIn = await signInAt(hostile, provider)
    clock.offsetMs += 86_400_000 + 1
    hostile.misbehave({
      ...rotating,
      jwks: 'fails',
      claims: (all) => ({ ...all, iat: seconds() + 86_400, exp: seconds() + 2 * 86_400 }),
    })
    const { kept, outcome } = await refreshed(provider, signIn)
    expect((await failureOf(outcome)).reason).toBe('provider-unreachable')
    expect(kept).toHaveLength(1)
  })

  test('that is answered late counts all the same: the token may be used up', async () => {
    await using hostile = await startHostileProvider(rotating)
    const { provider } = providerFor(settingsFor(hostile.issuer), 900)
    const signIn = await signInAt(hostile, provider)
    hostile.misbehave({ ...rotating, lateMs: 1_200 })
    expect(renewed(await (await refreshed(provider, signIn)).outcome).refreshToken).not.toBe(signIn.refreshToken)
  })
})

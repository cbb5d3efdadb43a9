import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type OpenIdProvider, startOpenIdProvider } from '../../demo/openid-provider.ts'
import { startHostileProvider } from '../parts/hostile-provider.ts'
import { type CookieJar, cookieHeader, logInOverHttp } from '../parts/openid-login.ts'
import { attempt, providerFor, settingsFor } from './setting-up.ts'

const secret = 'correct horse / battery'
const home = 'https://auth.example.com/'

describe('a login at the certified oidc-provider', () => {
  let op: OpenIdProvider
  beforeAll(async () => {
    op = await startOpenIdProvider({
      accounts: [
        {
          sub: 'alice',
          email: 'Alice@Example.com',
          email_verified: true,
          groups: ['engineering'],
          name: 'Alice Archer',
        },
        { sub: 'bob', email: 'bob@example.com', email_verified: false, groups: ['sales'], department: 'north' },
      ],
      clients: [
        {
          clientId: 'gatehouse',
          clientSecret: secret,
          redirectUris: [attempt.redirectUri],
          postLogoutRedirectUris: [home],
        },
        {
          clientId: 'post',
          clientSecret: secret,
          redirectUris: [attempt.redirectUri],
          tokenEndpointAuthMethod: 'client_secret_post',
        },
        { clientId: 'public', redirectUris: [attempt.redirectUri] },
      ],
    })
  })
  afterAll(() => op.close())

  test.each([
    ['by query', {}],
    ['by form_post', { responseMode: 'FormPost' }],
    ['with the secret in the form', { clientID: 'post', tokenEndpointAuthMethod: 'ClientSecretPost' }],
    ['as a public client', { clientID: 'public', clientSecretRef: undefined }],
  ])('succeeds %s', async (_, settings) => {
    const { provider, calls } = providerFor(settingsFor(op.issuer, settings))
    const callback = await logInOverHttp(await provider.authorizationUrl(attempt), 'alice')
    expect(callback.body === undefined).toBe(!('responseMode' in settings))
    const { identity, idToken } = await provider.complete(attempt, callback)
    expect(identity).toMatchObject({
      provider: 'main',
      email: 'alice@example.com',
      emailVerified: true,
      name: 'Alice Archer',
      groups: ['engineering'],
      groupsIncomplete: false,
    })
    expect(idToken?.split('.')).toHaveLength(3)
    expect(calls.map(({ operation, outcome }) => `${operation} ${outcome}`)).toEqual([
      'discovery ok',
      'token ok',
      'jwks ok',
      'userinfo ok',
    ])
  })

  test('takes the provider’s word on unverified addresses and other claims', async () => {
    const { provider } = providerFor(settingsFor(op.issuer))
    const callback = await logInOverHttp(await provider.authorizationUrl(attempt), 'bob@example.com')
    const { identity } = await provider.complete(attempt, callback)
    expect(identity).toMatchObject({ email: 'bob@example.com', emailVerified: false })
    expect(identity.claims).toMatchObject({ sub: 'bob', department: 'north' })
  })

  test('asks for nobody’s groups where userinfo is switched off', async () => {
    const { provider, calls } = providerFor(settingsFor(op.issuer, { requestUserinfo: false }))
    const callback = await logInOverHttp(await provider.authorizationUrl(attempt), 'alice')
    expect((await provider.complete(attempt, callback)).identity).toMatchObject({ groups: [], email: undefined })
    expect(calls.some(({ operation }) => operation === 'userinfo')).toBe(false)
  })

  test('is refused when the person turns back', async () => {
    const { provider } = providerFor(settingsFor(op.issuer))
    const callback = await logInOverHttp(await provider.authorizationUrl(attempt), undefined)
    await expect(provider.complete(attempt, callback)).rejects.toMatchObject({ reason: 'provider-access-denied' })
  })

  test('is refused when the secret is wrong or missing', async () => {
    for (const clientSecret of ['wrong', undefined]) {
      const { provider } = providerFor({ ...settingsFor(op.issuer), clientSecret })
      const start = await providerFor(settingsFor(op.issuer)).provider.authorizationUrl(attempt)
      const callback = await logInOverHttp(start, 'alice')
      await expect(provider.complete(attempt, callback)).rejects.toMatchObject({ reason: 'provider-client-refused' })
    }
  })

  test('asks again for the account only if another one is wanted', async () => {
    const { provider } = providerFor(settingsFor(op.issuer))
    const cookies: CookieJar = new Map()
    const loginAs = async (login: string, switchAccount: boolean) => {
      const callback = await logInOverHttp(
        await provider.authorizationUrl({ ...attempt, switchAccount }),
        login,
        cookies,
      )
      return (await provider.complete(attempt, callback)).identity.claims.sub
    }
    expect(await loginAs('alice', false)).toBe('alice')
    expect(await loginAs('bob', false)).toBe('alice')
    expect(await loginAs('bob', true)).toBe('bob')
  })

  test('can be undone at the provider’s end-session endpoint', async () => {
    const { provider, providers } = providerFor(settingsFor(op.issuer))
    const cookies: CookieJar = new Map()
    const callback = await logInOverHttp(await provider.authorizationUrl(attempt), 'alice', cookies)
    const { idToken } = await provider.complete(attempt, callback)
    const url = await provider.endSessionUrl({ idToken, postLogoutRedirectUri: home })
    expect(url?.searchParams.get('client_id')).toBe('gatehouse')
    expect(providers.endSessionOrigins()).toEqual([op.issuer])
    const cookie = cookieHeader(cookies, new URL('/session/end', op.issuer))
    const page = await fetch(url ?? '', { headers: { cookie } })
    expect(page.status).toBe(200)
    const xsrf = /name="xsrf" value="([^"]+)"/.exec(await page.text())?.[1] ?? ''
    const done = await fetch(`${op.issuer}/session/end/confirm`, {
      method: 'POST',
      headers: { cookie },
      body: new URLSearchParams({ xsrf, logout: 'yes' }),
      redirect: 'manual',
    })
    expect(done.headers.get('location')).toBe(home)
  })
})

describe('the authorization request', () => {
  test('carries PKCE S256, state and nonce, and openid even if nobody asked for it', async () => {
    await using op = await startHostileProvider()
    const { provider } = providerFor(
      settingsFor(op.issuer, {
        scopes: ['email'],
        authorizationParameters: [{ name: 'domain_hint', value: 'example.com' }],
      }),
    )
    const url = await provider.authorizationUrl(attempt)
    expect(`${url.origin}${url.pathname}`).toBe(`${op.issuer}/authorize`)
    expect(Object.fromEntries(url.searchParams)).toEqual({
      client_id: 'gatehouse',
      response_type: 'code',
      scope: 'openid email',
      redirect_uri: attempt.redirectUri,
      state: attempt.state,
      nonce: attempt.nonce,
      code_challenge: '7w_YNF9DSfIdPf_pRjSq646_kPr-2-o9NAl16JGghdM',
      code_challenge_method: 'S256',
      domain_hint: 'example.com',
    })
  })

  test.each([
    ['login where the provider lists nothing', {}, undefined, 'login'],
    ['select_account where the provider lists it', {}, ['login', 'select_account'], 'select_account'],
    ['login where the settings say so', { switchAccountPrompt: 'Login' }, ['select_account'], 'login'],
    ['select_account where the settings say so', { switchAccountPrompt: 'SelectAccount' }, undefined, 'select_account'],
  ])('for another account prompts for %s', async (_, settings, listed, prompt) => {
    await using op = await startHostileProvider({ discovery: (all) => ({ ...all, prompt_values_supported: listed }) })
    const { provider } = providerFor(settingsFor(op.issuer, settings))
    const url = await provider.authorizationUrl({ ...attempt, switchAccount: true })
    expect(url.searchParams.get('prompt')).toBe(prompt)
  })

  test('is not made over http outside the development mode', async () => {
    await using op = await startHostileProvider()
    const { createProviders } = await import('../../src/providers/index.ts')
    const providers = createProviders({
      events: { providerCalled: () => {} },
      now: Date.now,
      allowHttpLocalhost: false,
    })
    providers.replace([settingsFor(op.issuer)])
    await expect(providers.get('main')?.authorizationUrl(attempt)).rejects.toMatchObject({
      reason: 'provider-address-refused',
    })
    expect(op.calls.discovery).toBe(0)
  })
})

describe('what is sent to the provider', () => {
  test('is the code with our verifier and redirect URI, the secret in the header and encoded (RFC 6749, 2.3.1)', async () => {
    await using op = await startHostileProvider()
    const { provider } = providerFor(settingsFor(op.issuer))
    const url = op.authorize(await provider.authorizationUrl(attempt))
    await provider.complete(attempt, { url, body: undefined })
    const { authorization, form } = op.lastTokenRequest()
    expect(Object.fromEntries(form)).toMatchObject({
      grant_type: 'authorization_code',
      code_verifier: attempt.verifier,
      redirect_uri: attempt.redirectUri,
    })
    expect(form.has('client_secret')).toBe(false)
    expect(atob(authorization?.slice('Basic '.length) ?? '')).toBe('gatehouse:correct+horse+%2F+battery')
  })

  test('never holds an ID token too long for an address', async () => {
    await using op = await startHostileProvider({ claims: (all) => ({ ...all, padding: 'x'.repeat(8000) }) })
    const { provider } = providerFor(settingsFor(op.issuer))
    const url = op.authorize(await provider.authorizationUrl(attempt))
    expect((await provider.complete(attempt, { url, body: undefined })).idToken).toBeUndefined()
  })

  test('is nothing where the provider has no end-session endpoint', async () => {
    await using op = await startHostileProvider({ discovery: (all) => ({ ...all, end_session_endpoint: undefined }) })
    const { provider, providers } = providerFor(settingsFor(op.issuer))
    expect(await provider.endSessionUrl({ idToken: undefined, postLogoutRedirectUri: home })).toBeUndefined()
    expect(providers.endSessionOrigins()).toEqual([])
  })
})

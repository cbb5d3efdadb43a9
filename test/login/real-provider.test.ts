import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createProviders } from '../../src/providers/index.ts'
import type { ProviderSettings } from '../../src/providers/provider.ts'
import { oidcSettings } from '../../src/providers/settings.ts'
import { readable } from '../pages/read-page.ts'
import { type HostileProvider, type Mischief, startHostileProvider } from '../parts/hostile-provider.ts'
import { logInOverHttp } from '../parts/openid-login.ts'
import { type OpenIdProvider, startOpenIdProvider } from '../parts/openid-provider.ts'
import { type Arrival, newBrowser } from './browser.ts'
import { ask } from './journey.ts'
import { setCookies } from './set-cookie.ts'
import { APP, AUTH, eventsNamed, loginWorld } from './world.ts'

const SESSION = '__Host-gatehouse-session'
/** Where a provider that gives no answer is to be found out soon. */
const IMPATIENT_MS = 1500

function settingsOf(name: string, issuer: string, responseMode: 'Query' | 'FormPost' = 'Query'): ProviderSettings {
  const secretRef = { name: 'a', key: 'b' }
  const oidc = oidcSettings.parse({ issuer, clientID: 'gatehouse', clientSecretRef: secretRef, responseMode })
  return { name, displayName: name, type: 'OIDC', oidc, clientSecret: 'correct horse battery staple' }
}

/** @param timeoutMs how long an operation at a provider may take */
async function worldWith(settings: readonly ProviderSettings[], timeoutMs?: number) {
  const registry = createProviders({
    events: { providerCalled: () => undefined },
    now: Date.now,
    allowHttpLocalhost: true,
    timeoutMs,
  })
  registry.replace(settings)
  const world = await loginWorld({ providers: registry.list() })
  return { world, browser: newBrowser(world) }
}

describe('a login with a real OpenID provider', () => {
  let provider: OpenIdProvider

  beforeAll(async () => {
    provider = await startOpenIdProvider({
      accounts: [{ sub: 'ada', email: 'Ada@Example.com', email_verified: true, groups: ['engineering'] }],
      clients: [
        {
          clientId: 'gatehouse',
          clientSecret: 'correct horse battery staple',
          redirectUris: [`${AUTH}/callback/query`, `${AUTH}/callback/post`],
          postLogoutRedirectUris: [`${AUTH}/logout`],
        },
      ],
    })
  })

  afterAll(async () => {
    await provider?.close()
  })

  for (const [name, responseMode] of [
    ['query', 'Query'],
    ['post', 'FormPost'],
  ] as const) {
    test(`ends on the page that was asked for, by ${responseMode}, and its logout ends at the provider`, async () => {
      const { world, browser } = await worldWith([settingsOf(name, provider.issuer, responseMode)])
      const { url } = await ask(browser, `${APP}/a?b=c%26d`)
      expect(url.searchParams.get('code_challenge_method')).toBe('S256')
      const back = await logInOverHttp(url, 'ada')
      const form = back.body
      const arrival = await browser.open(
        back.url,
        form === undefined ? {} : { method: 'POST', isCrossSite: true, form },
      )
      expect(arrival.url.href).toBe(`${APP}/a?b=c%26d`)
      const who = JSON.parse((await browser.visit(`${APP}/.gatehouse/identity`)).body)
      expect(who).toMatchObject({ email: 'ada@example.com', email_verified: true, groups: ['engineering'], idp: name })
      const out = await browser.open(`${APP}/.gatehouse/logout`, { method: 'POST', origin: APP })
      expect(out.url.origin).toBe(provider.issuer)
      expect(out.url.searchParams.get('id_token_hint')?.split('.')).toHaveLength(3)
      expect((await world.ports.sessions.list({ subject: who.sub }, { limit: 10 })).sessions).toEqual([])
    })
  }

  test('that the person cancels stores nothing', async () => {
    const { world, browser } = await worldWith([settingsOf('query', provider.issuer)])
    const { url } = await ask(browser, `${APP}/a`)
    const answer = await browser.visit((await logInOverHttp(url, undefined)).url)
    expect(answer.status).toBe(403)
    expect(readable(answer)).toContain('provider-access-denied')
    expect(world.storeCalls).toEqual([])
  })

  test('cannot be replayed with the transaction’s cookie kept', async () => {
    const { world, browser } = await worldWith([settingsOf('query', provider.issuer)])
    const { url } = await ask(browser, `${APP}/a`)
    const cookies = browser.cookieHeader('auth.example.com')
    const back = (await logInOverHttp(url, 'ada')).url
    await browser.open(back)
    const thief = newBrowser(world)
    const answer = await thief.visit(back, { cookies })
    expect(answer.status).toBe(502)
    expect(readable(answer)).toContain('provider-code-refused')
    expect(thief.cookies('auth.example.com').has(SESSION)).toBe(false)
  })
})

describe('a provider that lies or fails', () => {
  let provider: HostileProvider

  beforeAll(async () => {
    provider = await startHostileProvider()
  })

  afterAll(async () => {
    await provider?.[Symbol.asyncDispose]()
  })

  const mischiefs: Record<string, Mischief> = {
    'names no issuer': { response: (answer) => answer.delete('iss') },
    'names another issuer': { response: (answer) => answer.set('iss', 'https://evil.test') },
    'brings no code': { response: (answer) => answer.delete('code') },
    'brings another code': { response: (answer) => answer.set('code', 'other') },
    'brings two codes': { response: (answer) => answer.append('code', 'other') },
    'brings a second state': { response: (answer) => answer.append('state', 'other') },
    'has another nonce': { claims: (claims) => ({ ...claims, nonce: 'other' }) },
    'speaks to another client': { claims: (claims) => ({ ...claims, aud: 'other' }) },
    'never answers at its token endpoint': { token: 'hangs' },
    'drips at its token endpoint': { token: 'drips' },
    'answers HTML at its token endpoint': { token: 'is HTML' },
    'fails at its token endpoint': { token: 'fails' },
    'redirects at its token endpoint': { token: 'redirects' },
    'answers without end at its userinfo endpoint': { userinfo: 'is huge' },
    'speaks of somebody else at its userinfo endpoint': { userinfo: (claims) => ({ ...claims, sub: 'mallory' }) },
  }
  for (const [title, mischief] of Object.entries(mischiefs)) {
    test(`because it ${title} signs nobody in, stores nothing, and a page says what to do next`, async () => {
      const { world, browser } = await worldWith([settingsOf('main', provider.issuer)], IMPATIENT_MS)
      provider.misbehave(mischief)
      const { url } = await ask(browser, `${APP}/a`)
      const answer = await browser.visit(provider.authorize(url))
      provider.misbehave({})
      expect([502, 503]).toContain(answer.status)
      expect(readable(answer)).toContain('Try again')
      expect(readable(answer)).toMatch(/provider-[a-z-]+/)
      expect(world.storeCalls).toEqual([])
      expect(setCookies(answer).filter(({ maxAge }) => maxAge > 0)).toEqual([])
      expect(eventsNamed(world, 'loginFinished')).toMatchObject([{ outcome: 'failed', detail: expect.any(String) }])
    })
  }

  test('gets no code of another provider’s login', async () => {
    await using other = await startHostileProvider()
    const { browser } = await worldWith([settingsOf('honest', other.issuer), settingsOf('evil', provider.issuer)])
    const { url } = await ask(browser, `${APP}/a`)
    const atHonest: Arrival = await browser.open(`${url.href}&provider=honest`)
    const back = other.authorize(atHonest.url)
    const before = provider.calls.token
    back.pathname = '/callback/evil'
    expect((await browser.visit(back)).status).toBe(400)
    expect([provider.calls.token, other.calls.token]).toEqual([before, 0])
  })

  test('that is down is a page within five seconds', async () => {
    const gone = await startHostileProvider({ discovery: 'hangs' })
    const { world, browser } = await worldWith([settingsOf('main', gone.issuer)], IMPATIENT_MS)
    const { answer } = await ask(browser, `${APP}/a`)
    expect(answer?.status).toBe(503)
    expect(answer && setCookies(answer)).toEqual([])
    expect(world.storeCalls).toEqual([])
    await gone[Symbol.asyncDispose]()
  })
})

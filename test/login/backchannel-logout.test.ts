import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { beforeEach, describe, expect, test } from 'vitest'
import { backchannelLogout } from '../../src/login/backchannel-logout.ts'
import type { Answer } from '../../src/pages/answer.ts'
import { createProviders } from '../../src/providers/index.ts'
import type { LogoutToken } from '../../src/providers/provider.ts'
import { oidcSettings } from '../../src/providers/settings.ts'
import { subjectOf } from '../../src/providers/subject.ts'
import { type CookieJar, cookieHeader, logInOverHttp } from '../parts/openid-login.ts'
import { startOpenIdProvider } from '../parts/openid-provider.ts'
import { until } from '../parts/until.ts'
import { newBrowser, visitTo } from './browser.ts'
import { ask, signIn } from './journey.ts'
import { type ScriptedProvider, scriptedProvider } from './scripted-provider.ts'
import { APP, AUTH, eventsNamed, type LoginWorld, loginWorld } from './world.ts'

const PATH = `${AUTH}/backchannel-logout/corporate`

function post(world: LoginWorld, form: string | undefined, provider = 'corporate'): Promise<Answer> {
  const visit = visitTo(PATH, { method: 'POST', form, isNavigation: false })
  return backchannelLogout(world.ports, visit, { provider })
}

const tokenForm = (token: string) => new URLSearchParams({ logout_token: token }).toString()
const headerOf = ({ headers }: Answer, name: string) => headers.find(([found]) => found === name)?.[1]

describe('a logout token', () => {
  let world: LoginWorld
  let provider: ScriptedProvider
  const sound = (change: Partial<LogoutToken> = {}): LogoutToken => {
    const iat = Math.floor(world.clock.now() / 1000)
    const goodUntilMs = (iat + 150) * 1000
    return { sub: undefined, sid: 's-1', jti: 'token-1', iat, exp: iat + 120, goodUntilMs, ...change }
  }

  beforeEach(async () => {
    provider = scriptedProvider('corporate')
    world = await loginWorld({ providers: [provider] })
    provider.logoutTokens.set('sound', sound())
  })

  test('ends the sessions that rest on the session that it names, and answers 200 that nobody keeps', async () => {
    provider.gives = { providerSid: 's-1' }
    const browser = newBrowser(world)
    await signIn(browser, `${APP}/a`)
    const answer = await post(world, tokenForm('sound'))
    expect([answer.status, answer.body]).toEqual([200, ''])
    expect(headerOf(answer, 'Cache-Control')).toBe('no-store')
    expect(world.revoked).toMatchObject([
      {
        scope: { kind: 'provider-session', provider: 'corporate', providerSid: 's-1' },
        by: { actor: 'provider', name: 'corporate', reason: 'backchannel-logout', from: '192.0.2.7' },
      },
    ])
    expect((await browser.visit(`${AUTH}/identity`)).status).toBe(401)
    world.clock.advance(1000)
    provider.gives = { providerSid: 's-2' }
    await signIn(browser, `${APP}/a`)
    expect((await browser.visit(`${AUTH}/identity`)).status).toBe(200)
  })

  test.each([
    [
      'sid and sub',
      { sid: 's-1', sub: 'ada' },
      { kind: 'provider-session', provider: 'corporate', providerSid: 's-1' },
    ],
    ['sub alone', { sid: undefined, sub: 'ada' }, { kind: 'subject', subject: subjectOf('corporate', 'ada') }],
  ])('with %s ends what they say', async (_, names, scope) => {
    provider.logoutTokens.set('named', sound(names))
    expect((await post(world, tokenForm('named'))).status).toBe(200)
    expect(world.revoked.map((one) => one.scope)).toEqual([scope])
  })

  test('that comes again is refused, and ends nothing that began meanwhile', async () => {
    await post(world, tokenForm('sound'))
    world.clock.advance(60_000)
    for (let round = 0; round < 3; round += 1) {
      const again = await post(world, tokenForm('sound'))
      expect(again.status).toBe(400)
      expect(JSON.parse(again.body)).toMatchObject({ error: 'invalid_request' })
    }
    expect(world.revoked).toHaveLength(1)
  })

  test('is another one at another provider', async () => {
    const other = scriptedProvider('other')
    other.logoutTokens.set('sound', sound())
    world.providers.push(other)
    expect((await post(world, tokenForm('sound'))).status).toBe(200)
    expect((await post(world, tokenForm('sound'), 'other')).status).toBe(200)
  })

  test('counts once of a hundred times at the same moment', async () => {
    const answers = await Promise.all(Array.from({ length: 100 }, () => post(world, tokenForm('sound'))))
    const statuses = answers.map(({ status }) => status)
    expect(statuses.filter((status) => status === 200)).toHaveLength(1)
    expect(statuses.every((status) => [200, 400, 503].includes(status))).toBe(true)
    expect(world.revoked).toHaveLength(1)
  })

  test.each(['revoker.revoke', 'codes.put', 'codes.take', '*'])(
    'can be posted again if %s gave no answer: 503, and then it works',
    async (operation) => {
      world.down.add(operation)
      const answer = await post(world, tokenForm('sound'))
      expect([answer.status, headerOf(answer, 'Retry-After')]).toEqual([503, '5'])
      world.down.clear()
      if (operation === 'codes.take' || operation === '*') world.clock.advance(10_000)
      expect((await post(world, tokenForm('sound'))).status).toBe(200)
      expect(world.revoked).toHaveLength(1)
    },
  )

  test('that a process died over is taken up again ten seconds later', async () => {
    world.down.add('codes.take')
    expect((await post(world, tokenForm('sound'))).status).toBe(503)
    world.down.clear()
    expect((await post(world, tokenForm('sound'))).status).toBe(503)
    world.clock.advance(10_000)
    expect((await post(world, tokenForm('sound'))).status).toBe(200)
  })

  const wrong: [string, string | undefined, string?][] = [
    ['without a form', undefined],
    ['without a token', 'other=x'],
    ['with an empty form', ''],
    ['with two tokens', `${tokenForm('sound')}&${tokenForm('sound')}`],
    ['with a token that is not the provider’s', tokenForm('forged')],
    ['at a provider that there is not', tokenForm('sound'), 'unknown'],
  ]
  test.each(wrong)('is 400 %s, and ends nothing', async (_, form, name) => {
    const answer = await post(world, form, name)
    expect(answer.status).toBe(400)
    expect(headerOf(answer, 'Cache-Control')).toBe('no-store')
    expect(JSON.parse(answer.body)).toEqual({ error: 'invalid_request', error_description: expect.any(String) })
    expect(world.revoked).toEqual([])
    expect(world.storeCalls).toEqual([])
    const { error_description: detail } = JSON.parse(answer.body)
    const path = '/backchannel-logout/corporate'
    expect(eventsNamed(world, 'portalRefused')).toMatchObject([{ status: 400, path, detail }])
  })

  test('is neither right nor wrong while the provider’s keys cannot be had', async () => {
    provider.isReachable = false
    const answer = await post(world, tokenForm('sound'))
    expect([answer.status, headerOf(answer, 'Retry-After')]).toEqual([503, '5'])
    expect(eventsNamed(world, 'portalRefused')).toMatchObject([{ status: 503, detail: expect.any(String) }])
    provider.isReachable = true
    expect((await post(world, tokenForm('sound'))).status).toBe(200)
  })
})

test('the certified oidc-provider ends at its own logout the session that it began', async () => {
  const { port, listen, posted, close } = logoutEndpoint()
  await listen()
  const secret = 'correct horse battery staple'
  await using op = await startOpenIdProvider({
    accounts: [
      { sub: 'ada', email: 'ada@example.com' },
      { sub: 'bob', email: 'bob@example.com' },
    ],
    clients: [
      {
        clientId: 'gatehouse',
        clientSecret: secret,
        redirectUris: [`${AUTH}/callback/corporate`],
        backchannelLogoutUri: `http://localhost:${port()}/backchannel-logout/corporate`,
      },
    ],
  })
  const registry = createProviders({ events: { providerCalled() {} }, now: Date.now, allowHttpLocalhost: true })
  const oidc = oidcSettings.parse({
    issuer: op.issuer,
    clientID: 'gatehouse',
    clientSecretRef: { name: 'a', key: 'b' },
  })
  registry.replace([{ name: 'corporate', displayName: 'Corporate', type: 'OIDC', oidc, clientSecret: secret }])
  const world = await loginWorld({ providers: registry.list() })
  world.clock.advance(Date.now() - world.clock.now())
  const [ada, bob] = [newBrowser(world), newBrowser(world)]
  const jar: CookieJar = new Map()
  for (const [browser, name, cookies] of [
    [ada, 'ada', jar],
    [bob, 'bob', new Map()],
  ] as const) {
    await browser.open((await logInOverHttp((await ask(browser, `${APP}/a`)).url, name, cookies)).url)
    expect((await browser.visit(`${AUTH}/identity`)).status).toBe(200)
  }

  const cookie = cookieHeader(jar, new URL('/session/end', op.issuer))
  const page = await (await fetch(`${op.issuer}/session/end`, { headers: { cookie } })).text()
  const xsrf = /name="xsrf" value="([^"]+)"/.exec(page)?.[1] ?? ''
  const body = new URLSearchParams({ xsrf, logout: 'yes' })
  await fetch(`${op.issuer}/session/end/confirm`, { method: 'POST', headers: { cookie }, body, redirect: 'manual' })
  const form = await until('the provider posts a logout token', () => posted[0])

  expect((await post(world, form)).status).toBe(200)
  expect(world.revoked).toMatchObject([{ scope: { kind: 'provider-session', provider: 'corporate' } }])
  expect((await ada.visit(`${AUTH}/identity`)).status).toBe(401)
  expect((await bob.visit(`${AUTH}/identity`)).status).toBe(200)
  expect((await post(world, form)).status).toBe(400)
  await close()
})

/** Where the provider posts to; what comes is kept and answered 200. */
function logoutEndpoint() {
  const posted: string[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => void chunks.push(chunk))
    request.on('end', () => {
      posted.push(Buffer.concat(chunks).toString())
      response.end()
    })
  })
  return {
    posted,
    port: () => (server.address() as AddressInfo).port,
    listen: () => new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve)),
    close: () => new Promise<void>((resolve) => void server.close(() => resolve())),
  }
}

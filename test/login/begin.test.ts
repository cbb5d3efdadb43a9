import { describe, expect, test } from 'vitest'
import { sealRequest } from '../../src/login/login-request.ts'
import type { Visit } from '../../src/login/visit.ts'
import { seal } from '../../src/tokens/seal.ts'
import { links, readable } from '../pages/read-page.ts'
import { locationOf, newBrowser } from './browser.ts'
import { ask, returnFrom, signIn, signInAtAuthHost } from './journey.ts'
import { type ScriptedProvider, scriptedProvider } from './scripted-provider.ts'
import { setCookies } from './set-cookie.ts'
import { APP, AUTH, anApplication, eventsNamed, type LoginWorld, loginWorld } from './world.ts'

const two = () => [scriptedProvider('corporate', 'Corporate'), scriptedProvider('partner', 'Partners & friends')]

function hrefs(answer: Parameters<typeof links>[0] | undefined): string[] {
  return answer === undefined ? [] : links(answer).map((line) => line.split(' → ')[1] ?? '')
}

describe('the start on the app’s host', () => {
  const others: Partial<Visit>[] = [{ isNavigation: false }, { isNavigation: false, method: 'HEAD' }]
  for (const request of others) {
    test(`answers 401 and no cookie to what is no navigation: ${JSON.stringify(request)}`, async () => {
      const answer = await newBrowser(await loginWorld()).visit(`${APP}/.gatehouse/login?rd=/a`, request)
      expect(answer.status).toBe(401)
      expect(JSON.parse(answer.body)).toEqual({ error: 'login-required' })
      expect(Object.fromEntries(answer.headers)).toMatchObject({
        'WWW-Authenticate': `Gatehouse realm="${AUTH}", error="login-required"`,
        'Cache-Control': 'no-store',
      })
      expect(setCookies(answer)).toEqual([])
    })
  }

  test('sends a navigation to the auth host with nothing but a sealed request', async () => {
    const answer = await newBrowser(await loginWorld()).visit(`${APP}/.gatehouse/login?rd=/secret-page`)
    const location = new URL(locationOf(answer) ?? '')
    expect([location.origin, location.pathname, [...location.searchParams.keys()]]).toEqual([
      AUTH,
      '/login',
      ['request'],
    ])
    expect(JSON.stringify(answer)).not.toContain('secret-page')
  })

  test('knows no application where none covers the page', async () => {
    const world = await loginWorld({
      applications: [anApplication('app', { destinations: [{ host: 'app.example.com', path: '/grafana' }] })],
    })
    const answer = await newBrowser(world).visit(`${APP}/.gatehouse/login?rd=/other`)
    expect([answer.status, setCookies(answer)]).toEqual([404, []])
  })

  test('asks for patience before the first set of resources', async () => {
    const world = await loginWorld()
    world.serve(undefined)
    const answer = await newBrowser(world).visit(`${APP}/.gatehouse/login?rd=/a`)
    expect([answer.status, setCookies(answer)]).toEqual([503, []])
    expect(answer.headers).toContainEqual(['Retry-After', '5'])
  })
})

describe('the choice of a provider', () => {
  test('is a page of links where there are several, in their order', async () => {
    const world = await loginWorld({ providers: two() })
    const { answer, url } = await ask(newBrowser(world), `${APP}/a`)
    expect(answer?.status).toBe(200)
    expect(answer && readable(answer)).toContain('Sign in to app')
    expect(hrefs(answer)).toEqual([`/login${url.search}&provider=corporate`, `/login${url.search}&provider=partner`])
    expect(answer && setCookies(answer)).toEqual([])
  })

  test('leads to the one that was chosen', async () => {
    const world = await loginWorld({ providers: two() })
    const browser = newBrowser(world)
    const { answer } = await ask(browser, `${APP}/a`)
    const atProvider = await browser.open(AUTH + hrefs(answer)[1])
    expect(atProvider.url.origin).toBe('https://partner.idp.test')
    expect(atProvider.url.searchParams.get('redirect_uri')).toBe(`${AUTH}/callback/partner`)
    expect(eventsNamed(world, 'loginStarted')).toEqual([
      { application: 'team/app', provider: 'partner', host: 'app.example.com', clientAddress: '192.0.2.7' },
    ])
  })

  test('is left out where there is only one', async () => {
    const { url } = await ask(newBrowser(await loginWorld()), `${APP}/a`)
    expect(url.origin).toBe('https://corporate.idp.test')
  })

  test('holds only providers that the application admits and that exist, in the application’s order', async () => {
    const providers = [...two(), scriptedProvider('third', 'Third')]
    const identityProviders = ['third', 'gone', 'corporate']
    const world = await loginWorld({ providers, applications: [anApplication('app', { identityProviders })] })
    const { answer } = await ask(newBrowser(world), `${APP}/a`)
    expect(hrefs(answer).map((href) => new URL(href, AUTH).searchParams.get('provider'))).toEqual([
      'third',
      'corporate',
    ])
  })

  for (const wanted of ['partner', 'nobody', '', '__proto__', '../corporate', 'CORPORATE']) {
    test(`is not widened by ?provider=${wanted}`, async () => {
      const providers = [...two(), scriptedProvider('third', 'Third')]
      const identityProviders = ['corporate', 'third']
      const world = await loginWorld({ providers, applications: [anApplication('app', { identityProviders })] })
      const browser = newBrowser(world)
      const { url } = await ask(browser, `${APP}/a`)
      const answer = await browser.visit(`${url.href}&provider=${encodeURIComponent(wanted)}`)
      expect([answer.status, locationOf(answer), setCookies(answer)]).toEqual([200, undefined, []])
      expect(hrefs(answer)).toHaveLength(2)
    })
  }

  test('says so where nobody can sign in', async () => {
    const applications = [anApplication('app', { identityProviders: ['gone'] })]
    const world = await loginWorld({ applications })
    const { answer } = await ask(newBrowser(world), `${APP}/a`)
    expect(answer?.status).toBe(503)
    expect(answer && readable(answer)).toContain('no-identity-provider')
    expect(eventsNamed(world, 'portalRefused')).toMatchObject([{ reason: 'no-identity-provider', status: 503 }])
  })

  test('tells of a provider that gives no answer and offers the others', async () => {
    const providers = two() as [ScriptedProvider, ScriptedProvider]
    const world = await loginWorld({ providers })
    const browser = newBrowser(world)
    const { answer: chooser } = await ask(browser, `${APP}/a`)
    providers[0].isReachable = false
    const answer = await browser.visit(AUTH + hrefs(chooser)[0])
    expect(answer.status).toBe(503)
    expect(answer.headers).toContainEqual(['Retry-After', '5'])
    expect(readable(answer)).toContain('Corporate does not answer')
    expect(hrefs(answer)).toEqual(hrefs(chooser))
    expect(setCookies(answer)).toEqual([])
    expect(eventsNamed(world, 'loginFinished')).toMatchObject([{ outcome: 'failed', reason: 'provider-unreachable' }])
    expect((await browser.open(AUTH + hrefs(answer)[1])).url.origin).toBe('https://partner.idp.test')
  })
})

describe('somebody who is signed in', () => {
  test('goes straight on to another app', async () => {
    const other = anApplication('wiki', { destinations: [{ host: 'wiki.test', path: '/' }] })
    const world = await loginWorld({ providers: two(), applications: [anApplication('app'), other] })
    const browser = newBrowser(world)
    await signInAt(browser, 'corporate')
    const arrival = await ask(browser, 'https://wiki.test/a?b')
    expect(arrival.url.href).toBe('https://wiki.test/a?b')
  })

  test('comes to the launcher without a request', async () => {
    const world = await loginWorld()
    const browser = newBrowser(world)
    await signInAtAuthHost(browser)
    expect((await browser.open(`${AUTH}/login`)).url.href).toBe(`${AUTH}/`)
  })

  test('can switch account: is shown who they are, and the provider is told', async () => {
    const providers = two() as [ScriptedProvider, ScriptedProvider]
    const world = await loginWorld({ providers })
    const browser = newBrowser(world)
    await signInAt(browser, 'corporate')
    const { url } = await ask(newBrowser(world), `${APP}/a`)
    const chooser = await browser.visit(`${url.href}&switch=1`)
    expect(readable(chooser)).toContain('Switch account for app')
    expect(readable(chooser)).toContain('ada@example.com')
    expect(hrefs(chooser)[0]).toContain('switch=1')
    const atProvider = await browser.open(AUTH + hrefs(chooser)[0])
    expect(atProvider.url.searchParams.get('prompt')).toBe('select_account')
    expect(providers[0].attempts.map(({ switchAccount }) => switchAccount)).toEqual([false, true])
  })

  test('is led back to where the app begins on that host if they would rather stay', async () => {
    const applications = [anApplication('app', { destinations: [{ host: 'app.example.com', path: '/grafana' }] })]
    const world = await loginWorld({ providers: two(), applications })
    const browser = newBrowser(world)
    await signInAt(browser, 'corporate')
    const { url } = await ask(newBrowser(world), `${APP}/grafana/x`)
    expect(hrefs(await browser.visit(`${url.href}&switch=1`)).at(-1)).toBe(`${APP}/grafana`)
  })
})

describe('a login request', () => {
  const request = { application: 'team/app', host: 'app.example.com', flow: 'f', flowProof: 'p', round: 0 }
  const forgeries: Record<string, (world: LoginWorld) => Promise<string>> = {
    'that is nonsense': async () => 'nonsense',
    'that is empty': async () => '',
    'sealed for another purpose': ({ ring, clock }) => seal(ring, 'flow', request, clock.now() + 1000),
    'of another shape': ({ ring, clock }) => seal(ring, 'request', { ...request, more: 1 }, clock.now() + 1000),
    'sealed with another installation’s key': async () => {
      const { ports } = await loginWorld({ seed: 'another' })
      return sealRequest(ports, request)
    },
    'for an application that is gone': ({ ports }) => sealRequest(ports, { ...request, application: 'team/gone' }),
    'older than an hour': async ({ ports, clock }) => {
      const sealed = await sealRequest(ports, request)
      clock.advance(3_600_000)
      return sealed
    },
    'that is 20 kB long': async () => `${'x'.repeat(20_000)}`,
  }
  for (const [title, forge] of Object.entries(forgeries)) {
    test(`${title} is refused with a page, a word in the log and nothing else`, async () => {
      const world = await loginWorld()
      const sealed = await forge(world)
      const answer = await newBrowser(world).visit(`${AUTH}/login?${new URLSearchParams({ request: sealed })}`)
      expect(answer.status).toBe(400)
      expect(readable(answer)).toContain('login-request-invalid')
      expect(setCookies(answer)).toEqual([])
      expect(world.storeCalls).toEqual([])
      expect(eventsNamed(world, 'portalRefused')).toEqual([
        { reason: 'login-request-invalid', host: 'auth.example.com', path: '/login', status: 400 },
      ])
    })
  }

  test('counts up to the last moment of its hour', async () => {
    const world = await loginWorld()
    const sealed = await sealRequest(world.ports, request)
    world.clock.advance(3_599_999)
    expect((await newBrowser(world).open(`${AUTH}/login?request=${sealed}`)).url.origin).toBe(
      'https://corporate.idp.test',
    )
  })
})

test('a login may take an hour at the provider’s page before the browser comes back, but not the ten minutes of its transaction', async () => {
  const world = await loginWorld()
  const browser = newBrowser(world)
  const atProvider = await ask(browser, `${APP}/a`)
  world.clock.advance(601_000)
  const again = await browser.open(returnFrom(atProvider.url, { code: 'ada' }))
  expect(again.url.origin).toBe('https://corporate.idp.test')
  expect(world.storeCalls).toEqual([])
  world.clock.advance(1000)
  expect((await browser.open(returnFrom(again.url, { code: 'ada' }))).url.href).toBe(`${APP}/`)
})

async function signInAt(browser: ReturnType<typeof newBrowser>, provider: string) {
  const atProvider = await browser.open(`${AUTH}/login?provider=${provider}`)
  return browser.open(returnFrom(atProvider.url, { code: 'ada' }))
}

test('signing in for an app ends at that app', async () => {
  const world = await loginWorld()
  expect((await signIn(newBrowser(world), `${APP}/a?b=c`)).url.href).toBe(`${APP}/a?b=c`)
  expect(world.events.map(([name]) => name)).toEqual(['loginStarted', 'loginFinished', 'admitted', 'redeemed'])
})

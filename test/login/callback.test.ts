import { describe, expect, test } from 'vitest'
import type { Answer } from '../../src/pages/answer.ts'
import { sidOf } from '../../src/sessions/session-id.ts'
import { seal } from '../../src/tokens/seal.ts'
import { links, readable } from '../pages/read-page.ts'
import { locationOf, newBrowser } from './browser.ts'
import { ask, returnFrom, signIn, signInAtAuthHost } from './journey.ts'
import { type ScriptedProvider, scriptedProvider } from './scripted-provider.ts'
import { setCookies } from './set-cookie.ts'
import { APP, AUTH, eventsNamed, type LoginWorld, loginWorld } from './world.ts'

const AUTH_HOST = 'auth.example.com'
const SESSION = '__Host-gatehouse-session'

/** Nothing was stored, nobody was signed in, and the provider was asked for nothing more than `asked` says. */
function expectNoLogin(world: LoginWorld, answer: Answer, asked = 0): void {
  expect(world.storeCalls.filter((call) => call !== 'sessions.find')).toEqual([])
  expect(setCookies(answer).filter(({ maxAge }) => maxAge > 0)).toEqual([])
  expect(setCookies(answer).filter(({ name }) => name === SESSION)).toEqual([])
  expect((world.providers[0] as ScriptedProvider).completed).toHaveLength(asked)
  expect(eventsNamed(world, 'admitted')).toEqual([])
}

async function begun() {
  const world = await loginWorld()
  const browser = newBrowser(world)
  const { url } = await ask(browser, `${APP}/a?b`)
  return { world, browser, url, state: url.searchParams.get('state') ?? '' }
}

describe('a callback whose state is not of a login that was begun here', () => {
  const states: Record<string, (world: LoginWorld, state: string) => Promise<string | undefined> | string | undefined> =
    {
      'is missing': () => undefined,
      'is empty': () => '',
      'is nonsense': () => 'nonsense',
      'has one character changed': (_, state) =>
        `${state.slice(0, -10)}${state.at(-10) === 'A' ? 'B' : 'A'}${state.slice(-9)}`,
      'is cut off': (_, state) => state.slice(0, -1),
      'was sealed for another purpose': ({ ring, clock }) =>
        seal(ring, 'request', { transaction: 'x', provider: 'corporate', round: 0 }, clock.now() + 1000),
      'was sealed by another installation': async () => {
        const other = await loginWorld({ seed: 'other' })
        return (await ask(newBrowser(other), `${APP}/a`)).url.searchParams.get('state') ?? ''
      },
      'is older than an hour': ({ clock }, state) => {
        clock.advance(3_600_000)
        return state
      },
      'is 20 kB long': () => 'x'.repeat(20_000),
    }
  for (const [title, make] of Object.entries(states)) {
    test(`because it ${title} is refused`, async () => {
      const { world, browser, state } = await begun()
      const sent = await make(world, state)
      const query = new URLSearchParams({ code: 'ada', ...(sent === undefined ? {} : { state: sent }) })
      const answer = await browser.visit(`${AUTH}/callback/corporate?${query}`)
      expect(answer.status).toBe(400)
      expect(readable(answer)).toContain('login-state-invalid')
      expectNoLogin(world, answer)
      expect(eventsNamed(world, 'portalRefused')).toEqual([
        { reason: 'login-state-invalid', host: AUTH_HOST, path: '/callback/corporate', status: 400 },
      ])
    })
  }

  test('because it is another provider’s is refused', async () => {
    const providers = [scriptedProvider('corporate'), scriptedProvider('partner')]
    const world = await loginWorld({ providers })
    const browser = newBrowser(world)
    const { url } = await ask(browser, `${APP}/a`)
    const atCorporate = await browser.open(`${url.href}&provider=corporate`)
    const back = returnFrom(atCorporate.url, { code: 'ada' }).replace('/callback/corporate', '/callback/partner')
    const answer = await browser.visit(back)
    expect(answer.status).toBe(400)
    expectNoLogin(world, answer)
    expect(providers[1]?.completed).toEqual([])
  })
})

describe('another browser’s login', () => {
  test('never completes: the victim of a planted callback begins a login of their own', async () => {
    const { world, url } = await begun()
    const victim = newBrowser(world)
    const answer = await victim.visit(returnFrom(url, { code: 'mallory' }))
    expect(new URL(locationOf(answer) ?? '').pathname).toBe('/login')
    expectNoLogin(world, answer)
    const arrival = await victim.open(returnFrom(url, { code: 'mallory' }))
    expect(arrival.url.origin).toBe('https://corporate.idp.test')
    expect(victim.cookies(AUTH_HOST).has(SESSION)).toBe(false)
  })

  test('does not replace the session of somebody who is signed in', async () => {
    const { world, url } = await begun()
    const victim = newBrowser(world)
    await signIn(victim, `${APP}/`)
    const before = victim.cookies(AUTH_HOST).get(SESSION)
    await victim.open(returnFrom(url, { code: 'mallory' }))
    expect(victim.cookies(AUTH_HOST).get(SESSION)).toBe(before)
  })

  test('cannot be completed with a transaction cookie of this browser under its name', async () => {
    const { world, url, browser } = await begun()
    const victim = newBrowser(world)
    const own = await ask(victim, `${APP}/a`)
    const [attackersName = ''] = browser.cookies(AUTH_HOST).keys()
    const [ownValue = ''] = victim.cookies(AUTH_HOST).values()
    victim.plant(AUTH_HOST, attackersName, ownValue)
    const answer = await victim.visit(returnFrom(url, { code: 'mallory' }))
    expectNoLogin(world, answer)
    expect(own.answer).toBeUndefined()
  })
})

describe('a callback whose transaction is lost', () => {
  test('goes on if a session lives', async () => {
    const { world, browser, url } = await begun()
    await signInAtAuthHost(browser)
    const tx = [...browser.cookies(AUTH_HOST).keys()].filter((name) => name.includes('-tx-'))
    for (const name of tx) browser.forget(AUTH_HOST, name)
    const arrival = await browser.open(returnFrom(url, { code: 'ada' }))
    expect(arrival.url.href).toBe(`${APP}/a?b`)
    expect(eventsNamed(world, 'loginFinished')).toHaveLength(1)
  })

  test('begins again if none does, and then ends where it was going', async () => {
    const { world, browser, url } = await begun()
    for (const name of browser.cookies(AUTH_HOST).keys()) browser.forget(AUTH_HOST, name)
    const again = await browser.open(returnFrom(url, { code: 'ada' }))
    expect(again.url.origin).toBe('https://corporate.idp.test')
    expect(world.storeCalls).toEqual([])
    expect((await browser.open(returnFrom(again.url, { code: 'ada' }))).url.href).toBe(`${APP}/a?b`)
  })

  test('goes on after a reload: the code is not used twice', async () => {
    const { world, browser, url } = await begun()
    const back = returnFrom(url, { code: 'ada' })
    await browser.open(back)
    expect((await browser.open(back)).url.href).toBe(`${APP}/a?b`)
    expect((world.providers[0] as ScriptedProvider).completed).toHaveLength(1)
    expect(eventsNamed(world, 'loginFinished')).toHaveLength(1)
  })
})

describe('a form_post', () => {
  test('signs in like a redirect', async () => {
    const { world, browser, url } = await begun()
    const back = new URL(returnFrom(url, { code: 'ada' }))
    const arrival = await browser.open(back.origin + back.pathname, {
      method: 'POST',
      isCrossSite: true,
      form: back.search.slice(1),
      origin: url.origin,
    })
    expect(arrival.url.href).toBe(`${APP}/a?b`)
    expect((world.providers[0] as ScriptedProvider).completed).toMatchObject([{ code: 'ada' }])
  })

  test('of a second tab goes on with the session of the first: there is one to log out of', async () => {
    const { world, browser, url } = await begun()
    const { url: other } = await ask(browser, `${APP}/other`)
    for (const provider of [url, other]) {
      const back = new URL(returnFrom(provider, { code: 'ada' }))
      const form = { method: 'POST', isCrossSite: true, form: back.search.slice(1), origin: provider.origin } as const
      await browser.open(back.origin + back.pathname, form)
    }
    const subject = Buffer.from('corporate/ada').toString('base64url')
    expect((await world.ports.sessions.list({ subject }, { limit: 10 })).sessions).toHaveLength(1)
  })

  test('that is too long for an address is refused', async () => {
    const { world, browser, url, state } = await begun()
    const form = new URLSearchParams({ state, code: 'x'.repeat(6000) }).toString()
    const answer = await browser.visit(returnFrom(url, {}).split('?')[0] ?? '', {
      method: 'POST',
      isCrossSite: true,
      form,
      origin: url.origin,
    })
    expect(answer.status).toBe(400)
    expectNoLogin(world, answer)
  })

  test('ends the session that the browser had, though its cookie does not come along', async () => {
    const world = await loginWorld()
    const browser = newBrowser(world)
    await signInAtAuthHost(browser, 'ada')
    const before = sidOf(browser.cookies(AUTH_HOST).get(SESSION) ?? '') ?? ''
    const { url } = await browser.open(`${AUTH}/login?switch=1`)
    const back = new URL(returnFrom(url, { code: 'bob' }))
    const form = back.search.slice(1)
    await browser.open(back.origin + back.pathname, { method: 'POST', isCrossSite: true, form })
    expect(await world.ports.sessions.find(before)).toBeUndefined()
  })

  test('takes nothing from the address', async () => {
    const { world, browser, url } = await begun()
    const back = returnFrom(url, { code: 'ada' })
    const answer = await browser.visit(back, { method: 'POST', isCrossSite: true, form: 'code=ada' })
    expect(answer.status).toBe(400)
    expectNoLogin(world, answer)
  })
})

describe('a provider that does not sign the person in', () => {
  const failures = [
    { code: 'provider-unreachable', status: 503, outcome: 'failed' },
    { code: 'provider-failed', status: 503, outcome: 'failed' },
    { code: 'provider-access-denied', status: 403, outcome: 'refused' },
    { code: 'provider-response-invalid', status: 502, outcome: 'failed' },
    { code: 'provider-token-invalid', status: 502, outcome: 'failed' },
    { code: 'provider-code-refused', status: 502, outcome: 'failed' },
    { code: 'provider-login-required', status: 502, outcome: 'failed' },
  ]
  for (const { code, status, outcome } of failures) {
    test(`is told of with ${status}, the word ${code} and what to do next`, async () => {
      const { world, browser, url } = await begun()
      const answer = await browser.visit(returnFrom(url, { code }))
      expect(answer.status).toBe(status)
      expect(readable(answer)).toContain(code)
      expectNoLogin(world, answer, 1)
      expect(eventsNamed(world, 'loginFinished')).toMatchObject([{ application: 'team/app', outcome, reason: code }])
      expect([...browser.cookies(AUTH_HOST).keys()]).toEqual([])
      const again = links(answer)
        .find((line) => line.startsWith('Try again'))
        ?.split(' → ')[1]
      expect((await browser.open(AUTH + again)).url.origin).toBe('https://corporate.idp.test')
    })
  }

  test('is no matter where another tab has been quicker and a session lives', async () => {
    const { browser, url } = await begun()
    const { url: other } = await ask(browser, `${APP}/other`)
    await browser.open(returnFrom(other, { code: 'ada' }))
    const arrival = await browser.open(returnFrom(url, { code: 'provider-code-refused' }))
    expect(arrival.url.href).toBe(`${APP}/a?b`)
  })

  test('offers the way back to the choice, still as another account where that was asked for', async () => {
    const world = await loginWorld({ providers: [scriptedProvider('corporate'), scriptedProvider('partner')] })
    const browser = newBrowser(world)
    const { url } = await browser.open(`${AUTH}/login?provider=corporate&switch=1`)
    const answer = await browser.visit(returnFrom(url, { error: 'access_denied' }))
    expect(links(answer)).toContain('Try again → /login?switch=1')
  })
})

describe('a provider that changes between start and callback', () => {
  const changes: Record<string, (world: LoginWorld) => void> = {
    'is removed': ({ providers }) => void providers.splice(0),
    'has other settings': ({ providers }) => {
      ;(providers[0] as ScriptedProvider).revision = 'second'
    },
  }
  for (const [title, change] of Object.entries(changes)) {
    test(`because it ${title} does not sign anybody in`, async () => {
      const { world, browser, url } = await begun()
      const provider = world.providers[0] as ScriptedProvider
      change(world)
      const answer = await browser.visit(returnFrom(url, { code: 'ada' }))
      expect(answer.status).toBe(400)
      expect(readable(answer)).toContain('provider-gone')
      expect(provider.completed).toEqual([])
      expect(world.storeCalls).toEqual([])
      expect(eventsNamed(world, 'loginFinished')).toMatchObject([{ outcome: 'failed', reason: 'provider-gone' }])
    })
  }
})

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { links, readable } from '../pages/read-page.ts'
import { type Arrival, type Browser, locationOf, newBrowser } from './browser.ts'
import { ask, returnFrom, signIn } from './journey.ts'
import { scriptedProvider } from './scripted-provider.ts'
import { APP, AUTH, anApplication, eventsNamed, type LoginWorld, loginWorld } from './world.ts'

const APP_HOST = 'app.example.com'
const AUTH_HOST = 'auth.example.com'

/** A provider that remembers the person sends the browser back at once, again and again. */
async function goRound(browser: Browser, start: Promise<Arrival>): Promise<{ arrival: Arrival; logins: number }> {
  let arrival = await start
  let logins = 0
  while (arrival.url.hostname.endsWith('.idp.test')) {
    logins += 1
    if (logins > 20) throw new Error('round in circles')
    arrival = await browser.open(returnFrom(arrival.url, { code: `ada` }))
  }
  return { arrival, logins }
}

function expectBlocked({ answer }: Arrival, host: string): void {
  expect(answer?.status).toBe(400)
  expect(answer && readable(answer)).toContain('cookies-blocked')
  expect(answer && readable(answer)).toContain(`Allow cookies for ${host}`)
}

describe('a browser that keeps no cookies', () => {
  const kinds: Record<string, [refuses: Browser['refuses'], host: string]> = {
    'at all': [() => true, AUTH_HOST],
    'of the auth host': [(host) => host === AUTH_HOST, AUTH_HOST],
    'for sessions': [(_, name) => name.endsWith('-session'), AUTH_HOST],
    'for transactions': [(_, name) => name.includes('-tx-'), AUTH_HOST],
    'of the app’s host': [(host) => host === APP_HOST, APP_HOST],
    'for flows': [(_, name) => name.includes('-flow-'), APP_HOST],
  }
  for (const [title, [refuses, host]] of Object.entries(kinds)) {
    test(`${title} is told so after three rounds`, async () => {
      const world = await loginWorld()
      const browser = newBrowser(world)
      browser.refuses = refuses
      const { arrival, logins } = await goRound(browser, ask(browser, `${APP}/a`))
      expectBlocked(arrival, host)
      expect(logins).toBeLessThanOrEqual(3)
      expect(eventsNamed(world, 'portalRefused')).toMatchObject([{ reason: 'cookies-blocked', host, status: 400 }])
    })
  }

  test('of the auth host is told so on the way to the launcher too', async () => {
    const browser = newBrowser(await loginWorld())
    browser.refuses = () => true
    const { arrival, logins } = await goRound(browser, browser.open(`${AUTH}/login`))
    expectBlocked(arrival, AUTH_HOST)
    expect(logins).toBe(3)
  })

  test('for app tokens is told so after three rounds', async () => {
    const browser = newBrowser(await loginWorld())
    browser.refuses = (_, name) => /gatehouse-[0-9a-f]{16}$/.test(name)
    const { arrival } = await goRound(browser, ask(browser, `${APP}/a`))
    expect(arrival.url.href).toBe(`${APP}/a`)
    for (const _ of [2, 3]) expect((await ask(browser, `${APP}/a`)).url.href).toBe(`${APP}/a`)
    expectBlocked(await ask(browser, `${APP}/a`), APP_HOST)
    // Another page of the same app is not the same round trip.
    expect((await ask(browser, `${APP}/b`)).url.href).toBe(`${APP}/b`)
  })

  test('can try again once cookies are allowed', async () => {
    const browser = newBrowser(await loginWorld())
    browser.refuses = () => true
    const { arrival } = await goRound(browser, ask(browser, `${APP}/a`))
    browser.refuses = () => false
    const again = arrival.answer && links(arrival.answer).find((line) => line.startsWith('Try again'))
    expect(again).toBe(`Try again → ${APP}/`)
    expect((await signIn(browser, `${APP}/`)).url.href).toBe(`${APP}/`)
  })

  test('is led back to where the app begins', async () => {
    const destinations = [{ host: APP_HOST, path: '/grafana' }]
    const browser = newBrowser(await loginWorld({ applications: [anApplication('app', { destinations })] }))
    browser.refuses = (host) => host === AUTH_HOST
    const { arrival } = await goRound(browser, ask(browser, `${APP}/grafana/x`))
    expect(arrival.answer && links(arrival.answer)).toContain(`Try again → ${APP}/grafana`)
  })
})

describe('a browser that keeps cookies is never told that it does not', () => {
  test('by a login that takes longer than its cookies live', async () => {
    const world = await loginWorld()
    const browser = newBrowser(world)
    const atProvider = await ask(browser, `${APP}/a`)
    world.clock.advance(20 * 60_000)
    const { arrival } = await goRound(browser, Promise.resolve(atProvider))
    expect(arrival.url.href).toBe(`${APP}/`)
  })

  test('by switching account again and again', async () => {
    const world = await loginWorld({ applications: [anApplication('app', { policies: [] })] })
    const browser = newBrowser(world)
    let { answer } = await signIn(browser, `${APP}/a`)
    for (let index = 0; index < 6; index += 1) {
      expect(answer?.status).toBe(403)
      const href =
        answer &&
        links(answer)
          .find((line) => line.startsWith('Switch account'))
          ?.split(' → ')[1]
      const atProvider = await browser.open(AUTH + href)
      expect(atProvider.answer).toBeUndefined()
      answer = (await browser.open(returnFrom(atProvider.url, { code: `person${index}` }))).answer
    }
  })

  test('by a provider that refuses again and again', async () => {
    const browser = newBrowser(await loginWorld())
    let atProvider = await ask(browser, `${APP}/a`)
    for (let index = 0; index < 6; index += 1) {
      const answer = await browser.visit(returnFrom(atProvider.url, { error: 'access_denied' }))
      expect(answer.status).toBe(403)
      atProvider = await browser.open(AUTH + links(answer)[0]?.split(' → ')[1])
      expect(atProvider.url.origin).toBe('https://corporate.idp.test')
    }
  })

  test('by signing out and in three times in half a minute', async () => {
    const browser = newBrowser(await loginWorld())
    for (let index = 0; index < 5; index += 1) {
      expect((await signIn(browser, `${APP}/a`)).url.href).toBe(`${APP}/a`)
      await browser.open(`${APP}/.gatehouse/logout`, { method: 'POST', origin: APP })
    }
  })
})

/** A tab makes one request after the other until it is at an app's page. */
async function tabSteps(world: LoginWorld, browser: Browser, page: string) {
  let url = `${APP}/.gatehouse/login?${new URLSearchParams({ rd: page })}`
  const isThere = () => new URL(url).hostname === APP_HOST && !url.includes('/.gatehouse/')
  return {
    page,
    url: () => url,
    isThere,
    async step() {
      if (url.includes('.idp.test')) {
        url = returnFrom(new URL(url), { code: 'ada' })
        return
      }
      const answer = await browser.visit(url)
      const location = locationOf(answer)
      if (location === undefined) throw new Error(`${page} ended at ${answer.status} ${readable(answer)}`)
      url = new URL(location, url).href
      // The check in front of the page sends whoever has no live token back.
      if (isThere() && (await browser.visit(`${APP}/.gatehouse/identity`)).status !== 200) {
        url = `${APP}/.gatehouse/login?${new URLSearchParams({ rd: page })}`
      }
    },
    world,
  }
}

test('ten tabs at once, their requests in any order, each end on their own page', async () => {
  await fc.assert(
    fc.asyncProperty(fc.infiniteStream(fc.nat()), async (order) => {
      const world = await loginWorld({ providers: [scriptedProvider('corporate')] })
      const browser = newBrowser(world)
      const pages = Array.from({ length: 10 }, (_, index) =>
        `/tab/${index}?with=a&rather=long#`.replace('#', `&query=${'x'.repeat(40)}`),
      )
      const tabs = await Promise.all(pages.map((page) => tabSteps(world, browser, page)))
      let open = tabs
      for (let step = 0; open.length > 0; step += 1) {
        if (step > 1000) throw new Error('round in circles')
        const { value } = order.next()
        await open[value % open.length]?.step()
        open = tabs.filter((tab) => !tab.isThere())
      }
      expect(tabs.map((tab) => tab.url())).toEqual(pages.map((page) => APP + page))
    }),
    { numRuns: 60 },
  )
}, 60_000)

import { describe, expect, test } from 'vitest'
import { sidOf } from '../../src/sessions/session-id.ts'
import { type Browser, newBrowser } from './browser.ts'
import { ask, returnFrom, signIn, signInAtAuthHost } from './journey.ts'
import { scriptedProvider } from './scripted-provider.ts'
import { APP, AUTH, eventsNamed, loginWorld } from './world.ts'

const AUTH_HOST = 'auth.example.com'
const SESSION = '__Host-gatehouse-session'

describe('the session of a login', () => {
  test('has an id of 256 bits that the store never sees', async () => {
    const world = await loginWorld()
    const browser = newBrowser(world)
    await signIn(browser, `${APP}/`)
    const id = browser.cookies(AUTH_HOST).get(SESSION) ?? ''
    expect(Buffer.from(id, 'base64url')).toHaveLength(32)
    expect(await world.ports.sessions.find(sidOf(id) ?? '')).toMatchObject({ identity: { email: 'ada@example.com' } })
    expect(world.stored.join()).not.toContain(id)
    expect(world.stored.join()).not.toContain('id-token-of-ada')
    expect(JSON.stringify(world.events)).not.toContain(id)
  })

  test('is a new one at each login, and the one before it ends', async () => {
    const world = await loginWorld()
    const browser = newBrowser(world)
    const ids: string[] = []
    for (const person of ['ada', 'bob', 'ada']) {
      const { url } = await browser.open(`${AUTH}/login?switch=1`)
      await browser.open(returnFrom(url, { code: person }))
      ids.push(browser.cookies(AUTH_HOST).get(SESSION) ?? '')
    }
    expect(new Set(ids).size).toBe(3)
    const found = await Promise.all(ids.map((id) => world.ports.sessions.find(sidOf(id) ?? '')))
    expect(found.map((session) => session?.identity.email)).toEqual([undefined, undefined, 'ada@example.com'])
  })

  describe('that another tab began while this one was at the provider', () => {
    async function twoTabs(person: string, query = '') {
      const world = await loginWorld()
      const browser = newBrowser(world)
      const [first, second] = [await browser.open(`${AUTH}/login`), await browser.open(`${AUTH}/login${query}`)]
      await browser.open(returnFrom(first.url, { code: 'ada' }))
      const before = browser.cookies(AUTH_HOST).get(SESSION) ?? ''
      await browser.open(returnFrom(second.url, { code: person }))
      const after = browser.cookies(AUTH_HOST).get(SESSION) ?? ''
      const sids = eventsNamed(world, 'loginFinished').map(({ sid }) => sid)
      return { before, after, sids, isBeforeAlive: await world.ports.sessions.find(sidOf(before) ?? '') }
    }

    test('stays for the same person, so that the tabs do not end one another', async () => {
      const { before, after, sids } = await twoTabs('ada')
      expect(after).toBe(before)
      expect(sids).toEqual([sidOf(before), sidOf(before)])
    })

    test('ends for another person', async () => {
      const { before, after, isBeforeAlive } = await twoTabs('bob')
      expect(after).not.toBe(before)
      expect(isBeforeAlive).toBeUndefined()
    })

    test('ends for whoever asked for another account', async () => {
      const { before, after, isBeforeAlive } = await twoTabs('ada', '?switch=1')
      expect(after).not.toBe(before)
      expect(isBeforeAlive).toBeUndefined()
    })
  })

  test('is a new one for somebody who signs in again, though the one before lives', async () => {
    const world = await loginWorld()
    const browser = newBrowser(world)
    await signInAtAuthHost(browser)
    const before = browser.cookies(AUTH_HOST).get(SESSION)
    const { url } = await browser.open(`${AUTH}/login?switch=1`)
    await browser.open(returnFrom(url, { code: 'ada' }))
    expect(browser.cookies(AUTH_HOST).get(SESSION)).not.toBe(before)
  })

  for (const planted of ['A'.repeat(43), 'short', '', `${'A'.repeat(42)}B`, 'x y', '"quoted"']) {
    test(`never is one that was planted as ${JSON.stringify(planted)}`, async () => {
      const world = await loginWorld()
      const browser = newBrowser(world)
      browser.plant(AUTH_HOST, SESSION, planted)
      expect((await browser.visit(`${AUTH}/identity`)).status).toBe(401)
      await signInAtAuthHost(browser)
      expect(browser.cookies(AUTH_HOST).get(SESSION)).not.toBe(planted)
      const other = newBrowser(world)
      other.plant(AUTH_HOST, SESSION, planted)
      expect((await other.visit(`${AUTH}/identity`)).status).toBe(401)
    })
  }

  test('never is a state, a transaction, a request or a code', async () => {
    const world = await loginWorld()
    const browser = newBrowser(world)
    const { url } = await ask(browser, `${APP}/a?b`)
    const state = url.searchParams.get('state') ?? ''
    const values = [state, ...browser.cookies(AUTH_HOST).values(), ...browser.cookies('app.example.com').values()]
    const thief = newBrowser(world)
    for (const value of values) {
      thief.plant(AUTH_HOST, SESSION, value)
      expect((await thief.visit(`${AUTH}/identity`)).status).toBe(401)
    }
    expect(url.href).toContain(state.slice(0, 20))
  })

  test('does not count where the cookie stands twice', async () => {
    const world = await loginWorld()
    const browser: Browser = newBrowser(world)
    await signInAtAuthHost(browser)
    const cookies = `${browser.cookieHeader(AUTH_HOST)}; ${SESSION}=${'A'.repeat(43)}`
    expect((await browser.visit(`${AUTH}/identity`, { cookies })).status).toBe(401)
  })

  test('ends with its time', async () => {
    const world = await loginWorld({ sessionSeconds: 3600 })
    const browser = newBrowser(world)
    await signInAtAuthHost(browser)
    const cookies = browser.cookieHeader(AUTH_HOST)
    world.clock.advance(3_599_999)
    expect((await browser.visit(`${AUTH}/identity`)).status).toBe(200)
    world.clock.advance(1)
    expect((await browser.visit(`${AUTH}/identity`, { cookies })).status).toBe(401)
  })

  test('keeps at most 200 characters of what the browser calls itself', async () => {
    const world = await loginWorld()
    const { url } = await ask(newBrowser(world), `${APP}/`)
    expect(url.origin).toBe('https://corporate.idp.test')
    const browser = newBrowser(world)
    const atProvider = await browser.open(`${AUTH}/login`)
    await browser.visit(returnFrom(atProvider.url, { code: 'ada' }), { userAgent: 'é'.repeat(5000) })
    const session = await world.ports.sessions.find(sidOf(browser.cookies(AUTH_HOST).get(SESSION) ?? '') ?? '')
    expect(session?.userAgent).toBe('é'.repeat(200))
  })

  test('outlives a request that grew too old on the way, so that the next one goes straight on', async () => {
    const world = await loginWorld({ providers: [scriptedProvider('corporate'), scriptedProvider('partner')] })
    const browser = newBrowser(world)
    const { url } = await ask(browser, `${APP}/a`)
    world.clock.advance(3_590_000)
    const atProvider = await browser.open(`${url.href}&provider=corporate`)
    world.clock.advance(20_000)
    const { answer } = await browser.open(returnFrom(atProvider.url, { code: 'ada' }))
    expect(answer?.status).toBe(400)
    expect((await ask(browser, `${APP}/a`)).url.href).toBe(`${APP}/a`)
  })
})

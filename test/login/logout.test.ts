import { describe, expect, test } from 'vitest'
import type { Visit } from '../../src/login/visit.ts'
import type { Answer } from '../../src/pages/answer.ts'
import { links, readable } from '../pages/read-page.ts'
import { freshSid } from '../sessions/sample-session.ts'
import { type Browser, locationOf, newBrowser } from './browser.ts'
import { ask, returnFrom, signIn, signInAtAuthHost } from './journey.ts'
import { type ScriptedProvider, scriptedProvider } from './scripted-provider.ts'
import { setCookies } from './set-cookie.ts'
import { APP, AUTH, anApplication, eventsNamed, type LoginWorld, loginWorld } from './world.ts'

const OTHER = 'https://wiki.example.org'
const SUBJECT = Buffer.from('corporate/ada').toString('base64url')
const post = (origin: string, form?: string) => ({ method: 'POST', origin, form })

async function signedIn(provider = scriptedProvider('corporate', 'Corporate')) {
  const wiki = anApplication('wiki', { destinations: [{ host: 'wiki.example.org', path: '/' }] })
  const world = await loginWorld({ providers: [provider], applications: [anApplication('app'), wiki] })
  const browser = newBrowser(world)
  await signIn(browser, `${APP}/a`)
  await ask(browser, `${OTHER}/b`)
  return { world, browser, provider }
}

function sessionsOf({ ports }: LoginWorld): Promise<number> {
  return ports.sessions.list({ subject: SUBJECT }, { limit: 100 }).then(({ sessions }) => sessions.length)
}

function formActions({ headers }: Answer): string | undefined {
  const policy = headers.find(([name]) => name === 'Content-Security-Policy')?.[1]
  return policy?.split('; ').find((directive) => directive.startsWith('form-action'))
}

const places = [
  { title: 'on the auth host', url: `${AUTH}/logout`, origin: AUTH, action: '/logout' },
  { title: 'on an app’s host', url: `${APP}/.gatehouse/logout`, origin: APP, action: '/.gatehouse/logout' },
]

for (const { title, url, origin, action } of places) {
  describe(`a logout ${title}`, () => {
    test('asks first: a GET changes nothing', async () => {
      const { world, browser } = await signedIn()
      const answer = await browser.visit(url)
      expect(answer.status).toBe(200)
      expect(readable(answer)).toContain('Sign out?')
      expect(readable(answer)).toContain('ada@example.com')
      expect(answer.body).toContain(`<form class="actions" method="post" action="${action}">`)
      expect([setCookies(answer), await sessionsOf(world)]).toEqual([[], 1])
      expect(world.storeCalls).not.toContain('sessions.remove')
    })

    const foreign: Partial<Visit>[] = [
      {},
      { origin: 'null' },
      { origin: 'https://evil.test' },
      { origin: origin.replace('https', 'http') },
      { origin: `${origin}:8443` },
      { origin: `${origin}/` },
      { origin: `${origin}.evil.test` },
      { origin: origin.toUpperCase() },
      { origin: '' },
      { origin: origin === APP ? AUTH : APP, secFetchSite: 'same-site' },
      { secFetchSite: 'same-site' },
      { secFetchSite: 'cross-site' },
      { secFetchSite: 'none' },
      { origin: 'https://evil.test', secFetchSite: 'same-origin' },
    ]
    for (const headers of foreign) {
      test(`is refused to a form of another origin: ${JSON.stringify(headers)}`, async () => {
        const { world, browser } = await signedIn()
        const answer = await browser.visit(url, { method: 'POST', form: 'scope=everywhere', ...headers })
        expect(answer.status).toBe(403)
        expect(readable(answer)).toContain('cross-origin')
        expect([setCookies(answer), await sessionsOf(world)]).toEqual([[], 1])
        expect(eventsNamed(world, 'portalRefused')).toMatchObject([{ reason: 'cross-origin', status: 403 }])
        expect((await ask(browser, `${APP}/a`)).url.href).toBe(`${APP}/a`)
      })
    }

    for (const headers of [{ origin }, { secFetchSite: 'same-origin' }]) {
      test(`ends the session everywhere in this browser for a form of its own: ${JSON.stringify(headers)}`, async () => {
        const { world, browser } = await signedIn()
        const { answer, url: last } = await browser.open(url, { method: 'POST', ...headers })
        expect(last.host).toBe('auth.example.com')
        expect(answer && readable(answer)).toContain('You are signed out')
        expect(await sessionsOf(world)).toBe(0)
        expect(browser.cookies('auth.example.com').size).toBe(0)
        for (const host of [APP, OTHER]) expect((await browser.visit(`${host}/.gatehouse/identity`)).status).toBe(401)
        expect((await ask(browser, `${APP}/a`)).url.origin).toBe('https://corporate.idp.test')
        expect(eventsNamed(world, 'loggedOut')).toEqual([
          {
            subject: SUBJECT,
            sid: expect.any(String),
            email: 'ada@example.com',
            clientAddress: '192.0.2.7',
            scope: 'session',
            sessions: 1,
          },
        ])
      })
    }

    test('leaves the person’s other browsers alone, unless it is for everywhere', async () => {
      const { world, browser } = await signedIn()
      const phone = newBrowser(world)
      await signIn(phone, `${APP}/`)
      await browser.open(url, post(origin, 'scope=this'))
      expect((await phone.visit(`${AUTH}/identity`)).status).toBe(200)
      await signIn(browser, `${APP}/a`)
      const last = await browser.open(url, post(origin, 'scope=everywhere'))
      expect(last.answer && readable(last.answer)).toContain('on all your devices')
      expect((await phone.visit(`${AUTH}/identity`)).status).toBe(401)
      expect(eventsNamed(world, 'loggedOut').at(-1)).toMatchObject({ scope: 'user', sessions: 2 })
    })

    test('for everywhere leaves the record of a session alone that was begun since', async () => {
      const { world, browser } = await signedIn()
      const { sessions } = await world.ports.sessions.list({ subject: SUBJECT }, { limit: 1 })
      const [one] = sessions
      if (one === undefined) throw new Error('somebody is signed in')
      const { lastSeenAtMs, ...session } = one
      const since = { ...session, sid: freshSid(), createdAtMs: world.clock.now() + 1 }
      await world.ports.sessions.save(since)
      await browser.open(url, post(origin, 'scope=everywhere'))
      expect(eventsNamed(world, 'loggedOut').at(-1)).toMatchObject({ scope: 'user', sessions: 1 })
      expect((await world.ports.sessions.find(since.sid))?.createdAtMs).toBe(since.createdAtMs)
      expect(await sessionsOf(world)).toBe(1)
    })

    test('for everywhere holds though the records of the sessions cannot be looked through', async () => {
      const { world, browser } = await signedIn()
      world.down.add('sessions.list')
      await browser.open(url, post(origin, 'scope=everywhere'))
      expect(world.revoked.map(({ scope }) => scope)).toEqual([{ kind: 'subject', subject: SUBJECT }])
      expect((await browser.visit(`${APP}/.gatehouse/identity`)).status).toBe(401)
      expect(eventsNamed(world, 'loggedOut').at(-1)).toMatchObject({ scope: 'user', sessions: 0 })
    })

    test('goes on to the provider’s end-session endpoint and comes back to the last page', async () => {
      const provider = scriptedProvider('corporate', 'Corporate')
      provider.endSession = 'https://sso.corporate.idp.test'
      const { browser } = await signedIn(provider)
      const { url: last } = await browser.open(url, post(origin, 'scope=everywhere'))
      expect(last.origin).toBe(provider.endSession)
      expect(Object.fromEntries(last.searchParams)).toEqual({
        post_logout_redirect_uri: `${AUTH}/logout`,
        id_token_hint: 'id-token-of-ada',
        state: expect.any(String),
      })
      expect(browser.cookies('auth.example.com').size).toBe(0)
      const back = await browser.open(`${AUTH}/logout?state=${last.searchParams.get('state')}`)
      expect(back.answer && readable(back.answer)).toContain('on all your devices')
      expect(back.answer && links(back.answer)).toEqual([
        origin === AUTH ? 'Sign in again → /' : `Open the app again → ${APP}/`,
      ])
      const forged = await browser.open(`${AUTH}/logout?state=forged`)
      expect(forged.answer && readable(forged.answer)).toContain('to this browser')
    })

    test('names in its form’s policy every origin it may lead to', async () => {
      const provider = scriptedProvider('corporate', 'Corporate')
      provider.endSession = 'https://sso.corporate.idp.test'
      const { browser } = await signedIn(provider)
      expect(formActions(await browser.visit(url))).toBe(`form-action 'self' ${AUTH} ${provider.endSession}`)
    })

    const losses: Record<string, (world: LoginWorld, provider: ScriptedProvider) => void> = {
      'is down': (_, provider) => {
        provider.isReachable = false
      },
      'is gone': ({ providers }) => void providers.splice(0),
    }
    for (const [loss, happens] of Object.entries(losses)) {
      test(`is not hindered by a provider that ${loss}`, async () => {
        const { world, browser, provider } = await signedIn()
        provider.endSession = 'https://sso.corporate.idp.test'
        happens(world, provider)
        const { answer } = await browser.open(url, post(origin))
        expect(answer && readable(answer)).toContain('You are signed out')
        expect(await sessionsOf(world)).toBe(0)
      })
    }

    test('of nobody ends nobody’s session and stores nothing', async () => {
      const { world } = await signedIn()
      world.storeCalls.length = 0
      const { answer } = await newBrowser(world).open(url, post(origin))
      expect(answer && readable(answer)).toContain('You are signed out')
      expect(world.storeCalls).toEqual([])
      expect(await sessionsOf(world)).toBe(1)
    })
  })
}

describe('a logout on an app’s host', () => {
  const url = `${APP}/.gatehouse/logout`
  const cookieNames = (browser: Browser, host: string) => [...browser.cookies(host).keys()]

  test('takes every cookie of ours on that host away', async () => {
    const { browser } = await signedIn()
    const pending = await ask(newBrowser(await loginWorld()), `${APP}/x`)
    expect(pending.answer).toBeUndefined()
    expect(cookieNames(browser, 'app.example.com')).toHaveLength(2)
    await browser.visit(url, post(APP))
    expect(cookieNames(browser, 'app.example.com')).toEqual([])
  })

  test('takes a token away whose session has ended already', async () => {
    const { world, browser } = await signedIn()
    const { sessions } = await world.ports.sessions.list({ subject: SUBJECT }, { limit: 100 })
    for (const { sid } of sessions) await world.ports.sessions.remove(sid)
    const answer = await browser.visit(url, post(APP))
    expect(locationOf(answer)).toBe(`${AUTH}/logout`)
    expect(cookieNames(browser, 'app.example.com').filter((name) => !name.includes('-flow-'))).toEqual([])
  })

  test('whose token has run out lets the auth host ask, where the session may live', async () => {
    const world = await loginWorld({ appTokenSeconds: 60 })
    const browser = newBrowser(world)
    await signIn(browser, `${APP}/a`)
    world.clock.advance(3_600_000)
    const { answer, url: last } = await browser.open(url)
    expect(last.href).toBe(`${AUTH}/logout`)
    expect(answer && readable(answer)).toContain('Sign out?')
  })

  test('offers the way back into the app at its end', async () => {
    const { browser } = await signedIn()
    const { answer } = await browser.open(url, post(APP))
    expect(answer && links(answer)).toEqual([`Open the app again → ${APP}/`])
  })

  test('does not let its code sign another browser out', async () => {
    const { world, browser } = await signedIn()
    const other = newBrowser(world)
    await signInAtAuthHost(other, 'bob')
    const second = locationOf(await browser.visit(url, post(APP))) ?? ''
    const { answer, url: last } = await other.open(second)
    expect(last.href).toBe(`${AUTH}/logout`)
    expect(answer && readable(answer)).toContain('Sign out?')
    expect((await other.visit(`${AUTH}/identity`)).status).toBe(200)
  })

  test('has a code that counts once, and never says of a live session that it has ended', async () => {
    const provider = scriptedProvider('corporate', 'Corporate')
    provider.endSession = 'https://sso.corporate.idp.test'
    const { browser } = await signedIn(provider)
    const second = locationOf(await browser.visit(url, post(APP))) ?? ''
    expect((await browser.open(second)).url.origin).toBe(provider.endSession)
    expect(readable(await browser.visit(second))).toContain('You are signed out')
    expect(provider.ended).toHaveLength(1)
    const { url: atProvider } = await browser.open(`${AUTH}/login`)
    await browser.open(returnFrom(atProvider, { code: 'ada' }))
    const { answer } = await browser.open(second)
    expect(answer && readable(answer)).toContain('Sign out?')
  })

  test('ends the sessions of all tokens on that host', async () => {
    const { world, browser } = await signedIn()
    const api = anApplication('api', { destinations: [{ host: 'app.example.com', path: '/api' }] })
    world.serve([anApplication('app'), api])
    const mixed = newBrowser(world)
    await signIn(mixed, `${APP}/api`, 'bob')
    const cookies = `${browser.cookieHeader('app.example.com')}; ${mixed.cookieHeader('app.example.com')}`
    await browser.visit(url, { ...post(APP), cookies })
    expect((await browser.visit(`${AUTH}/identity`)).status).toBe(401)
    expect((await mixed.visit(`${AUTH}/identity`)).status).toBe(401)
  })

  for (const query of ['?code=', '?code=x', `?code=${'A'.repeat(43)}`, '?code=a&code=b']) {
    test(`is not finished by /logout${query.slice(0, 20)}`, async () => {
      const { world, browser } = await signedIn()
      const { answer } = await browser.open(`${AUTH}/logout${query}`)
      expect(answer && readable(answer)).toContain('Sign out?')
      expect(await sessionsOf(world)).toBe(1)
      const stranger = await newBrowser(world).visit(`${AUTH}/logout${query}`)
      expect(readable(stranger)).toContain('You are signed out')
    })
  }
})

import { describe, expect, test } from 'vitest'
import { StoreUnavailableError } from '../../src/policy/errors.ts'
import { readable } from '../pages/read-page.ts'
import { type Browser, locationOf, newBrowser } from './browser.ts'
import { ask, returnFrom, signIn, signInAtAuthHost } from './journey.ts'
import { type ScriptedProvider, scriptedProvider } from './scripted-provider.ts'
import { APP, AUTH, eventsNamed, type LoginWorld, loginWorld } from './world.ts'

/** A request of a journey that needs the store: makes ready, and gives what is then visited. */
interface Step {
  readonly title: string
  readonly needs: readonly string[]
  readonly ready: (browser: Browser, world: LoginWorld) => Promise<{ url: string; method?: string; origin?: string }>
}

const steps: readonly Step[] = [
  {
    title: '/login of somebody signed in',
    needs: ['sessions.find', 'codes.put'],
    async ready(browser) {
      await signInAtAuthHost(browser)
      return { url: locationOf(await browser.visit(`${APP}/.gatehouse/login?rd=/a`)) ?? '' }
    },
  },
  {
    title: '/callback of a stranger',
    needs: ['sessions.save'],
    async ready(browser) {
      return { url: returnFrom((await ask(browser, `${APP}/a`)).url, { code: 'ada' }) }
    },
  },
  {
    title: '/callback of somebody who switches account',
    needs: ['sessions.save', 'revoker.revoke'],
    async ready(browser) {
      await signInAtAuthHost(browser)
      return { url: returnFrom((await browser.open(`${AUTH}/login?switch=1`)).url, { code: 'bob' }) }
    },
  },
  {
    title: '/.gatehouse/authorized',
    needs: ['codes.take', 'sessions.find'],
    async ready(browser) {
      await signInAtAuthHost(browser)
      const start = await browser.visit(`${APP}/.gatehouse/login?rd=/a`)
      return { url: locationOf(await browser.visit(locationOf(start) ?? '')) ?? '' }
    },
  },
  {
    title: 'the question before a logout on the auth host',
    needs: ['sessions.find'],
    ready: (browser) => signIn(browser, `${APP}/a`).then(() => ({ url: `${AUTH}/logout` })),
  },
  {
    title: 'the question before a logout on an app’s host',
    needs: ['sessions.find'],
    ready: (browser) => signIn(browser, `${APP}/a`).then(() => ({ url: `${APP}/.gatehouse/logout` })),
  },
  {
    title: 'a logout on the auth host',
    needs: ['sessions.find', 'revoker.revoke'],
    ready: (browser) =>
      signIn(browser, `${APP}/a`).then(() => ({ url: `${AUTH}/logout`, method: 'POST', origin: AUTH })),
  },
  {
    title: 'a logout on an app’s host',
    needs: ['sessions.find', 'revoker.revoke', 'codes.put'],
    ready: (browser) =>
      signIn(browser, `${APP}/a`).then(() => ({ url: `${APP}/.gatehouse/logout`, method: 'POST', origin: APP })),
  },
  {
    title: 'the end of a logout',
    needs: ['codes.take', 'sessions.find'],
    async ready(browser) {
      await signIn(browser, `${APP}/a`)
      const answer = await browser.visit(`${APP}/.gatehouse/logout`, { method: 'POST', origin: APP })
      return { url: locationOf(answer) ?? '' }
    },
  },
  {
    title: '/identity on the auth host',
    needs: ['sessions.find'],
    ready: (browser) => signIn(browser, `${APP}/a`).then(() => ({ url: `${AUTH}/identity` })),
  },
  {
    title: '/identity on an app’s host',
    needs: ['sessions.find'],
    ready: (browser) => signIn(browser, `${APP}/a`).then(() => ({ url: `${APP}/.gatehouse/identity` })),
  },
]

for (const { title, needs, ready } of steps) {
  describe(`while the store is down, ${title}`, () => {
    for (const operation of [...needs, '*']) {
      test(`(${operation}) is neither a yes nor a no, changes no cookie, and works later`, async () => {
        const world = await loginWorld()
        const browser = newBrowser(world)
        const { url, ...request } = await ready(browser, world)
        const cookies = [browser.cookieHeader('auth.example.com'), browser.cookieHeader('app.example.com')]
        const told = world.events.length
        world.down.add(operation)
        await expect(browser.visit(url, request)).rejects.toThrow(StoreUnavailableError)
        expect([browser.cookieHeader('auth.example.com'), browser.cookieHeader('app.example.com')]).toEqual(cookies)
        const finished = world.events.slice(told).filter(([name]) => ['loginFinished', 'redeemed'].includes(name))
        const failed = ['loginFinished', expect.objectContaining({ outcome: 'failed', reason: 'store-unavailable' })]
        expect(finished).toEqual(title.startsWith('/callback') ? [failed] : [])
        world.down.clear()
        const again = await browser.visit(url, request)
        // A provider takes its code back once; then the page leads to another attempt.
        if (title.startsWith('/callback')) expect(readable(again)).toContain('Try again')
        else expect(again.status).toBeLessThan(400)
      })
    }
  })
}

test('somebody who switches account when records cannot be removed is the other one: the session before is revoked', async () => {
  const world = await loginWorld()
  const browser = newBrowser(world)
  await signInAtAuthHost(browser)
  const before = browser.cookieHeader('auth.example.com')
  const url = returnFrom((await browser.open(`${AUTH}/login?switch=1`)).url, { code: 'bob' })
  world.down.add('sessions.remove')
  expect((await browser.visit(url)).status).toBe(303)
  expect((await browser.visit(`${AUTH}/identity`)).status).toBe(200)
  expect((await newBrowser(world).visit(`${AUTH}/identity`, { cookies: before })).status).toBe(401)
})

describe('while the store is down', () => {
  test('a login begins: nothing of it is in the store', async () => {
    const world = await loginWorld()
    world.down.add('*')
    expect((await ask(newBrowser(world), `${APP}/a`)).url.origin).toBe('https://corporate.idp.test')
    expect(world.storeCalls).toEqual([])
  })

  test('a provider that refuses is told of all the same', async () => {
    const world = await loginWorld({ providers: [scriptedProvider('corporate')] })
    const browser = newBrowser(world)
    const { url } = await ask(browser, `${APP}/a`)
    world.down.add('*')
    expect((await browser.visit(returnFrom(url, { error: 'access_denied' }))).status).toBe(403)
    expect((world.providers[0] as ScriptedProvider).completed).toHaveLength(1)
  })

  test('nobody is told that they are signed out', async () => {
    const world = await loginWorld()
    const browser = newBrowser(world)
    await signIn(browser, `${APP}/a`)
    world.down.add('*')
    await expect(browser.visit(`${AUTH}/logout`, { method: 'POST', origin: AUTH })).rejects.toThrow(
      StoreUnavailableError,
    )
    expect(eventsNamed(world, 'loggedOut')).toEqual([])
    world.down.clear()
    expect((await browser.visit(`${AUTH}/identity`)).status).toBe(200)
  })
})

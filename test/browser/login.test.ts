import { createLocalJWKSet, jwtVerify } from 'jose'
import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { needs } from '../parts/needs.ts'
import { AUTH_HOST } from './manifests.ts'
import { type ProxyName, type Scene, startScene } from './scene.ts'
import { choose, cookieNames, heading, logInAs, openAs, shown, type Watch, watch } from './visitor.ts'

const DEEP = 'https://one.example.test/builds/17/log?line=4&q=a%20b&q=%C3%A9'
const TWO = 'https://two.other.test/pages/home?x=1'

const proxies: readonly ProxyName[] = ['caddy', 'nginx']
for (const proxy of proxies) needs(['chromium', proxy], `A browser behind ${proxy}`, () => journeys(proxy))

function journeys(proxy: ProxyName): void {
  let scene: Scene
  let context: BrowserContext
  let page: Page
  let watched: Watch

  beforeAll(async () => {
    scene = await startScene({ proxy })
  })
  afterAll(() => scene[Symbol.asyncDispose]())
  beforeEach(async () => {
    context = await scene.chromium.newContext()
    watched = watch(context)
    page = await context.newPage()
  })
  afterEach(async () => {
    await context.close()
    expect(watched.complaints).toEqual([])
  })

  test('chooses a provider, signs in, and ends on exactly the page that was asked for', async () => {
    await page.goto(DEEP)
    expect(new URL(page.url()).host).toBe(AUTH_HOST)
    expect(await heading(page)).toBe('Sign in to Build Monitor')
    expect(await page.locator('.choices bdi').allInnerTexts()).toEqual(['Example Company', 'Partner Network'])
    await choose(page, 'Example Company')
    await logInAs(page, 'alice')
    await page.waitForURL(DEEP)

    const { method, url, headers } = await shown(page)
    expect([method, url]).toEqual(['GET', '/builds/17/log?line=4&q=a%20b&q=%C3%A9'])
    expect(headers).toMatchObject({
      'x-auth-request-email': 'alice@example.com',
      'x-auth-request-groups': 'engineering,oncall',
      'x-auth-request-preferred-username': 'alice',
    })
    expect(headers.cookie ?? '').not.toContain('gatehouse')
    const keys = createLocalJWKSet(await scene.publicKeys())
    const { payload } = await jwtVerify(headers['gatehouse-jwt-assertion'] ?? '', keys, {
      issuer: `https://${AUTH_HOST}`,
    })
    expect(payload).toMatchObject({ type: 'assertion', email: 'alice@example.com', idp: 'company' })
    expect(payload.sub).toBe(headers['x-auth-request-user'])
  })

  test('opens an app of an unrelated domain without another login', async () => {
    await openAs(page, 'bob', TWO)
    await page.goto('https://shared.example.test/shop?b')
    expect(page.url()).toBe('https://shared.example.test/shop?b')
    expect((await shown(page)).headers['x-auth-request-email']).toBe('bob@example.com')
  })

  test('keeps two applications of one host side by side', async () => {
    await openAs(page, 'alice', 'https://shared.example.test/start')
    const first = await cookieNames(context, 'shared.example.test')
    await page.goto('https://shared.example.test/api/items?page=2')
    expect((await shown(page)).url).toBe('/api/items?page=2')
    const tokens = (names: string[]) => names.filter((name) => /^__Host-gatehouse-[0-9a-f]{16}$/.test(name))
    const both = tokens(await cookieNames(context, 'shared.example.test'))
    expect(both).toHaveLength(2)
    expect(both).toEqual(expect.arrayContaining(tokens(first)))

    watched = watch(context)
    await page.goto('https://shared.example.test/start')
    await page.goto('https://shared.example.test/api')
    expect(watched.requests.filter(({ url }) => url.includes('/.gatehouse/') || url.includes(AUTH_HOST))).toEqual([])
  })

  test('is told who one is and why an app stays shut, and gets in after switching the account', async () => {
    await page.goto(DEEP)
    await choose(page, 'Example Company')
    await logInAs(page, 'bob')
    await page.getByRole('heading', { name: 'You can’t open Build Monitor' }).waitFor()
    const text = await page.getByRole('main').textContent()
    expect(text).toContain('bob@example.com')
    expect(text).toContain('Signed in with Example Company')
    expect(text).toContain('Ask in the engineering channel,\nor call extension 42.')
    expect(text).toContain('no-policy-matches')

    const again = await page.reload()
    expect(again?.status()).toBe(403)
    await page.goto(DEEP)
    await page.getByRole('heading', { name: 'You can’t open Build Monitor' }).waitFor()

    await page.getByRole('link', { name: 'Switch account' }).click()
    await page.getByRole('heading', { name: 'Switch account for Build Monitor' }).waitFor()
    expect(await page.getByRole('main').textContent()).toContain('bob@example.com')
    await choose(page, 'Example Company')
    await logInAs(page, 'alice')
    await page.waitForURL(DEEP)
    expect((await shown(page)).headers['x-auth-request-email']).toBe('alice@example.com')
    // A page that says no is an error to the console, as it should be.
    watched = watch(context)
  })

  test('signs in with a provider that answers by a form', async () => {
    await page.goto('https://form.example.test/inbox?m=1')
    await logInAs(page, 'alice')
    await page.waitForURL('https://form.example.test/inbox?m=1')
    expect(watched.requests).toContainEqual(
      expect.objectContaining({ method: 'POST', url: `https://${AUTH_HOST}/callback/form` }),
    )
  })
}

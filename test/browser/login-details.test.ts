import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { needs } from '../parts/needs.ts'
import { AUTH_HOST } from './manifests.ts'
import { type Scene, startScene } from './scene.ts'
import { choose, heading, logInAs, openAs, shown } from './visitor.ts'

const ONE = 'https://one.example.test/builds/17'

needs(['chromium', 'caddy'], 'A login in a browser', () => {
  let scene: Scene
  let context: BrowserContext
  let page: Page

  beforeAll(async () => {
    scene = await startScene()
  })
  afterAll(() => scene[Symbol.asyncDispose]())
  beforeEach(async () => {
    context = await scene.chromium.newContext()
    page = await context.newPage()
  })
  afterEach(() => context.close())

  test('keeps cookies that no other host sees and no script reads', async () => {
    await openAs(page, 'alice', ONE)
    const cookies = await context.cookies(['https://one.example.test/', `https://${AUTH_HOST}/`])
    expect(cookies.map(({ name }) => name.replace(/[0-9a-z]{33}$|[0-9a-f]{16}$/, '…')).sort()).toEqual([
      '__Host-gatehouse-flow-…',
      '__Host-gatehouse-session',
      '__Host-gatehouse-…',
    ])
    for (const { httpOnly, secure, path, domain, sameSite } of cookies) {
      expect({ httpOnly, secure, path, sameSite }).toEqual({
        httpOnly: true,
        secure: true,
        path: '/',
        sameSite: 'Lax',
      })
      expect(['one.example.test', AUTH_HOST]).toContain(domain)
    }
    expect(await page.evaluate('document.cookie')).toBe('')
  })

  test('signs in with the second provider as somebody else than with the first', async () => {
    await openAs(page, 'alice', ONE, 'Partner Network')
    const partner = (await shown(page)).headers['x-auth-request-user']
    const other = await scene.chromium.newContext()
    const otherPage = await other.newPage()
    await openAs(otherPage, 'alice', ONE, 'Example Company')
    expect((await shown(otherPage)).headers['x-auth-request-user']).not.toBe(partner)
    await other.close()
  })

  test('goes straight to the provider when the app admits only one', async () => {
    await page.goto('https://single.other.test/x?y=1')
    await page.getByRole('heading', { name: 'Log in at Partner Network' }).waitFor()
    await logInAs(page, 'bob')
    await page.waitForURL('https://single.other.test/x?y=1')
  })

  test('may switch the account as often as it likes', async () => {
    await page.goto(ONE)
    await choose(page, 'Example Company')
    await logInAs(page, 'bob')
    for (const login of ['bob', 'bob', 'alice']) {
      await page.getByRole('link', { name: 'Switch account' }).click()
      await choose(page, 'Example Company')
      await logInAs(page, login)
    }
    await page.waitForURL(ONE)
  })

  test('is not moved by cookies that a sibling host plants', async () => {
    await openAs(page, 'alice', ONE)
    const before = await context.cookies(['https://one.example.test/', `https://${AUTH_HOST}/`])
    await page.goto('https://shared.example.test/')
    for (const { name } of before) {
      for (const planted of [name, name.replace('__Host-', ''), `\u2000${name}`]) {
        await page.evaluate(
          `document.cookie = ${JSON.stringify(`${planted}=planted; Domain=example.test; Path=/; Secure`)}`,
        )
      }
    }
    await page.goto(ONE)
    expect((await shown(page)).headers['x-auth-request-email']).toBe('alice@example.com')
    await page.goto(`https://${AUTH_HOST}/`)
    expect(await heading(page)).toBe('Your apps')
  })

  test('never takes over a session id that was planted before the login', async () => {
    const planted = 'A'.repeat(43)
    const name = '__Host-gatehouse-session'
    await context.addCookies([{ name, value: planted, url: `https://${AUTH_HOST}/`, httpOnly: true, secure: true }])
    await openAs(page, 'alice', ONE)
    const cookies = await context.cookies(`https://${AUTH_HOST}/`)
    expect(cookies.find((cookie) => cookie.name === name)?.value).toMatch(/^(?!A{43})[A-Za-z0-9_-]{43}$/)
  })

  test('opens an app whose cookie is SameSite=Strict, also by a link from elsewhere', async () => {
    const strict = 'https://strict.other.test/ledger?year=2026'
    await page.goto(strict)
    await logInAs(page, 'alice')
    await page.waitForURL(strict)
    expect((await context.cookies(strict)).map(({ sameSite }) => sameSite)).toContain('Strict')

    for (let time = 0; time < 5; time++) {
      await page.goto('https://shared.example.test/')
      await page.evaluate(`location.href = ${JSON.stringify(strict)}`)
      await page.waitForURL(strict)
      expect((await shown(page)).url).toBe('/ledger?year=2026')
    }
  })
})

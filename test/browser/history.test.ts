import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { needs } from '../parts/needs.ts'
import { AUTH_HOST } from './manifests.ts'
import { type Scene, startScene } from './scene.ts'
import { choose, cookieNames, heading, logInAs, openAs, type Watch, watch } from './visitor.ts'

const ONE = 'https://one.example.test/board?week=7'

needs(['chromium', 'caddy'], 'Going back, reloading and dawdling', () => {
  let scene: Scene
  let context: BrowserContext
  let page: Page
  let watched: Watch

  beforeAll(async () => {
    scene = await startScene()
  })
  afterAll(() => scene[Symbol.asyncDispose]())
  beforeEach(async () => {
    context = await scene.chromium.newContext()
    watched = watch(context)
    page = await context.newPage()
  })
  afterEach(() => context.close())

  /** The one address below this that the browser has been to. */
  function visited(start: string): string {
    return watched.requests.find(({ url }) => url.startsWith(start))?.url ?? ''
  }

  test('back to the chooser leads on to the app', async () => {
    await openAs(page, 'alice', ONE)
    await page.evaluate('history.go(-2)')
    await page.waitForURL(ONE)
  })

  for (const [what, start] of [
    ['the callback', `https://${AUTH_HOST}/callback/company`],
    ['the page that hands out the app’s cookie', 'https://one.example.test/.gatehouse/authorized'],
  ] as const) {
    test(`${what}, loaded again, leads on to the app`, async () => {
      await openAs(page, 'alice', ONE)
      for (let time = 0; time < 5; time++) {
        await page.goto(visited(start))
        expect(page.url()).toBe(ONE)
      }
    })

    test(`${what}, in another browser, signs nobody in and says what to do`, async () => {
      await openAs(page, 'alice', ONE)
      const other = await scene.chromium.newContext()
      const otherPage = await other.newPage()
      await otherPage.goto(visited(start))
      expect(['Sign in to Build Monitor', 'This sign-in belongs to another browser']).toContain(
        await heading(otherPage),
      )
      for (const host of ['one.example.test', AUTH_HOST]) expect(await cookieNames(other, host)).toEqual([])
      await other.close()
    })
  }

  test('a login page left open until its transaction is gone begins anew and ends on the same page', async () => {
    await page.goto(ONE)
    await choose(page, 'Example Company')
    await context.clearCookies({ domain: AUTH_HOST })
    await logInAs(page, 'alice')
    await page.getByRole('heading', { name: 'Sign in to Build Monitor' }).waitFor()
    expect(await cookieNames(context, AUTH_HOST)).toEqual([])
    await choose(page, 'Example Company')
    await page.waitForURL(ONE)
  })

  test('a login whose way back is forgotten ends where the app begins', async () => {
    await page.goto(ONE)
    await context.clearCookies({ domain: 'one.example.test' })
    await choose(page, 'Example Company')
    await logInAs(page, 'alice')
    await page.waitForURL('https://one.example.test/')
  })

  test('a login that is cancelled at the provider says so and can be tried again', async () => {
    await page.goto(ONE)
    await choose(page, 'Example Company')
    await page.getByRole('button', { name: 'Cancel' }).click()
    await page.getByRole('heading', { name: 'Example Company did not sign you in' }).waitFor()
    await page.getByRole('link', { name: 'Try again' }).click()
    await choose(page, 'Partner Network')
    await logInAs(page, 'alice')
    await page.waitForURL(ONE)
  })

  test('a link to the login page alone leads to the launcher', async () => {
    await page.goto(`https://${AUTH_HOST}/login`)
    await choose(page, 'Example Company')
    await logInAs(page, 'alice')
    await page.waitForURL(`https://${AUTH_HOST}/`)
    await page.getByRole('link', { name: 'Build Monitor' }).click()
    await page.waitForURL('https://one.example.test/')
  })
})

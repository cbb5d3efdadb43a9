import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { needs } from '../parts/needs.ts'
import { AUTH_HOST } from './manifests.ts'
import { type Scene, startScene } from './scene.ts'
import { choose, cookieNames, logInAs, openAs, shown, type Watch, watch } from './visitor.ts'

const ONE = 'https://one.example.test/board'
const TWO = 'https://two.other.test/pages'

needs(['chromium', 'caddy'], 'Signing out', () => {
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
    await openAs(page, 'alice', ONE)
    await page.goto(TWO)
    await page.waitForURL(TWO)
  })
  afterEach(async () => {
    await context.close()
    expect(watched.complaints).toEqual([])
  })

  /** Both apps ask for a login again, and the provider knows nobody either. */
  async function expectAllShut(at: Page): Promise<void> {
    for (const url of [ONE, TWO]) {
      await at.goto(url)
      expect(new URL(at.url()).host).toBe(AUTH_HOST)
    }
    await choose(at, 'Example Company')
    await logInAs(at, 'alice')
    await at.waitForURL(TWO)
  }

  const places = [
    {
      host: 'an app’s host',
      path: 'https://one.example.test/.gatehouse/logout',
      left: 'one.example.test',
      back: ['Open the app again', 'https://one.example.test/'],
    },
    { host: 'the auth host', path: `https://${AUTH_HOST}/logout`, left: AUTH_HOST, back: ['Sign in again', '/'] },
  ]
  for (const {
    host,
    path,
    left,
    back: [label = '', href],
  } of places) {
    test(`on ${host} shuts every app and ends the session at the provider`, async () => {
      await page.goto(path)
      expect(await page.getByRole('main').textContent()).toContain('alice@example.com')
      await page.getByRole('button', { name: 'Sign out', exact: true }).click()
      await page.getByRole('heading', { name: 'You are signed out' }).waitFor()
      expect(new URL(page.url()).origin).toBe(`https://${AUTH_HOST}`)
      expect(await cookieNames(context, AUTH_HOST)).toEqual([])
      expect(await cookieNames(context, left)).toEqual([])
      expect(await page.getByRole('link', { name: label }).getAttribute('href')).toBe(href)
      await expectAllShut(page)
    })
  }

  test('is not done by a link alone', async () => {
    await page.goto('https://one.example.test/.gatehouse/logout')
    await page.getByRole('link', { name: 'Stay signed in' }).click()
    await page.waitForURL('https://one.example.test/')
    expect((await shown(page)).headers['x-auth-request-email']).toBe('alice@example.com')
  })

  test('on every device ends the sessions of other browsers too, and of nobody else', async () => {
    const others = await Promise.all(
      ['alice', 'bob'].map(async (login) => {
        const other = await scene.chromium.newContext()
        const otherPage = await other.newPage()
        await openAs(otherPage, login, TWO)
        return { other, otherPage }
      }),
    )
    const [alices, bobs] = others

    await page.goto(`https://${AUTH_HOST}/logout`)
    await page.getByRole('button', { name: 'Sign out on every device' }).click()
    await page.getByRole('heading', { name: 'You are signed out' }).waitFor()
    // Replicas look at the store once per second and session.
    await expect.poll(async () => (await alices?.otherPage.goto(TWO)) && alices?.otherPage.url()).toContain(AUTH_HOST)
    await bobs?.otherPage.goto(TWO)
    expect(bobs?.otherPage.url()).toBe(TWO)
    await expectAllShut(page)
    for (const { other } of others) await other.close()
  })
})

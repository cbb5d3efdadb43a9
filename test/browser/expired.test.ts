import { readFile } from 'node:fs/promises'
import { decodeJwt } from 'jose'
import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { mintAppToken } from '../../src/tokens/app-token.ts'
import { parseKeySet } from '../../src/tokens/file.ts'
import { keyRing } from '../../src/tokens/key-ring.ts'
import { needs } from '../parts/needs.ts'
import { AUTH_HOST } from './manifests.ts'
import { type Scene, startScene } from './scene.ts'
import { choose, logInAs, openAs, shown, watch } from './visitor.ts'

const ONE = 'https://one.example.test/board?week=7'
const HOUR_MS = 3_600_000

needs(['chromium', 'caddy'], 'A page that is open when its sign-in ends', () => {
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
    await openAs(page, 'alice', ONE)
  })
  afterEach(() => context.close())

  /** What a script of the page gets, with the browser's own `fetch`. */
  const fetched = (path: string) =>
    page.evaluate(`fetch(${JSON.stringify(path)}).then(async (response) => ({
      status: response.status,
      isRedirected: response.redirected,
      type: response.headers.get('content-type'),
      body: await response.json(),
    }))`)
  const refusal = (reason: string) => ({
    status: 401,
    isRedirected: false,
    type: 'application/json',
    body: { error: reason },
  })

  /** Puts a token in the place of the app's, the same but long past its end. */
  async function expireToken(): Promise<void> {
    const cookies = await context.cookies(ONE)
    const cookie = cookies.find(({ name }) => /^__Host-gatehouse-[0-9a-f]{16}$/.test(name))
    const { iss = '', aud, sub = '', sid } = decodeJwt(cookie?.value ?? '')
    const ring = await keyRing(parseKeySet(await readFile(scene.keyFile, 'utf8'), scene.keyFile))
    const value = await mintAppToken(ring, {
      issuer: iss,
      audience: String(aud),
      subject: sub,
      sid: String(sid),
      now: Date.now() - HOUR_MS,
      issuedAtMs: Date.now() - HOUR_MS,
      lifetimeSeconds: 60,
      id: 'an older one',
    })
    await context.addCookies([{ name: cookie?.name ?? '', value, url: ONE, httpOnly: true, secure: true }])
  }

  test('has its scripts told in JSON that the token has expired, and reloads without a login', async () => {
    expect(await fetched('/data')).toMatchObject({ status: 200, body: { url: '/data' } })
    await expireToken()
    expect(await fetched('/data')).toEqual(refusal('token-expired'))

    const { requests } = watch(context)
    await page.reload()
    expect(page.url()).toBe(ONE)
    expect((await shown(page)).url).toBe('/board?week=7')
    expect(requests.filter(({ url }) => url.startsWith('https://localhost'))).toEqual([])
    expect(await fetched('/data')).toMatchObject({ status: 200 })
  })

  test('has its scripts told in JSON that the session has ended, and reloads after a login', async () => {
    const elsewhere = await scene.chromium.newContext()
    const otherPage = await elsewhere.newPage()
    await openAs(otherPage, 'alice', ONE)
    await otherPage.goto(`https://${AUTH_HOST}/logout`)
    await otherPage.getByRole('button', { name: 'Sign out on every device' }).click()
    await otherPage.getByRole('heading', { name: 'You are signed out' }).waitFor()
    await elsewhere.close()

    await expect.poll(() => fetched('/data')).toEqual(refusal('session-ended'))
    await page.reload()
    expect(new URL(page.url()).host).toBe(AUTH_HOST)
    await choose(page, 'Partner Network')
    await logInAs(page, 'alice')
    await page.waitForURL(ONE)
  })

  test('has a form’s post refused rather than turned into a login that loses it', async () => {
    await expireToken()
    await page.setContent(`<form method="post" action="${ONE}"><button>Save</button></form>`)
    const answer = page.waitForResponse((response) => response.request().method() === 'POST')
    await page.getByRole('button', { name: 'Save' }).click()
    expect((await answer).status()).toBe(401)
  })
})

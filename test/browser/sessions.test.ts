import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { needs } from '../parts/needs.ts'
import { AUTH_HOST } from './manifests.ts'
import { type Scene, startScene } from './scene.ts'
import { cookieNames, openAs, type Watch, watch } from './visitor.ts'

const ONE = 'https://one.example.test/board'
const TWO = 'https://two.other.test/pages'
const SESSIONS = `https://${AUTH_HOST}/sessions`
const IPHONE =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1'

needs(['chromium', 'caddy'], 'A person’s own sessions', () => {
  const opened: BrowserContext[] = []
  let scene: Scene
  let laptop: Page
  let phone: Page
  let watched: Watch

  beforeAll(async () => {
    scene = await startScene()
  })
  afterAll(() => scene[Symbol.asyncDispose]())
  beforeEach(async () => {
    laptop = await signedIn('alice')
    watched = watch(laptop.context())
    phone = await signedIn('alice', IPHONE)
  })
  afterEach(async () => {
    for (const context of opened.splice(0)) await context.close()
    expect(watched.complaints).toEqual([])
  })

  async function signedIn(login: string, userAgent?: string, url = ONE): Promise<Page> {
    const context = await scene.chromium.newContext(userAgent === undefined ? {} : { userAgent })
    opened.push(context)
    const page = await context.newPage()
    await openAs(page, login, url)
    return page
  }

  /** Where somebody is who opens the app again. */
  async function hostOnReturn(page: Page): Promise<string> {
    await page.goto(ONE)
    return new URL(page.url()).host
  }

  test('one ends the other, which is refused with its very next request', async () => {
    await laptop.goto(SESSIONS)
    expect(await laptop.getByRole('listitem').count()).toBe(2)
    expect(await laptop.getByRole('listitem').first().textContent()).toContain('This device')
    await laptop.getByRole('button', { name: 'Sign out Safari on iPhone' }).click()
    await laptop.getByRole('status').waitFor()
    expect(await laptop.getByRole('status').textContent()).toBe('That device is signed out.')
    expect(await laptop.getByRole('listitem').count()).toBe(1)
    expect(await hostOnReturn(phone)).toBe(AUTH_HOST)
    expect(await hostOnReturn(laptop)).toBe('one.example.test')
  })

  test('one ends all others, and nobody else’s', async () => {
    const tablet = await signedIn('alice')
    const bobs = await signedIn('bob', undefined, TWO)
    await laptop.goto(SESSIONS)
    await laptop.getByRole('button', { name: 'Sign out all other devices' }).click()
    await laptop.getByRole('status').waitFor()
    for (const page of [phone, tablet]) expect(await hostOnReturn(page)).toBe(AUTH_HOST)
    expect(await hostOnReturn(laptop)).toBe('one.example.test')
    await bobs.goto(TWO)
    expect(bobs.url()).toBe(TWO)
  })

  test('one ends itself, and is signed out', async () => {
    await laptop.goto(SESSIONS)
    await laptop.getByRole('button', { name: 'Sign out this device' }).click()
    await laptop.getByRole('heading', { name: 'You are signed out' }).waitFor()
    expect(await cookieNames(laptop.context(), AUTH_HOST)).toEqual([])
    expect(await hostOnReturn(laptop)).toBe(AUTH_HOST)
    expect(await hostOnReturn(phone)).toBe('one.example.test')
  })

  test('all end at once', async () => {
    await laptop.goto(SESSIONS)
    await laptop.getByRole('button', { name: 'Sign out everywhere, this device too' }).click()
    await laptop.getByRole('heading', { name: 'You are signed out' }).waitFor()
    for (const page of [laptop, phone]) expect(await hostOnReturn(page)).toBe(AUTH_HOST)
  })
})

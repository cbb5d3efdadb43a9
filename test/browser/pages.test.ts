import { mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { needs } from '../parts/needs.ts'
import { everyPage } from './every-page.ts'
import { AUTH_HOST } from './manifests.ts'
import { type Scene, startScene } from './scene.ts'
import { choose, heading, logInAs, openAs, type Watch, watch } from './visitor.ts'

/** What the console says of a document whose status is an error; the page is there all the same. */
const ITS_OWN_STATUS = /Failed to load resource: the server responded with a status of [45]\d\d/
const NARROW = { width: 320, height: 640 }
const WIDE = { width: 1100, height: 800 }

needs(['chromium', 'caddy'], 'The pages in a real browser', () => {
  const stack = new AsyncDisposableStack()
  let scene: Scene
  let context: BrowserContext
  let page: Page
  let watched: Watch

  beforeAll(async () => {
    scene = stack.use(await startScene())
  })
  afterAll(() => stack.disposeAsync())
  beforeEach(async () => {
    context = await scene.chromium.newContext({ viewport: WIDE })
    watched = watch(context)
    page = await context.newPage()
  })
  afterEach(({ task }) => (task.result?.state === 'fail' ? keepPictures(page, task.id) : undefined))
  afterEach(() => context.close())

  for (const { name, heading: expected, reach } of everyPage) {
    test(`${name} loads nothing besides itself, breaks no rule of its own, and fits a narrow screen`, async () => {
      await reach(page)
      await page.getByRole('heading', { level: 1 }).waitFor()
      expect(await heading(page)).toBe(expected)
      expect(watched.requests.filter(({ kind }) => kind !== 'document')).toEqual([])
      expect(watched.complaints.filter((text) => !ITS_OWN_STATUS.test(text))).toEqual([])
      expect(await page.title()).toMatch(/ · Gatehouse$/)
      await page.setViewportSize(NARROW)
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(NARROW.width)
    })
  }

  describe('by the keyboard alone', () => {
    /** What Tab leads to, in order, until it leaves the page. */
    async function tabStops(): Promise<string[]> {
      const stops: string[] = []
      for (;;) {
        await page.keyboard.press('Tab')
        const stop = String(await page.evaluate('document.activeElement?.innerText?.trim() ?? ""'))
        const isInside = await page.evaluate('document.activeElement !== document.body')
        if (!isInside || stops.includes(stop)) return stops
        stops.push(stop)
      }
    }

    test('a person signs in', async () => {
      await page.goto('https://one.example.test/board')
      await page.keyboard.press('Tab')
      expect(await page.evaluate('document.activeElement.innerText')).toContain('Example Company')
      await page.keyboard.press('Tab')
      expect(await page.evaluate('document.activeElement.innerText')).toContain('Partner Network')
      await page.keyboard.press('Enter')
      await page.getByRole('heading', { name: 'Log in at Partner Network' }).waitFor()
      await page.keyboard.type('alice')
      await page.keyboard.press('Enter')
      await page.waitForURL('https://one.example.test/board')
    })

    test('a person who is denied reaches both ways out', async () => {
      await page.goto('https://one.example.test/board')
      await choose(page, 'Example Company')
      await logInAs(page, 'bob')
      await page.getByRole('link', { name: 'Switch account' }).waitFor()
      expect(await tabStops()).toEqual(['Switch account', 'Sign out'])
    })

    test('a person signs out', async () => {
      await openAs(page, 'alice', `https://${AUTH_HOST}/`)
      expect(await tabStops()).toEqual(expect.arrayContaining(['Sign out', 'Build Monitor', 'Wiki']))
      await page.goto(`https://${AUTH_HOST}/logout`)
      expect((await tabStops()).slice(0, 2)).toEqual(['Sign out', 'Sign out on every device'])
      await page.getByRole('button', { name: 'Sign out', exact: true }).focus()
      await page.keyboard.press('Enter')
      await page.getByRole('heading', { name: 'You are signed out' }).waitFor()
    })
  })
})

/** For whoever looks into a failure. */
async function keepPictures(page: Page, name: string): Promise<void> {
  const directory = join(tmpdir(), 'gatehouse-pages')
  await mkdir(directory, { recursive: true })
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    await page.screenshot({ path: join(directory, `${name}-${colorScheme}.png`), fullPage: true })
  }
  console.log(`Pictures of the page are in ${directory}`)
}

import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { needs } from '../parts/needs.ts'
import { AUTH_HOST } from './manifests.ts'
import { type Scene, startScene } from './scene.ts'
import { choose, logInAs, openAs, shown } from './visitor.ts'

const COUNT = 10
/** Ten renderers share the machine's few cores. */
const LONG = { timeout: 60_000 }

needs(['chromium', 'caddy'], 'Ten tabs at once', () => {
  let scene: Scene

  beforeAll(async () => {
    scene = await startScene()
  })
  afterAll(() => scene[Symbol.asyncDispose]())

  /** Each to a page of its own, of two domains, with a query of some length. */
  const addressOf = (tab: number) =>
    `https://${tab % 2 === 0 ? 'one.example.test' : 'two.other.test'}/tab/${tab}?n=${tab}&filter=${'x'.repeat(100)}`

  async function openTabs(context: BrowserContext): Promise<Page[]> {
    const pages = await Promise.all(Array.from({ length: COUNT }, () => context.newPage()))
    await Promise.all(pages.map((page, tab) => page.goto(addressOf(tab))))
    return pages
  }

  async function expectOwnPages(pages: readonly Page[]): Promise<void> {
    for (const [tab, page] of pages.entries()) {
      await page.waitForURL(addressOf(tab))
      const { pathname, search } = new URL(addressOf(tab))
      expect((await shown(page)).url).toBe(pathname + search)
    }
  }

  test('end on their own pages, logged in one after the other in random order', LONG, async () => {
    const context = await scene.chromium.newContext()
    const pages = await openTabs(context)
    for (const page of shuffled(pages, 1)) {
      expect(new URL(page.url()).host).toBe(AUTH_HOST)
      await choose(page, 'Example Company')
    }
    for (const page of shuffled(pages, 2)) await logInAs(page, 'alice')
    await expectOwnPages(pages)
    await context.close()
  })

  test('end on their own pages, all sent to a provider that knows them at the same moment', LONG, async () => {
    const context = await scene.chromium.newContext()
    const first = await context.newPage()
    await openAs(first, 'alice', 'https://two.other.test/')
    await context.clearCookies({ domain: /^(auth|one)\.example\.test|other\.test$/ })
    const pages = await openTabs(context)
    await Promise.all(shuffled(pages, 7).map((page) => choose(page, 'Example Company')))
    await expectOwnPages(pages)
    await context.close()
  })

  test('end on their own pages when a session lives and only the apps have to be opened', LONG, async () => {
    const context = await scene.chromium.newContext()
    await openAs(await context.newPage(), 'alice', 'https://two.other.test/')
    await context.clearCookies({ domain: 'two.other.test' })
    await expectOwnPages(await openTabs(context))
    await context.close()
  })
})

/** The same items in another order, which depends on the seed alone (Fisher and Yates, mulberry32). */
function shuffled<T>(items: readonly T[], seed: number): T[] {
  const result = [...items]
  let state = seed
  for (let end = result.length - 1; end > 0; end--) {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    const at = ((mixed ^ (mixed >>> 14)) >>> 0) % (end + 1)
    const [a, b] = [result[at] as T, result[end] as T]
    result[at] = b
    result[end] = a
  }
  return result
}

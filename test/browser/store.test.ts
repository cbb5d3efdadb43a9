import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { needs } from '../parts/needs.ts'
import { type RedisPart, startRedis } from '../parts/redis.ts'
import { AUTH_HOST } from './manifests.ts'
import { type Scene, startScene } from './scene.ts'
import { choose, heading, logInAs, openAs, shown, watch } from './visitor.ts'

const ONE = 'https://one.example.test/board?week=7'
const MAX_STALENESS = '3s'

needs(['chromium', 'caddy', 'redis-server'], 'A browser while Redis is in trouble', () => {
  const stack = new AsyncDisposableStack()
  let redis: RedisPart
  let scene: Scene
  let context: BrowserContext
  let page: Page

  beforeAll(async () => {
    redis = stack.use(await startRedis({ args: ['--appendonly', 'yes', '--appendfsync', 'always'] }))
    scene = stack.use(
      await startScene({
        store: { type: 'Redis', redis: { url: redis.url } },
        config: { revocation: { maxStaleness: MAX_STALENESS } },
      }),
    )
  })
  afterAll(() => stack.disposeAsync())
  beforeEach(async () => {
    context = await scene.chromium.newContext()
    page = await context.newPage()
    await openAs(page, 'alice', ONE)
    return () => context.close()
  })

  const troubles = [
    { what: 'is killed', begin: () => redis.kill9(), end: () => redis.restart() },
    { what: 'accepts and never answers', begin: async () => redis.pause(), end: async () => redis.resume() },
  ]
  for (const { what, begin, end } of troubles) {
    test(`that ${what} keeps its cookies, and goes on without a login afterwards`, { timeout: 40_000 }, async () => {
      const before = await context.cookies()
      const { requests } = watch(context)
      await begin()
      await page.goto(ONE)
      expect((await shown(page)).headers['x-auth-request-email']).toBe('alice@example.com')

      await expect.poll(async () => (await page.goto(ONE))?.status(), { timeout: 15_000 }).toBe(503)
      expect(await heading(page)).toBe('One moment, please')
      const portal = await page.goto(`https://${AUTH_HOST}/`)
      expect([portal?.status(), await heading(page)]).toEqual([503, 'One moment, please'])
      expect(await context.cookies()).toEqual(before)

      await end()
      await expect.poll(async () => (await page.goto(ONE))?.status(), { timeout: 15_000 }).toBe(200)
      expect((await shown(page)).url).toBe('/board?week=7')
      expect(await context.cookies()).toEqual(before)
      expect(requests.filter(({ url }) => url.includes('/.gatehouse/') || url.includes('/login'))).toEqual([])
    })
  }

  test('is told to wait when it logs in meanwhile, and signs in afterwards', { timeout: 40_000 }, async () => {
    const late = await scene.chromium.newContext()
    const latePage = await late.newPage()
    await latePage.goto(ONE)
    await redis.kill9()
    await choose(latePage, 'Example Company')
    await logInAs(latePage, 'alice')
    await latePage.getByRole('heading', { name: 'One moment, please' }).waitFor()

    await redis.restart()
    await expect
      .poll(
        async () => {
          await latePage.goto(ONE)
          if (new URL(latePage.url()).host === AUTH_HOST) await choose(latePage, 'Example Company')
          await latePage.waitForURL(ONE, { timeout: 2000 })
          return latePage.url()
        },
        { timeout: 15_000 },
      )
      .toBe(ONE)
    await late.close()
  })
})

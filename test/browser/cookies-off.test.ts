import { afterAll, beforeAll, expect, test } from 'vitest'
import { needs } from '../parts/needs.ts'
import { AUTH_HOST } from './manifests.ts'
import { type Scene, startScene } from './scene.ts'
import { heading, logInAs, watch } from './visitor.ts'

const APP_HOST = 'single.other.test'
const APP = `https://${APP_HOST}/deep/page?x=1`
/** More than three rounds of a login come to. */
const MANY = 30

needs(['chromium', 'caddy'], 'A browser that blocks cookies', () => {
  let scene: Scene

  beforeAll(async () => {
    scene = await startScene()
  })
  afterAll(() => scene[Symbol.asyncDispose]())

  const cases = [
    { where: 'on the auth host', blocked: [AUTH_HOST], named: AUTH_HOST },
    { where: 'on the app’s host', blocked: [APP_HOST], named: APP_HOST },
    { where: 'on both', blocked: [AUTH_HOST, APP_HOST], named: AUTH_HOST },
  ]
  for (const { where, blocked, named } of cases) {
    test(`${where} is told so after a few rounds`, async () => {
      const context = await scene.openWithoutCookiesOf(...blocked)
      const { requests } = watch(context)
      const page = await context.newPage()
      await page.goto(APP)
      await logInAs(page, 'alice')
      await page.getByRole('heading', { name: 'Your browser blocks cookies' }).waitFor()
      expect(await page.getByRole('main').textContent()).toContain(`Allow cookies for ${named}`)
      expect(requests.length).toBeLessThan(MANY)
      for (const host of blocked) expect(await context.cookies(`https://${host}/`)).toEqual([])

      await page.getByRole('link', { name: 'Try again' }).click()
      await page.getByRole('heading', { name: 'Your browser blocks cookies' }).waitFor()
      expect(await heading(page)).toBe('Your browser blocks cookies')
      expect(requests.length).toBeLessThan(2 * MANY)
      await context.close()
    })
  }
})

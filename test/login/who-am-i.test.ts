import { describe, expect, test } from 'vitest'
import { newBrowser } from './browser.ts'
import { signIn, signInAtAuthHost } from './journey.ts'
import { setCookies } from './set-cookie.ts'
import { APP, AUTH, anApplication, loginWorld } from './world.ts'

describe('/identity', () => {
  const places = [
    ['on the auth host', `${AUTH}/identity`],
    ['on an app’s host', `${APP}/.gatehouse/identity`],
  ] as const
  for (const [title, url] of places) {
    test(`${title} says who the visitor is and until when`, async () => {
      const world = await loginWorld()
      const browser = newBrowser(world)
      await signIn(browser, `${APP}/`)
      const answer = await browser.visit(url)
      expect(answer.status).toBe(200)
      expect(JSON.parse(answer.body)).toEqual({
        sub: Buffer.from('corporate/ada').toString('base64url'),
        idp: 'corporate',
        email: 'ada@example.com',
        email_verified: true,
        preferred_username: 'ada',
        groups: ['engineering'],
        iat: Math.floor(world.clock.now() / 1000),
        exp: Math.floor(world.clock.now() / 1000) + 86_400,
      })
      expect(answer.headers).toContainEqual(['Cache-Control', 'no-store'])
      expect(answer.headers.some(([name]) => name.startsWith('Access-Control'))).toBe(false)
    })

    test(`${title} is 401 for a stranger`, async () => {
      const answer = await newBrowser(await loginWorld()).visit(url)
      expect([answer.status, JSON.parse(answer.body)]).toEqual([401, { error: 'login-required' }])
      expect(answer.headers).toContainEqual(['WWW-Authenticate', `Gatehouse realm="${AUTH}", error="login-required"`])
      expect(setCookies(answer)).toEqual([])
    })
  }

  test('on an app’s host does not take another application’s token, or one that has run out', async () => {
    const wiki = anApplication('wiki')
    const app = anApplication('app')
    const world = await loginWorld({ applications: [app, wiki], appTokenSeconds: 60 })
    const browser = newBrowser(world)
    await signIn(browser, 'https://wiki.example.com/')
    const token = browser.cookies('wiki.example.com').get(wiki.cookieName)
    for (const name of [app.cookieName, wiki.cookieName]) {
      const answer = await browser.visit(`${APP}/.gatehouse/identity`, { cookies: `${name}=${token}` })
      expect([name, answer.status]).toEqual([name, 401])
    }
    const own = 'https://wiki.example.com/.gatehouse/identity'
    const cookies = `${wiki.cookieName}=${token}`
    expect((await browser.visit(own, { cookies })).status).toBe(200)
    expect((await browser.visit(own, { cookies: `${cookies}; ${cookies}` })).status).toBe(401)
    world.clock.advance(90_000)
    expect((await browser.visit(own, { cookies })).status).toBe(401)
  })

  test('takes no app token on the auth host, and no session id on an app’s', async () => {
    const world = await loginWorld()
    const browser = newBrowser(world)
    await signInAtAuthHost(browser)
    const id = browser.cookies('auth.example.com').get('__Host-gatehouse-session')
    await signIn(newBrowser(world), `${APP}/`)
    const cookies = `${anApplication('app').cookieName}=${id}`
    expect((await browser.visit(`${APP}/.gatehouse/identity`, { cookies })).status).toBe(401)
  })
})

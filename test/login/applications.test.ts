import { decodeJwt } from 'jose'
import { describe, expect, test } from 'vitest'
import { samplePolicy } from '../policy/sample.ts'
import { newBrowser } from './browser.ts'
import { ask, atTheDoor, doorFor, redeemed, signIn, tokens } from './journey.ts'
import { APP, anApplication, loginWorld } from './world.ts'

const HOST = 'app.example.com'
const app = anApplication('app')

describe('two applications on one host', () => {
  const api = anApplication('api', { destinations: [{ host: HOST, path: '/api' }] })
  const applications = [anApplication('app'), api]

  test('have a token each, side by side', async () => {
    const world = await loginWorld({ applications })
    const browser = newBrowser(world)
    await signIn(browser, `${APP}/`)
    expect((await ask(browser, `${APP}/api/v1?x`)).url.href).toBe(`${APP}/api/v1?x`)
    expect([...tokens(browser).keys()]).toEqual([app.cookieName, api.cookieName])
    expect([...tokens(browser).values()].map((token) => decodeJwt(token).aud)).toEqual([[app.audience], [api.audience]])
  })

  test('ask their own policies', async () => {
    const shut = { ...api, policies: [samplePolicy({ action: 'Deny' })] }
    const world = await loginWorld({ applications: [anApplication('app'), shut] })
    const browser = newBrowser(world)
    await signIn(browser, `${APP}/`)
    expect((await ask(browser, `${APP}/api/v1`)).answer?.status).toBe(403)
  })

  test('never share a code: the flow says which page it was for', async () => {
    const { world, browser, door } = await atTheDoor({ applications }, `${APP}/api`)
    const other = await doorFor(browser, `${APP}/`)
    const swapped = new URL(door)
    swapped.searchParams.set('code', other.searchParams.get('code') ?? '')
    expect((await browser.visit(swapped)).status).toBe(400)
    expect(redeemed(world)).toBe(0)
  })
})

test('an application under a wildcard signs in on each of its hosts', async () => {
  const wild = anApplication('wild', { destinations: [{ host: '*.apps.example.com', path: '/' }] })
  const world = await loginWorld({ applications: [wild] })
  const browser = newBrowser(world)
  expect((await signIn(browser, 'https://one.apps.example.com/a')).url.href).toBe('https://one.apps.example.com/a')
  expect((await ask(browser, 'https://two.apps.example.com/b')).url.href).toBe('https://two.apps.example.com/b')
  expect(tokens(browser, 'one.apps.example.com').size).toBe(1)
})

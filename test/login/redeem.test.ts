import { decodeJwt } from 'jose'
import { describe, expect, test } from 'vitest'
import { readable } from '../pages/read-page.ts'
import { samplePolicy } from '../policy/sample.ts'
import { type Browser, locationOf, newBrowser } from './browser.ts'
import { ask, atTheDoor, doorFor, redeemed, signInAtAuthHost, tokens } from './journey.ts'
import { setCookies } from './set-cookie.ts'
import { APP, anApplication, eventsNamed, type LoginWorld, loginWorld, type WorldOptions } from './world.ts'

const HOST = 'app.example.com'
const app = anApplication('app')

function tokenOf(browser: Browser) {
  const [value = ''] = tokens(browser).values()
  return decodeJwt(value)
}

describe('a one-time code', () => {
  test('is in the address with the id of its flow alone, and the store knows neither it nor anything usable', async () => {
    const { world, door } = await atTheDoor()
    expect([door.origin, door.pathname, [...door.searchParams.keys()]]).toEqual([
      APP,
      '/.gatehouse/authorized',
      ['code', 'flow'],
    ])
    const code = door.searchParams.get('code') ?? ''
    expect(Buffer.from(code, 'base64url')).toHaveLength(32)
    expect(world.stored.join()).not.toContain(code)
  })

  test('is redeemed once by a hundred requests at the same time', async () => {
    const { world, browser, door } = await atTheDoor()
    const cookies = browser.cookieHeader(HOST)
    const answers = await Promise.all(Array.from({ length: 100 }, () => newBrowser(world).visit(door, { cookies })))
    const withToken = answers.filter((answer) => setCookies(answer).some(({ name }) => name === app.cookieName))
    expect(withToken).toHaveLength(1)
    expect(redeemed(world)).toBe(1)
  })

  test('counts for sixty seconds', async () => {
    const { world, browser, door } = await atTheDoor()
    world.clock.advance(59_999)
    expect((await browser.open(door)).url.href).toBe(`${APP}/a?b`)
    const late = await doorFor(browser, `${APP}/c`)
    world.clock.advance(60_000)
    const answer = await browser.visit(late)
    expect(new URL(locationOf(answer) ?? '').pathname).toBe('/.gatehouse/login')
    expect(redeemed(world)).toBe(1)
    expect((await browser.open(locationOf(answer) ?? '')).url.href).toBe(`${APP}/c`)
  })

  test('counts only in the browser that asked: another one is led through a login of its own', async () => {
    const { world, door } = await atTheDoor()
    const thief = newBrowser(world)
    const { url } = await thief.open(door)
    expect(url.origin).toBe('https://corporate.idp.test')
    expect([tokens(thief).size, redeemed(world)]).toEqual([0, 0])
  })

  test('does not count with another flow of the same browser, or with that of another one', async () => {
    const { world, browser, door } = await atTheDoor()
    const other = await doorFor(browser, `${APP}/other`)
    const swapped = new URL(door)
    swapped.searchParams.set('flow', other.searchParams.get('flow') ?? '')
    const answer = await browser.visit(swapped)
    expect(answer.status).toBe(400)
    expect(readable(answer)).toContain('login-code-invalid')
    expect([setCookies(answer), redeemed(world)]).toEqual([[], 0])
    expect(eventsNamed(world, 'portalRefused')).toMatchObject([{ reason: 'login-code-invalid', host: HOST }])
  })

  test('does not count with a flow cookie put under the name of its flow', async () => {
    const { world, door } = await atTheDoor()
    const mallory = newBrowser(world)
    await ask(mallory, `${APP}/mallory`)
    const [[, own = ''] = []] = mallory.cookies(HOST)
    mallory.plant(HOST, `__Host-gatehouse-flow-${door.searchParams.get('flow')}`, own)
    expect((await mallory.visit(door)).status).toBe(400)
    expect(redeemed(world)).toBe(0)
  })

  test('does not count on another host, and is used up by the attempt', async () => {
    const applications = [anApplication('app', { destinations: hosts('app.example.com', 'other.example.com') })]
    const { world, browser, door } = await atTheDoor({ applications })
    const elsewhere = new URL(door)
    elsewhere.hostname = 'other.example.com'
    const answer = await browser.visit(elsewhere, { cookies: browser.cookieHeader(HOST) })
    expect([answer.status, setCookies(answer), redeemed(world)]).toEqual([400, [], 0])
    await browser.visit(door)
    expect(redeemed(world)).toBe(0)
  })

  for (const code of ['', 'x', 'A'.repeat(43), 'A'.repeat(5000), '../../session', '%00']) {
    test(`that reads ${JSON.stringify(code.slice(0, 50))} leads back through a login`, async () => {
      const { world, browser, door } = await atTheDoor()
      door.searchParams.set('code', code)
      expect((await browser.open(door)).url.href).toBe(`${APP}/a?b`)
      expect(redeemed(world)).toBe(1)
    })
  }

  test('of a logout is none', async () => {
    const { world, browser, door } = await atTheDoor()
    await browser.open(door)
    const answer = await browser.visit(`${APP}/.gatehouse/logout`, { method: 'POST', origin: APP })
    const logoutCode = new URL(locationOf(answer) ?? '').searchParams.get('code') ?? ''
    const next = await ask(browser, `${APP}/z`)
    expect(next.answer).toBeUndefined()
    const [[name = ''] = []] = [...browser.cookies(HOST)].filter(([one]) => one.includes('-flow-'))
    const forged = `${APP}/.gatehouse/authorized?code=${logoutCode}&flow=${name.split('-flow-')[1]}`
    await browser.visit(forged)
    expect(redeemed(world)).toBe(1)
  })

  test('without a flow at all is refused with a page', async () => {
    const world = await loginWorld()
    for (const query of ['', '?code=x', '?flow=x', '?flow=__proto__&code=', `?flow=${'0'.repeat(33)}`]) {
      const answer = await newBrowser(world).visit(`${APP}/.gatehouse/authorized${query}`)
      expect([query, answer.status, setCookies(answer)]).toEqual([query, 400, []])
    }
  })
})

/** An application whose tokens live this long, by itself and by its policy. */
function lasting(sessionSeconds: number, policySeconds: number | undefined) {
  const policies = [samplePolicy({ key: 'team/lasting', sessionSeconds: policySeconds })]
  return anApplication('app', { sessionSeconds, policies })
}

function hosts(...names: string[]) {
  return names.map((host) => ({ host, path: '/' }))
}

describe('between code and token', () => {
  const events: Record<string, (world: LoginWorld, browser: Browser) => unknown> = {
    'the application goes': ({ serve }) => serve([anApplication('wiki')]),
    'the page becomes another application’s': ({ serve }) =>
      serve([anApplication('app'), anApplication('part', { destinations: [{ host: HOST, path: '/a' }] })]),
    'the session ends': async ({ ports }, browser) => {
      const { list, remove } = ports.sessions
      const subject = Buffer.from('corporate/ada').toString('base64url')
      const [session] = (await list({ subject }, { limit: 1 })).sessions
      await remove(session?.sid ?? '')
      expect(browser.cookies(HOST).size).toBe(1)
    },
  }
  for (const [title, happens] of Object.entries(events)) {
    test(`${title}: no token is made`, async () => {
      const { world, browser, door } = await atTheDoor()
      await happens(world, browser)
      const answer = await browser.visit(door)
      expect(new URL(locationOf(answer) ?? '').pathname).toBe('/.gatehouse/login')
      expect([tokens(browser).size, redeemed(world)]).toEqual([0, 0])
    })
  }
})

describe('the app token', () => {
  test('is of the application, the person and the session', async () => {
    const { world, browser, door } = await atTheDoor()
    await browser.open(door)
    const subject = Buffer.from('corporate/ada').toString('base64url')
    const [session] = (await world.ports.sessions.list({ subject }, { limit: 1 })).sessions
    const claims = tokenOf(browser)
    expect(claims).toEqual({
      iss: 'https://auth.example.com',
      aud: [app.audience],
      sub: session?.identity.subject,
      sid: session?.sid,
      type: 'app',
      iat: Math.floor(world.clock.now() / 1000),
      iat_ms: world.clock.now(),
      nbf: Math.floor(world.clock.now() / 1000),
      exp: Math.floor(world.clock.now() / 1000) + 86_400,
      jti: expect.stringMatching(/^[\w-]{22}$/),
    })
  })

  const hour = 3600
  const lives: { title: string; options: WorldOptions; afterSeconds?: number; expected: number }[] = [
    { title: 'the session', options: { sessionSeconds: hour }, expected: hour },
    { title: 'what is left of the session', options: { sessionSeconds: hour }, afterSeconds: 600, expected: 3000 },
    { title: 'the configured longest life', options: { appTokenSeconds: 600 }, expected: 600 },
    { title: 'the application’s', options: { applications: [lasting(900, undefined)] }, expected: 900 },
    { title: 'the policy’s', options: { applications: [lasting(900, 300)] }, expected: 300 },
    {
      title: 'the application’s though the policy allows more',
      options: { applications: [lasting(900, hour)] },
      expected: 900,
    },
    {
      title: 'the session though all allow more',
      options: { sessionSeconds: 60, applications: [lasting(900, 900)] },
      expected: 60,
    },
  ]
  for (const { title, options, afterSeconds = 0, expected } of lives) {
    test(`lives as long as ${title}, and its cookie does too`, async () => {
      const world = await loginWorld(options)
      const browser = newBrowser(world)
      await signInAtAuthHost(browser)
      world.clock.advance(afterSeconds * 1000)
      const answer = await browser.visit(await doorFor(browser, `${APP}/`))
      const { iat = 0, exp = 0 } = tokenOf(browser)
      expect(exp - iat).toBe(expected)
      expect(setCookies(answer).find(({ name }) => name === app.cookieName)?.maxAge).toBe(expected)
    })
  }

  for (const sameSite of ['Strict', 'Lax', 'None'] as const) {
    test(`is in a cookie that is SameSite=${sameSite} where the application says so`, async () => {
      const { browser, door } = await atTheDoor({ applications: [anApplication('app', { sameSite })] })
      const answer = await browser.visit(door)
      expect(setCookies(answer).find(({ name }) => name === app.cookieName)).toMatchObject({ sameSite })
      expect(answer.status).toBe(sameSite === 'Strict' ? 200 : 303)
    })
  }
})

describe('an application whose cookie is Strict', () => {
  const applications = [anApplication('app', { sameSite: 'Strict' })]

  test('is entered from a page of its own host, query and all', async () => {
    const { browser, door } = await atTheDoor({ applications }, `${APP}/a?b=1&c="<x>`)
    const answer = await browser.visit(door)
    const target = `${APP}/a?b=1&amp;c=%22%3Cx%3E`
    expect(answer.body).toContain(`<meta http-equiv="refresh" content="0;url=${target}">`)
    expect(answer.body).toContain(`href="${target}"`)
    expect(locationOf(answer)).toBeUndefined()
  })

  test('is entered so after a reload as well', async () => {
    const { browser, door } = await atTheDoor({ applications })
    await browser.visit(door)
    const again = await browser.visit(door)
    expect([again.status, locationOf(again)]).toEqual([200, undefined])
    expect(again.body).toContain(`content="0;url=${APP}/a?b"`)
  })
})

describe('a reload of /authorized', () => {
  test('goes to the page and makes no second token', async () => {
    const { world, browser, door } = await atTheDoor()
    await browser.open(door)
    expect((await browser.open(door)).url.href).toBe(`${APP}/a?b`)
    expect(redeemed(world)).toBe(1)
  })

  test('after half a minute is a page that leads back to the app', async () => {
    const { world, browser, door } = await atTheDoor()
    await browser.open(door)
    world.clock.advance(31_000)
    const { answer } = await browser.open(door)
    expect(answer?.status).toBe(400)
    expect(answer && readable(answer)).toContain('Open the app')
  })
})

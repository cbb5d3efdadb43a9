import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { sidOf } from '../../src/sessions/session-id.ts'
import { type Browser, newBrowser } from '../login/browser.ts'
import { returnFrom } from '../login/journey.ts'
import { scriptedProvider } from '../login/scripted-provider.ts'
import { APP, AUTH, eventsNamed, type LoginWorld, loginWorld } from '../login/world.ts'
import { readable } from '../pages/read-page.ts'
import { header, type PortalOnPort, portalOnPort, type WireAnswer } from './wire.ts'

const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0'
const IPHONE =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1'
const FORM = { 'Content-Type': 'application/x-www-form-urlencoded' }

let world: LoginWorld
let portal: PortalOnPort

beforeEach(async () => {
  world = await loginWorld({ providers: [scriptedProvider('corporate', 'Corporate')] })
  portal = await portalOnPort(world)
})
afterEach(() => portal[Symbol.asyncDispose]())

/** A browser in which somebody has just signed in on the auth host. */
async function device(userAgent = FIREFOX, person = 'ada', clientAddress = '192.0.2.7'): Promise<Browser> {
  const browser = newBrowser(world)
  const { url } = await browser.open(`${AUTH}/login`)
  await browser.open(returnFrom(url, { code: person }), { userAgent, clientAddress })
  world.clock.advance(60_000)
  return browser
}

function cookieOf(browser: Browser): string {
  return browser.cookieHeader('auth.example.com')
}

function sidIn(browser: Browser): string {
  const sid = sidOf(browser.cookies('auth.example.com').get('__Host-gatehouse-session') ?? '')
  if (sid === undefined) throw new Error('this browser has no session')
  return sid
}

function show(browser: Browser, query = ''): Promise<WireAnswer> {
  return portal.ask('GET', `${AUTH}/sessions${query}`, { headers: { Cookie: cookieOf(browser) } })
}

function post(browser: Browser, body: string, headers: Record<string, string> = { Origin: AUTH }): Promise<WireAnswer> {
  return portal.ask('POST', `${AUTH}/sessions`, { headers: { ...FORM, Cookie: cookieOf(browser), ...headers }, body })
}

async function isSignedIn(browser: Browser): Promise<boolean> {
  return (await browser.visit(`${AUTH}/identity`)).status === 200
}

const text = (answer: WireAnswer) => readable({ status: answer.status, headers: [], body: answer.body })

describe('the page of sessions', () => {
  test('shows each device of the person, this one first, and nobody else’s', async () => {
    const laptop = await device(FIREFOX)
    await device(IPHONE, 'ada', '198.51.100.4')
    await device('curl/8', 'bob', '203.0.113.9')
    const answer = await show(laptop)
    expect([answer.status, header(answer, 'Cache-Control')]).toEqual([200, 'no-store'])
    const said = text(answer)
    expect(said).toMatch(/Firefox on Linux This device Last seen now .* From 192\.0\.2\.7 With Corporate/)
    expect(said).toMatch(/Safari on iPhone Last seen .* Signed in .* From 198\.51\.100\.4 With Corporate/)
    expect(said.indexOf('Firefox')).toBeLessThan(said.indexOf('iPhone'))
    expect(said).not.toMatch(/203\.0\.113\.9|bob/)
  })

  test('of somebody who is not signed in leads to the sign-in', async () => {
    const stranger = await show(newBrowser(world))
    expect([stranger.status, header(stranger, 'Location')]).toEqual([302, `${AUTH}/login`])
    const posted = await post(newBrowser(world), 'others=end')
    expect([posted.status, header(posted, 'Location')]).toEqual([303, `${AUTH}/login`])
  })

  test('repeats nothing that a browser says of itself', async () => {
    const laptop = await device(FIREFOX)
    await device('"><script>alert(1)</script>', 'ada', '<img src=x>')
    const answer = await show(laptop)
    expect(answer.body).not.toMatch(/<script|alert|<img/)
    expect(text(answer)).toContain('Unknown device')
    expect(text(answer)).toContain('&lt;img src=x&gt;')
  })

  test('shows no session that has been revoked, though its record is still there', async () => {
    const laptop = await device(FIREFOX)
    const phone = await device(IPHONE)
    await world.ports.revoker.revoke({ kind: 'session', sid: sidIn(phone) }, { actor: 'admin', reason: 'test' })
    expect(text(await show(laptop))).not.toContain('iPhone')
  })

  test('stays small with a hundred devices, and leads on to all of them', async () => {
    for (let i = 0; i < 40; i++) await device(IPHONE, 'ada', `198.51.100.${i}`)
    const laptop = await device(FIREFOX)
    const seen = new Set<string>()
    let query: string | undefined = ''
    let pages = 0
    while (query !== undefined) {
      const answer = await show(laptop, query)
      expect(Buffer.byteLength(answer.body)).toBeLessThan(20_000)
      for (const [address] of text(answer).matchAll(/198\.51\.100\.\d+/g)) seen.add(address)
      query = /href="\/sessions(\?after=[^"]*)"/.exec(answer.body)?.[1]?.replaceAll('&amp;', '&')
      pages += 1
    }
    expect([seen.size, pages]).toEqual([40, 3])
  })

  for (const after of ['x', '%00', 'a'.repeat(5000), '../..']) {
    test(`begins again where there is no such part of the list: ${after.slice(0, 10)}`, async () => {
      const answer = await show(await device(), `?after=${after}`)
      expect([answer.status, header(answer, 'Location')]).toEqual([302, `${AUTH}/sessions`])
    })
  }

  test('says only what it has words for', async () => {
    const laptop = await device()
    expect(text(await show(laptop, '?done=ended'))).toContain('That device is signed out.')
    expect((await show(laptop, '?done=toString')).body).not.toContain('role="status"')
  })
})

describe('ending a session', () => {
  test('of another device revokes it at once, and says so', async () => {
    const laptop = await device(FIREFOX)
    const phone = await device(IPHONE)
    const sid = sidIn(phone)
    const answer = await post(laptop, `session=${sid}`)
    expect([answer.status, header(answer, 'Location')]).toEqual([303, `${AUTH}/sessions?done=ended`])
    expect(await isSignedIn(phone)).toBe(false)
    expect(await isSignedIn(laptop)).toBe(true)
    expect(world.revoked.map(({ scope, by }) => ({ scope, by }))).toEqual([
      {
        scope: { kind: 'session', sid },
        by: expect.objectContaining({ actor: 'person', name: 'ada@example.com', reason: 'ended-by-owner' }),
      },
    ])
    expect(text(await show(laptop))).not.toContain('iPhone')
  })

  test('of this device is a sign-out', async () => {
    const laptop = await device()
    const answer = await post(laptop, `session=${sidIn(laptop)}`)
    expect(text(answer)).toContain('You are signed out')
    expect(header(answer, 'Set-Cookie')).toMatch(/^__Host-gatehouse-session=;.*Max-Age=0/)
    expect(await isSignedIn(laptop)).toBe(false)
  })

  test('of somebody else is as if there were none', async () => {
    const laptop = await device()
    const bobs = await device(FIREFOX, 'bob')
    const answer = await post(laptop, `session=${sidIn(bobs)}`)
    const unknown = await post(laptop, `session=${'A'.repeat(43)}`)
    expect([answer.status, header(answer, 'Location')]).toEqual([303, `${AUTH}/sessions?done=gone`])
    expect(header(unknown, 'Location')).toBe(header(answer, 'Location'))
    expect(await isSignedIn(bobs)).toBe(true)
    expect(world.revoked).toEqual([])
  })

  for (const form of [
    '',
    'session=',
    'session=x',
    'others=',
    'others=yes',
    `session=${'%00'.repeat(43)}`,
    'scope=everywhere',
  ]) {
    test(`is not done by a form that says ${JSON.stringify(form.slice(0, 20))}`, async () => {
      const laptop = await device()
      const phone = await device(IPHONE)
      expect((await post(laptop, form)).status).toBe(303)
      expect([await isSignedIn(laptop), await isSignedIn(phone), world.revoked]).toEqual([true, true, []])
    })
  }

  const foreign: Record<string, string>[] = [
    {},
    { Origin: 'null' },
    { Origin: 'https://evil.test' },
    { Origin: APP },
    { 'Sec-Fetch-Site': 'cross-site' },
    { 'Sec-Fetch-Site': 'same-site' },
    { Origin: 'https://evil.test', 'Sec-Fetch-Site': 'same-origin' },
  ]
  for (const headers of foreign) {
    test(`is refused to a form of another origin: ${JSON.stringify(headers)}`, async () => {
      const laptop = await device()
      const phone = await device(IPHONE)
      for (const form of [`session=${sidIn(phone)}`, 'others=end', `session=${sidIn(laptop)}`]) {
        const answer = await post(laptop, form, headers)
        expect([answer.status, text(answer).includes('cross-origin')]).toEqual([403, true])
      }
      expect([await isSignedIn(laptop), await isSignedIn(phone), world.revoked]).toEqual([true, true, []])
      expect(eventsNamed(world, 'portalRefused')).toHaveLength(3)
    })
  }
})

describe('ending all others', () => {
  test('ends each of them, however many, and neither this one nor anybody else’s', async () => {
    const others: Browser[] = []
    for (let i = 0; i < 45; i++) others.push(await device(IPHONE))
    const laptop = await device(FIREFOX)
    const bobs = await device(FIREFOX, 'bob')
    const answer = await post(laptop, 'others=end')
    expect(header(answer, 'Location')).toBe(`${AUTH}/sessions?done=others-ended`)
    expect(await Promise.all(others.map(isSignedIn))).toEqual(others.map(() => false))
    expect([await isSignedIn(laptop), await isSignedIn(bobs)]).toEqual([true, true])
    expect(world.revoked.map(({ scope }) => scope.kind)).toEqual(others.map(() => 'session'))
    expect((await show(laptop)).body).not.toContain('all other devices')
  })
})

describe('while the store is down', () => {
  for (const operation of ['sessions.find', 'sessions.list', '*']) {
    test(`(${operation}) the page is a 503 and nothing is changed`, async () => {
      const laptop = await device()
      world.down.add(operation)
      const answer = await show(laptop)
      expect([answer.status, header(answer, 'Retry-After'), header(answer, 'Set-Cookie')]).toEqual([
        503,
        '5',
        undefined,
      ])
      world.down.clear()
      expect((await show(laptop)).status).toBe(200)
    })
  }

  for (const operation of ['sessions.find', 'revoker.revoke', '*']) {
    test(`(${operation}) ending a session is a 503, and can be tried again`, async () => {
      const laptop = await device()
      const phone = await device(IPHONE)
      const form = `session=${sidIn(phone)}`
      world.down.add(operation)
      expect((await post(laptop, form)).status).toBe(503)
      world.down.clear()
      expect((await post(laptop, form)).status).toBe(303)
      expect([await isSignedIn(laptop), await isSignedIn(phone)]).toEqual([true, false])
    })
  }

  test('a device whose record cannot be removed is signed out all the same', async () => {
    const laptop = await device()
    const phone = await device(IPHONE)
    world.down.add('sessions.remove')
    expect((await post(laptop, `session=${sidIn(phone)}`)).status).toBe(303)
    expect([await isSignedIn(laptop), await isSignedIn(phone)]).toEqual([true, false])
  })
})

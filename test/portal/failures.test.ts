import { describe, expect, test } from 'vitest'
import type { LoginPorts } from '../../src/login/login-ports.ts'
import { type Browser, locationOf, newBrowser } from '../login/browser.ts'
import { ask, returnFrom, signIn } from '../login/journey.ts'
import { APP, AUTH, eventsNamed, type LoginWorld, loginWorld } from '../login/world.ts'
import { header, portalOnPort, type WireAnswer } from './wire.ts'

const SECRET = 'internal detail /etc/secret'

function broken(): never {
  throw new RangeError(SECRET)
}

/** What breaks, and the request that meets it. */
const faults: Record<string, { spoil: (ports: Mutable) => void; request: (browser: Browser) => Promise<string> }> = {
  'the policy set at the start': {
    spoil: (ports) => Object.assign(ports, { policySet: broken }),
    request: async () => `${APP}/.gatehouse/login?rd=/a`,
  },
  'the randomness at the start': {
    spoil: (ports) => Object.assign(ports, { randomBytes: broken }),
    request: async () => `${APP}/.gatehouse/login?rd=/a`,
  },
  'the keys at the start': {
    spoil: (ports) => Object.assign(ports, { keyRing: broken }),
    request: async () => `${APP}/.gatehouse/login?rd=/a`,
  },
  'the providers at the choice': {
    spoil: (ports) => Object.assign(ports.providers, { list: broken }),
    request: async () => `${AUTH}/login`,
  },
  'a provider on the way to it': {
    spoil: (ports) => Object.assign(ports.providers.list()[0] ?? {}, { authorizationUrl: async () => broken() }),
    request: async () => `${AUTH}/login`,
  },
  'a provider on the way back': {
    spoil: (ports) => Object.assign(ports.providers.list()[0] ?? {}, { complete: async () => broken() }),
    request: async (browser) => returnFrom((await ask(browser, `${APP}/a`)).url, { code: 'ada' }),
  },
  'the sessions at the callback': {
    spoil: (ports) => Object.assign(ports, { sessions: { ...ports.sessions, save: async () => broken() } }),
    request: async (browser) => returnFrom((await ask(browser, `${APP}/a`)).url, { code: 'ada' }),
  },
  'the codes at the admission': {
    spoil: (ports) => Object.assign(ports, { codes: { put: async () => broken(), take: async () => undefined } }),
    async request(browser) {
      await signIn(browser, `${APP}/a`)
      return locationOf(await browser.visit(`${APP}/.gatehouse/login?rd=/b`)) ?? ''
    },
  },
  'the codes at the end': {
    spoil: (ports) => Object.assign(ports, { codes: { put: async () => undefined, take: async () => broken() } }),
    async request(browser) {
      await signIn(browser, `${APP}/a`)
      const start = await browser.visit(`${APP}/.gatehouse/login?rd=/b`)
      return locationOf(await browser.visit(locationOf(start) ?? '')) ?? ''
    },
  },
  'the session that is asked for': {
    spoil: (ports) => Object.assign(ports, { sessions: { ...ports.sessions, find: async () => broken() } }),
    request: (browser) => signIn(browser, `${APP}/a`).then(() => `${AUTH}/identity`),
  },
  'the clock': {
    spoil: (ports) => Object.assign(ports, { now: broken }),
    request: (browser) => signIn(browser, `${APP}/a`).then(() => `${AUTH}/`),
  },
}
type Mutable = { -readonly [Key in keyof LoginPorts]: LoginPorts[Key] }

async function met(browser: Browser, world: LoginWorld, address: string): Promise<WireAnswer> {
  await using portal = await portalOnPort(world)
  return await portal.ask('GET', address, { headers: { Cookie: browser.cookieHeader(new URL(address).hostname) } })
}

describe('a fault of ours', () => {
  for (const [title, { spoil, request }] of Object.entries(faults)) {
    test(`in ${title} is a page with a reference and nothing of it, and an event with all`, async () => {
      const world = await loginWorld()
      const browser = newBrowser(world)
      const address = await request(browser)
      spoil(world.ports)
      const answer = await met(browser, world, address)
      expect(answer.status).toBe(500)
      for (const word of [SECRET, 'RangeError', 'node_modules', '.ts:']) expect(answer.body).not.toContain(word)
      expect(header(answer, 'Set-Cookie')).toBeUndefined()
      expect(header(answer, 'Cache-Control')).toBe('no-store')
      const [event] = eventsNamed(world, 'internalError')
      expect(event).toMatchObject({ where: 'portal', error: expect.any(RangeError) })
      expect(answer.body).toContain(String(event?.reference))
    })
  }
})

describe('a store that gives no answer', () => {
  for (const address of [
    `${AUTH}/`,
    `${AUTH}/login`,
    `${AUTH}/logout`,
    `${AUTH}/identity`,
    `${APP}/.gatehouse/identity`,
    `${APP}/.gatehouse/logout`,
  ]) {
    test(`is a page that says when to come back, and signs nobody out: ${address}`, async () => {
      const world = await loginWorld()
      const browser = newBrowser(world)
      await signIn(browser, `${APP}/a`)
      world.down.add('*')
      const answer = await met(browser, world, address)
      expect([answer.status, header(answer, 'Retry-After')]).toEqual([503, '5'])
      expect([header(answer, 'Set-Cookie'), header(answer, 'Location')]).toEqual([undefined, undefined])
      expect(answer.body).toContain('store-unavailable')
      const { hostname: host, pathname: path } = new URL(address)
      expect(eventsNamed(world, 'portalRefused')).toEqual([{ reason: 'store-unavailable', host, path, status: 503 }])
      expect(eventsNamed(world, 'internalError')).toEqual([])
    })
  }
})

describe('signing out while the store gives no answer', () => {
  for (const address of [`${AUTH}/logout`, `${APP}/.gatehouse/logout`, `${AUTH}/sessions`]) {
    test(`says that it has not happened, and leads back to where it is tried again: ${address}`, async () => {
      const world = await loginWorld()
      const browser = newBrowser(world)
      await signIn(browser, `${APP}/a`)
      world.down.add('*')
      await using portal = await portalOnPort(world)
      const { origin, hostname, pathname } = new URL(address)
      const headers = { Cookie: browser.cookieHeader(hostname), Origin: origin, 'Sec-Fetch-Site': 'same-origin' }
      const answer = await portal.ask('POST', address, { headers })
      expect([answer.status, header(answer, 'Retry-After'), header(answer, 'Set-Cookie')]).toEqual([
        503,
        '5',
        undefined,
      ])
      expect(answer.body).toContain('Not signed out yet')
      expect(answer.body).not.toContain('you still are')
      expect(answer.body).toContain(`href="${pathname}"`)
    })
  }
})

describe('before the first set of resources', () => {
  test('an app’s host is asked for patience, and the auth host signs in for the launcher', async () => {
    const world = await loginWorld()
    world.serve(undefined)
    const browser = newBrowser(world)
    const app = await met(browser, world, `${APP}/.gatehouse/login?rd=/`)
    expect([app.status, header(app, 'Retry-After')]).toEqual([503, '5'])
    expect((await met(browser, world, `${AUTH}/login`)).status).toBe(302)
  })
})

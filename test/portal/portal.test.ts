import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { APP, AUTH, eventsNamed, type LoginWorld, loginWorld } from '../login/world.ts'
import { header, NAVIGATION, type PortalOnPort, portalOnPort, type WireAnswer } from './wire.ts'

let world: LoginWorld
let portal: PortalOnPort

beforeAll(async () => {
  world = await loginWorld()
  portal = await portalOnPort(world)
})

afterAll(async () => {
  await portal?.[Symbol.asyncDispose]()
})

function refusals(): Record<string, unknown>[] {
  return eventsNamed(world, 'portalRefused')
}

/** What every answer of ours carries, page, redirect or JSON. */
function expectOurHeaders(answer: WireAnswer): void {
  expect(header(answer, 'Cache-Control')).toBe('no-store')
  expect(header(answer, 'Referrer-Policy')).toBe('same-origin')
  expect(header(answer, 'X-Content-Type-Options')).toBe('nosniff')
  for (const name of ['X-Powered-By', 'ETag', 'Strict-Transport-Security', 'Server', 'Access-Control-Allow-Origin']) {
    expect([name, header(answer, name)]).toEqual([name, undefined])
  }
  if (header(answer, 'Content-Type')?.startsWith('text/html')) {
    expect(header(answer, 'X-Frame-Options')).toBe('DENY')
    expect(header(answer, 'Content-Security-Policy')).toMatch(
      /^default-src 'none'; style-src 'sha256-[^']+'; img-src data:; form-action 'self'[^;]*; base-uri 'none'; frame-ancestors 'none'$/,
    )
    expect(answer.body).not.toMatch(/<script|javascript:|\son\w+=/i)
    expect(Buffer.byteLength(answer.body)).toBeLessThan(20_000)
  }
}

describe('the host of a request', () => {
  const close = 'Connection: close\r\nSec-Fetch-Mode: navigate\r\n'
  const unreadable: Record<string, string> = {
    doubled: `GET /login HTTP/1.1\r\nHost: auth.example.com\r\nHost: auth.example.com\r\n${close}\r\n`,
    'doubled with another': `GET /login HTTP/1.1\r\nHost: auth.example.com\r\nHost: app.example.com\r\n${close}\r\n`,
    missing: `GET /login HTTP/1.0\r\n${close}\r\n`,
    'missing in HTTP/1.1': `GET /login HTTP/1.1\r\n${close}\r\n`,
    empty: `GET /login HTTP/1.1\r\nHost:\r\n${close}\r\n`,
    'of another port': `GET /login HTTP/1.1\r\nHost: auth.example.com:8443\r\n${close}\r\n`,
    'with user information': `GET /login HTTP/1.1\r\nHost: x@auth.example.com\r\n${close}\r\n`,
    'with a fragment': `GET /login HTTP/1.1\r\nHost: auth.example.com#x\r\n${close}\r\n`,
    'with a path': `GET /login HTTP/1.1\r\nHost: auth.example.com/x\r\n${close}\r\n`,
    'in a list': `GET /login HTTP/1.1\r\nHost: auth.example.com, evil.test\r\n${close}\r\n`,
    'in the request line': `GET https://auth.example.com/login HTTP/1.1\r\nHost: auth.example.com\r\n${close}\r\n`,
    'in the request line alone': `GET http://evil.test/login HTTP/1.1\r\nHost: auth.example.com\r\n${close}\r\n`,
    'of no path': `OPTIONS * HTTP/1.1\r\nHost: auth.example.com\r\n${close}\r\n`,
  }
  for (const [title, text] of Object.entries(unreadable)) {
    test(`that is ${title} is refused`, async () => {
      const answer = await portal.raw(text)
      expect(answer.status).toBe(400)
      expect(header(answer, 'Location')).toBeUndefined()
      expect(header(answer, 'Set-Cookie')).toBeUndefined()
    })
  }

  for (const host of ['auth.example.com', 'AUTH.example.COM', 'auth.example.com.', 'auth.example.com:443']) {
    test(`${host} is the auth host`, async () => {
      expect((await portal.ask('GET', `${AUTH}/login`, { headers: { Host: host } })).status).toBe(302)
    })
  }

  test('that is no application’s is 404, told, and repeated nowhere', async () => {
    const before = refusals().length
    const answer = await portal.ask('GET', 'https://evil.test/.gatehouse/login?rd=/')
    expect(answer.status).toBe(404)
    expect(answer.body).not.toContain('evil.test')
    expect(refusals().slice(before)).toMatchObject([{ reason: 'host-unknown', status: 404 }])
    expectOurHeaders(answer)
  })

  test('never comes from X-Forwarded-Host and the like', async () => {
    const headers = { 'X-Forwarded-Host': 'app.example.com', Forwarded: 'host=app.example.com', 'X-Original-Host': 'x' }
    const answer = await portal.ask('GET', `${AUTH}/login`, { headers })
    expect(new URL(header(answer, 'Location') ?? '').searchParams.get('redirect_uri')).toBe(
      `${AUTH}/callback/corporate`,
    )
  })
})

describe('a path', () => {
  const unknown: readonly (readonly [method: string, address: string])[] = [
    ['GET', `${AUTH}/nothing`],
    ['GET', `${AUTH}/login/`],
    ['GET', `${AUTH}/LOGIN`],
    ['GET', `${AUTH}/callback`],
    ['GET', `${AUTH}/callback/corporate/more`],
    ['GET', `${AUTH}/.gatehouse/login?rd=/`],
    ['GET', `${AUTH}/.well-known/jwks`],
    ['GET', `${AUTH}/livez`],
    ['GET', `${AUTH}/metrics`],
    ['GET', `${APP}/`],
    ['GET', `${APP}/login`],
    ['GET', `${APP}/callback/corporate`],
    ['GET', `${APP}/.well-known/jwks.json`],
    ['GET', `${APP}/.gatehouse`],
    ['GET', `${APP}/.gatehouse/`],
    ['GET', `${APP}/.gatehouse/LOGIN`],
    ['GET', `${APP}/.gatehouse/login/x`],
    ['GET', `${APP}/.GATEHOUSE/login`],
    ['POST', `${AUTH}/login`],
    ['POST', `${AUTH}/`],
    ['POST', `${AUTH}/identity`],
    ['POST', `${APP}/.gatehouse/login`],
    ['POST', `${APP}/.gatehouse/authorized`],
    ['PUT', `${AUTH}/logout`],
    ['DELETE', `${AUTH}/logout`],
    ['PATCH', `${APP}/.gatehouse/logout`],
    ['OPTIONS', `${AUTH}/login`],
    ['OPTIONS', `${APP}/.gatehouse/logout`],
    ['TRACE', `${AUTH}/login`],
    ['PROPFIND', `${AUTH}/login`],
  ]
  for (const [method, address] of unknown) {
    test(`is not there: ${method} ${address}`, async () => {
      const before = refusals().length
      const answer = await portal.ask(method, address)
      expect(answer.status).toBe(404)
      expect(header(answer, 'Set-Cookie')).toBeUndefined()
      expectOurHeaders(answer)
      const { host, pathname } = new URL(address)
      expect(refusals().slice(before)).toEqual([{ reason: 'no-such-page', host, path: pathname, status: 404 }])
    })
  }

  for (const path of [
    '/callback/%zz',
    '/callback/%E0%A4%A',
    '/callback/%00',
    '/callback/..%2flogin',
    '/%2e%2e/login',
    '//login',
    '/./login',
  ]) {
    test(`that cannot be read does no harm: ${path}`, async () => {
      const answer = await portal.raw(
        `GET ${path} HTTP/1.1\r\nHost: auth.example.com\r\nConnection: close\r\nSec-Fetch-Mode: navigate\r\n\r\n`,
      )
      expect([400, 404]).toContain(answer.status)
      expectOurHeaders(answer)
    })
  }
})

describe('HEAD', () => {
  for (const address of [
    `${AUTH}/login`,
    `${AUTH}/logout`,
    `${AUTH}/identity`,
    `${AUTH}/nothing`,
    `${APP}/.gatehouse/login`,
  ]) {
    test(`of ${address} answers as GET does, without a body`, async () => {
      const [get, head] = [await portal.ask('GET', address), await portal.ask('HEAD', address)]
      expect(head.status).toBe(get.status)
      expect(head.body).toBe('')
      expect(head.headers.map(([name]) => name)).toEqual(get.headers.map(([name]) => name))
      expect(header(head, 'Content-Length')).toBe(header(get, 'Content-Length'))
    })
  }
})

describe('a form', () => {
  const type = { 'Content-Type': 'application/x-www-form-urlencoded', Origin: AUTH }
  const unreadable: Record<string, { headers: Record<string, string>; body: string | Buffer }> = {
    'above 64 kB': { headers: type, body: `x=${'y'.repeat(66_000)}` },
    'that unpacks to more than 64 kB': {
      headers: { ...type, 'Content-Encoding': 'gzip' },
      body: gzipSync(Buffer.alloc(5_000_000, 'x')),
    },
    'of an unknown encoding': { headers: { ...type, 'Content-Encoding': 'zstd-42' }, body: 'x=y' },
    'of an unknown charset': {
      headers: { ...type, 'Content-Type': `${type['Content-Type']}; charset=klingon` },
      body: 'x=y',
    },
  }
  for (const [title, request] of Object.entries(unreadable)) {
    test(`${title} is refused and told`, async () => {
      const before = refusals().length
      const answer = await portal.ask('POST', `${AUTH}/callback/corporate`, request)
      expect(answer.status).toBe(400)
      expect(refusals().slice(before)).toMatchObject([{ reason: 'form-invalid', status: 400 }])
      expectOurHeaders(answer)
    })
  }

  test('of another type is no form', async () => {
    const headers = { 'Content-Type': 'application/json', Origin: AUTH }
    const answer = await portal.ask('POST', `${AUTH}/logout`, { headers, body: '{"scope":"everywhere"}' })
    expect(answer.status).toBe(200)
  })

  test('without anything in it signs out as well', async () => {
    expect((await portal.ask('POST', `${AUTH}/logout`, { headers: { Origin: AUTH } })).status).toBe(200)
  })

  for (const lines of [
    `Origin: ${AUTH}\r\nOrigin: https://evil.test`,
    `Origin: https://evil.test\r\nOrigin: ${AUTH}`,
    'Origin: null',
    '',
  ]) {
    test(`to sign out is refused with ${JSON.stringify(lines)}`, async () => {
      const answer = await portal.raw(
        `POST /logout HTTP/1.1\r\nHost: auth.example.com\r\nConnection: close\r\nContent-Length: 0\r\n${lines}${lines && '\r\n'}\r\n`,
      )
      expect(answer.status).toBe(403)
      expectOurHeaders(answer)
    })
  }
})

describe('a program', () => {
  const programs: Record<string, string>[] = [
    { 'Sec-Fetch-Mode': 'cors' },
    { 'Sec-Fetch-Mode': 'no-cors' },
    { ...NAVIGATION, 'X-Requested-With': 'XMLHttpRequest' },
    { ...NAVIGATION, 'Sec-WebSocket-Key': 'x' },
    { ...NAVIGATION, 'Content-Type': 'application/grpc' },
  ]
  for (const headers of programs) {
    test(`is not sent to a login page: ${JSON.stringify(headers)}`, async () => {
      const answer = await portal.ask('GET', `${APP}/.gatehouse/login?rd=/`, { headers })
      expect([answer.status, header(answer, 'Content-Type')]).toEqual([401, 'application/json'])
      expect(header(answer, 'Set-Cookie')).toBeUndefined()
      expectOurHeaders(answer)
    })
  }

  test('without Sec-Fetch-Mode is told from a browser by what it accepts', async () => {
    const ask = (accept: string) =>
      portal.raw(
        `GET /.gatehouse/login?rd=/ HTTP/1.1\r\nHost: app.example.com\r\nConnection: close\r\nAccept: ${accept}\r\n\r\n`,
      )
    expect((await ask('*/*')).status).toBe(401)
    expect((await ask('application/json')).status).toBe(401)
    expect((await ask('text/html,*/*;q=0.8')).status).toBe(302)
  })
})

describe('every answer of ours', () => {
  for (const address of [
    `${AUTH}/`,
    `${AUTH}/login`,
    `${AUTH}/login?request=x`,
    `${AUTH}/callback/corporate`,
    `${AUTH}/callback/nobody?state=x&code=y`,
    `${AUTH}/logout`,
    `${AUTH}/logout?code=x`,
    `${AUTH}/identity`,
    `${APP}/.gatehouse/login?rd=/a`,
    `${APP}/.gatehouse/authorized`,
    `${APP}/.gatehouse/logout`,
    `${APP}/.gatehouse/identity`,
  ]) {
    test(`has the headers that keep it from being kept, framed or sniffed: ${address}`, async () => {
      expectOurHeaders(await portal.ask('GET', address))
    })
  }

  test('fits into the 4 kB that proxies have for headers by default, however long the address', async () => {
    for (const length of [10, 500, 2000, 4000]) {
      const answer = await portal.ask('GET', `${APP}/.gatehouse/login?rd=/?q=${'x'.repeat(length)}`)
      const bytes = answer.headers.reduce((sum, [name, value]) => sum + name.length + value.length + 4, 0)
      expect([length, bytes < 4096]).toEqual([length, true])
    }
  })
})

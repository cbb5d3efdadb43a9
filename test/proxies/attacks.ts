import { expect, test } from 'vitest'
import { type Gateway, reachedApps, receivedAt } from './gateway.ts'
import { sendRaw, statusOf } from './raw.ts'
import { createVisitor } from './visitor.ts'

const NAVIGATION = 'Accept: text/html\r\nSec-Fetch-Mode: navigate\r\n'

/** What a client may write about the request or about itself; none of it is true. */
const FORGED = {
  'X-Forwarded-Uri': '/public/',
  'X-Forwarded-Host': 'open.example.com',
  'X-Forwarded-Method': 'OPTIONS',
  'X-Forwarded-Proto': 'http',
  'X-Forwarded-Prefix': '/public',
  'X-Forwarded-For': '127.0.0.1',
  'X-Original-URL': 'https://shop.example.com/public/',
  'X-Original-URI': '/public/',
  'X-Original-Host': 'open.example.com',
  'X-Original-Method': 'OPTIONS',
  'X-Real-IP': '127.0.0.1',
  'X-Scheme': 'http',
  'X-Auth-Request-Redirect': '/public/',
  'X-HTTP-Method-Override': 'OPTIONS',
  'ssl-client-verify': 'SUCCESS',
} as const

const FORGED_IDENTITY = {
  'X-Auth-Request-User': 'admin',
  'X-Auth-Request-Email': 'admin@example.com',
  'X-Auth-Request-Groups': 'admins',
  'X-Auth-Request-Preferred-Username': 'admin',
  'Gatehouse-Jwt-Assertion': 'forged',
} as const

const ALIASES = [
  'X_Auth_Request_User',
  'X.Auth.Request.Email',
  'x-auth_request-groups',
  'Gatehouse_Jwt_Assertion',
  'X~Auth~Request~User',
  'X-Auth!Request-Email',
]

/** Attempts to be somebody else or to be asked about something else. Every proxy runs them. */
export function attacks(gateway: () => Gateway): void {
  test.for(Object.entries(FORGED))('is not misled by a %s of the client', async ([name, value]) => {
    const stranger = createVisitor(gateway().port)
    const before = reachedApps(gateway())
    const plain = await stranger.ask('https://shop.example.com/api/orders')
    const forged = await stranger.ask('https://shop.example.com/api/orders', { headers: { [name]: value } })
    expect([plain.status, forged.status]).toEqual([302, 302])
    expect(forged.headers.location).toBe(plain.headers.location)
    expect(reachedApps(gateway())).toBe(before)
  })

  test('is not misled by all of them at once', async () => {
    const answer = await createVisitor(gateway().port).ask('https://shop.example.com/api/', { headers: FORGED })
    expect(answer.headers['x-app']).toBeUndefined()
    expect([302, 403]).toContain(answer.status)
  })

  test("writes over a client's own identity headers", async () => {
    const alice = createVisitor(gateway().port)
    await alice.open('https://grafana.example.com/', 'alice')
    expect((await alice.ask('https://grafana.example.com/me', { headers: FORGED_IDENTITY })).status).toBe(200)
    const stranger = createVisitor(gateway().port)
    await stranger.ask('https://shop.example.com/public/me', { headers: FORGED_IDENTITY })
    const [mine] = receivedAt(gateway(), 'grafana', '/me')
    const [theirs] = receivedAt(gateway(), 'web', '/public/me')
    expect(mine?.headers['x-auth-request-email']).toEqual(['alice@example.com'])
    for (const [name, value] of Object.entries(FORGED_IDENTITY)) {
      expect(mine?.headers[name.toLowerCase()], name).not.toContain(value)
      expect(theirs?.headers[name.toLowerCase()] ?? [''], name).toEqual([''])
    }
  })

  test('keeps from the app whatever its application leaves out, the client’s own included', async () => {
    const asked = { headers: { ...FORGED_IDENTITY, cookie: 'a=1', 'gatehouse-token': 'x' } }
    expect((await createVisitor(gateway().port).ask('https://sparing.example.com/left-out', asked)).status).toBe(200)
    const [seen] = receivedAt(gateway(), 'grafana', '/left-out')
    for (const name of [...Object.keys(FORGED_IDENTITY), 'Cookie', 'Gatehouse-Token']) {
      expect(seen?.headers[name.toLowerCase()] ?? [''], name).toEqual([''])
    }
  })

  test.for(ALIASES)('keeps %s from the app, which may take it for one of ours', async (name) => {
    const alice = createVisitor(gateway().port)
    await alice.open('https://grafana.example.com/', 'alice')
    const url = `/alias/${ALIASES.indexOf(name)}`
    const answers = [
      await alice.ask(`https://grafana.example.com${url}`, { headers: { [name]: 'admin' } }),
      await alice.ask(`https://shop.example.com/public${url}`, { headers: { [name]: 'admin' } }),
    ]
    for (const { status } of answers) expect([200, 403]).toContain(status)
    for (const one of [...receivedAt(gateway(), 'grafana', url), ...receivedAt(gateway(), 'web', `/public${url}`)]) {
      expect(Object.values(one.headers).flat()).not.toContain('admin')
    }
  })

  test('lets no Connection header take away what the check or the app relies on', async () => {
    const names = ['X-Original-URI', 'X-Original-Host', 'X-Forwarded-Uri', 'X-Forwarded-Host', 'X-Forwarded-Method']
    const headers = { connection: `close, ${names.join(', ')}`, ...FORGED }
    const answer = await createVisitor(gateway().port).ask('https://shop.example.com/api/', { headers })
    expect(answer.headers['x-app']).toBeUndefined()
    expect(answer.status).toBeLessThan(500)

    const alice = createVisitor(gateway().port)
    await alice.open('https://grafana.example.com/', 'alice')
    const stripping = `close, ${Object.keys(FORGED_IDENTITY).join(', ')}`
    await alice.ask('https://grafana.example.com/stripped', { headers: { connection: stripping, ...FORGED_IDENTITY } })
    const [seen] = receivedAt(gateway(), 'grafana', '/stripped')
    expect(seen?.headers['x-auth-request-email']).toEqual(['alice@example.com'])
    for (const [name, value] of Object.entries(FORGED_IDENTITY)) {
      expect(seen?.headers[name.toLowerCase()], name).not.toContain(value)
    }
  })

  const hosts: readonly (readonly [string, string])[] = [
    ['an address line that names another host', 'GET http://open.example.com/ HTTP/1.1\r\nHost: grafana.example.com'],
    ['a Host that differs from the address line', 'GET http://grafana.example.com/ HTTP/1.1\r\nHost: open.example.com'],
    [
      'a Host that differs from the address line below a wildcard',
      'GET http://some.wild.example.com/ HTTP/1.1\r\nHost: open.wild.example.com',
    ],
    ['no Host, as HTTP/1.0 allows', 'GET / HTTP/1.0'],
    ['an empty Host', 'GET / HTTP/1.1\r\nHost: '],
    ['two Hosts', 'GET / HTTP/1.1\r\nHost: grafana.example.com\r\nHost: open.example.com'],
    ...[
      'open.example.com',
      'x@open.example.com',
      'grafana.example.com@open.example.com',
      'open.example.com@grafana.example.com',
      'open.example.com#.wild.example.com',
      'open.example.com#grafana.example.com',
      'open.example.com?.wild.example.com',
      'open.wild.example.com\\.wild.example.com',
      'x@open.wild.example.com',
      'open.example.com:80@grafana.example.com',
      'open.example.com,grafana.example.com',
      'open.example.com&h=grafana.example.com',
      'grafana.example.com&m=OPTIONS',
      'grafana.example.com:8443',
      'open.example.com%00.wild.example.com',
      'open.example.com/.wild.example.com',
      '127.0.0.1',
      '[::1]',
    ].map((host) => [`the Host ${host}`, `GET / HTTP/1.1\r\nHost: ${host}`] as const),
  ]
  test.for(hosts)('shows no protected page to %s', async ([, start]) => {
    for (const port of [gateway().port, ...gateway().lonelyPorts]) {
      const before = reachedApps(gateway())
      const answer = await sendRaw({
        port,
        servername: 'grafana.example.com',
        bytes: `${start}\r\n${NAVIGATION}Connection: close\r\n\r\n`,
      })
      expect(answer).not.toContain('x-app')
      expect(reachedApps(gateway())).toBe(before)
    }
  })

  const paths = [
    '/.gatehouse/../api/x',
    '/.gatehouse/%2e%2e/api/x',
    '/.gatehouse/..%2fapi/x',
    '/.gatehouse/login/../../api/x',
    '/.GATEHOUSE/login',
    '//.gatehouse/login',
    '/api/..%2f.gatehouse/login',
    '/public/../api/x',
    '/public/..',
    '/public/%2e%2e/api/x',
    '/public/%2E%2E%2Fapi/x',
    '/public/..%2fapi/x',
    '/public%2f..%2fapi/x',
    '/public/.%2e/api/x',
    '/public//../api/x',
    '/public/./../api/x',
    '/public/..;/api/x',
    '/public;v=1/../api/x',
    '/public/x;/../../api/x',
    '/public\\..\\api\\x',
    '/public/..%5capi/x',
    '/public/../../api/x',
    '/public/%252e%252e/api/x',
    '/public/x%00/../../api/x',
    '/public/%zz',
    '/api/\xe4',
    '/public/#/../../api/x',
    '/public/%c0%ae%c0%ae/api/x',
    '/%70ublic/../api/x',
    '/PUBLIC/x',
    '/publicx',
    '//api/x',
    '//public/../api/x',
    '/api/x?/public/',
    '/api/x#/public/',
    '/api/../public/x',
    '/api;/x',
    '/API/x',
    '/%61pi/x',
    '*',
    'public/x',
    'http://shop.example.com/public/../api/x',
  ]
  test.for(paths)('shows nothing of the app for the path %s', async (path) => {
    const before = reachedApps(gateway())
    const answer = await sendRaw({
      port: gateway().port,
      servername: 'shop.example.com',
      bytes: `GET ${path} HTTP/1.1\r\nHost: shop.example.com\r\n${NAVIGATION}Connection: close\r\n\r\n`,
    })
    expect(answer).not.toContain('x-app')
    expect(reachedApps(gateway())).toBe(before)
    expect(statusOf(answer)).toBeLessThan(500)
  })

  test('never shows the place where it asks', async () => {
    for (const path of ['/_gatehouse', '/_gatehouse/', '/_external-auth-Lw-Prefix', '/forward/host']) {
      const answer = await createVisitor(gateway().port).ask(`https://grafana.example.com${path}`)
      expect([302, 404]).toContain(answer.status)
      expect(answer.headers['x-auth-request-user']).toBeUndefined()
    }
  })
}

import { createLocalJWKSet, jwtVerify } from 'jose'
import { expect, test } from 'vitest'
import { checksCounted, type Gateway, receivedAt, type Traits } from './gateway.ts'
import { type Answer, createVisitor, type Visitor } from './visitor.ts'

const IDENTITY_HEADERS = [
  'gatehouse-jwt-assertion',
  'x-auth-request-user',
  'x-auth-request-email',
  'x-auth-request-groups',
  'x-auth-request-preferred-username',
]

/** A login and everyday use through a real proxy. Every proxy runs it. */
export function journey(gateway: () => Gateway, traits: Traits): void {
  const visitor = () => createVisitor(gateway().port)

  test('sends a stranger who opens a page to the login of that host, with the whole address', async () => {
    const page = '/d/abc?from=now-1h&to=now&q=a%26b=c&next=https://x.example//y'
    const answer = await visitor().ask(`https://grafana.example.com${page}`)
    expect(answer.status).toBe(302)
    const login = new URL(String(answer.headers.location))
    expect(login.origin + login.pathname).toBe('https://grafana.example.com/.gatehouse/login')
    expect([...login.searchParams]).toEqual([['rd', page]])
  })

  test('brings a person through the login back to the very page, query and all', async () => {
    const page = 'https://grafana.example.com/d/abc?from=now-1h&to=now&q=a%26b=c&next=https://x.example//y'
    const arrived = await visitor().open(page, 'alice')
    expect(arrived.status, arrived.trail.join('\n')).toBe(200)
    expect(arrived.url.href).toBe(page)
    expect(arrived.trail.map((step) => step.replace(/localhost:\d+/, 'provider'))).toEqual([
      '302 https://grafana.example.com/d/abc',
      '302 https://grafana.example.com/.gatehouse/login',
      '302 https://auth.example.com/login',
      '303 https://auth.example.com/callback/company',
      expect.stringMatching(/^30[23] https:\/\/auth\.example\.com\/login$/),
      '303 https://grafana.example.com/.gatehouse/authorized',
      '200 https://grafana.example.com/d/abc',
    ])
  })

  test('tells the app who is asking, with an assertion that verifies', async () => {
    const alice = visitor()
    const { headers } = seenBy(await alice.open('https://grafana.example.com/who', 'alice'))
    expect(headers['x-auth-request-email']).toEqual(['alice@example.com'])
    expect(headers['x-auth-request-groups']).toEqual(['engineering,oncall'])
    expect(headers['x-auth-request-preferred-username']).toEqual(['alice'])
    const jwks = JSON.parse((await alice.ask('https://auth.example.com/.well-known/jwks.json')).body)
    const { payload } = await jwtVerify(headers['gatehouse-jwt-assertion']?.[0] ?? '', createLocalJWKSet(jwks), {
      issuer: 'https://auth.example.com',
    })
    expect(payload).toMatchObject({ type: 'assertion', email: 'alice@example.com', idp: 'company' })
    expect(headers['x-auth-request-user']).toEqual([payload.sub])
  })

  test('keeps the cookies of Gatehouse from the app and leaves the others as they are', async () => {
    const alice = visitor()
    await alice.open('https://grafana.example.com/', 'alice')
    alice.setCookie('grafana.example.com', 'theme', 'dark=1')
    alice.setCookie('grafana.example.com', 'gatehouse_mine', '2')
    const { headers } = seenBy(await alice.ask('https://grafana.example.com/cookies'))
    expect([...alice.cookies('grafana.example.com').keys()].some((name) => name.startsWith('__Host-gatehouse-'))).toBe(
      true,
    )
    expect(headers.cookie).toEqual(['theme=dark=1; gatehouse_mine=2'])
  })

  test('takes a token in a header, and keeps it from the app', async () => {
    const alice = visitor()
    await alice.open('https://grafana.example.com/', 'alice')
    const cookies = [...alice.cookies('grafana.example.com').values()]
    const [token = ''] = cookies.filter((value) => value.split('.').length === 3)
    const asked = await visitor().ask('https://grafana.example.com/token', { headers: { 'gatehouse-token': token } })
    const { headers } = seenBy(asked)
    expect(headers['x-auth-request-email']).toEqual(['alice@example.com'])
    expect(headers['gatehouse-token']).toBeUndefined()
    expect(JSON.stringify(headers)).not.toContain(token)
  })

  test('shows the app no cookie where there are none but those of Gatehouse', async () => {
    const alice = visitor()
    await alice.open('https://grafana.example.com/', 'alice')
    expect(seenBy(await alice.ask('https://grafana.example.com/bare')).headers.cookie ?? ['']).toEqual([''])
  })

  test('lets a person who is signed in into another application without another login', async () => {
    const alice = visitor()
    await alice.open('https://grafana.example.com/', 'alice')
    const arrived = await alice.open('https://shop.example.com/list?page=2')
    expect(arrived.url.href).toBe('https://shop.example.com/list?page=2')
    expect(arrived.status).toBe(200)
  })

  test('keeps two applications on one host apart, each with a cookie of its own', async () => {
    const alice = visitor()
    expect((await alice.open('https://shop.example.com/', 'alice')).status).toBe(200)
    expect((await alice.ask('https://shop.example.com/api/orders')).status).toBe(302)
    expect((await alice.open('https://shop.example.com/api/orders?n=1')).url.search).toBe('?n=1')
    expect(receivedAt(gateway(), 'api', '/api/orders?n=1')).toHaveLength(1)
    expect((await alice.ask('https://shop.example.com/again')).status).toBe(200)
    expect((await alice.ask('https://shop.example.com/api/again')).status).toBe(200)

    const bob = visitor()
    expect((await bob.open('https://shop.example.com/bob', 'bob')).status).toBe(200)
    expect((await bob.open('https://shop.example.com/api/bob')).status).toBe(403)
    expect(receivedAt(gateway(), 'api', '/api/bob')).toEqual([])
  })

  test('turns away a person who may not enter, with a page and without another login', async () => {
    const bob = visitor()
    const refused = await bob.open('https://grafana.example.com/secret', 'bob')
    expect(refused.status).toBe(403)
    expect(refused.url.host).toBe('auth.example.com')
    expect(refused.body.replace(/<[^>]*>/g, '')).toContain('bob@example.com')
    expect(receivedAt(gateway(), 'grafana', '/secret')).toEqual([])
  })

  test('answers 403 where a policy forbids what somebody who is signed in does', async () => {
    const alice = visitor()
    await alice.open('https://shop.example.com/', 'alice')
    const answer = await alice.ask('https://shop.example.com/thing', { method: 'DELETE' })
    expect(answer.status).toBe(403)
    expect(answer.headers.location).toBeUndefined()
    expect(receivedAt(gateway(), 'web', '/thing')).toEqual([])
    expect((await alice.ask('https://shop.example.com/thing', { method: 'PUT', body: 'x' })).status).toBe(200)
  })

  test('opens a Bypass path to strangers, and tells the app nothing about them', async () => {
    const answer = await visitor().ask('https://shop.example.com/public/page?x=1', { headers: { cookie: 'a=1' } })
    const { headers, url } = seenBy(answer)
    expect(url).toBe('/public/page?x=1')
    expect(headers.cookie).toEqual(['a=1'])
    for (const name of IDENTITY_HEADERS) expect(headers[name] ?? [''], name).toEqual([''])
  })

  test.for([
    ['a script', { headers: { accept: '*/*', 'sec-fetch-mode': 'cors' } }],
    ['an old script', { headers: { 'x-requested-with': 'XMLHttpRequest', 'sec-fetch-mode': 'navigate' } }],
    ['a program', { headers: { accept: 'application/json', 'sec-fetch-mode': '' } }],
    ['a script that posts', { method: 'POST', headers: { accept: '*/*', 'sec-fetch-mode': 'cors' }, body: 'amount=1' }],
    ['a remote call', { method: 'POST', headers: { 'content-type': 'application/grpc' }, body: '' }],
  ] as const)('tells %s with 401 to log in', async ([, asking]) => {
    const stranger = visitor()
    const url = 'https://grafana.example.com/api/data?x=1'
    let answer = await stranger.ask(url, asking)
    if (traits.refusesScripts === 'by the portal') {
      expect(answer.status).toBe(302)
      expect(String(answer.headers.location)).toMatch(/^https:\/\/grafana\.example\.com\/\.gatehouse\/login\?/)
      answer = await stranger.ask(String(answer.headers.location), { headers: asking.headers })
    }
    expect(answer.status).toBe(401)
    expect(answer.headers.location).toBeUndefined()
    expect(answer.headers['set-cookie']).toBeUndefined()
    expect(answer.headers['www-authenticate']).toContain('Gatehouse realm="https://auth.example.com"')
    expect(JSON.parse(answer.body)).toEqual({ error: 'login-required' })
  })

  test('keeps a form from the app until its sender has logged in', async () => {
    const answer = await visitor().ask('https://grafana.example.com/transfer', { method: 'POST', body: 'amount=1' })
    expect(answer.status).toBe(traits.refusesScripts === 'itself' ? 401 : 302)
    expect(receivedAt(gateway(), 'grafana', '/transfer')).toEqual([])
  })

  test('opens a web socket for whoever is signed in and for nobody else', async () => {
    const handshake = {
      accept: '*/*',
      'sec-fetch-mode': 'websocket',
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
      'sec-websocket-version': '13',
    }
    const alice = visitor()
    const url = 'https://grafana.example.com/live'
    const refused = await alice.ask(url, { headers: handshake })
    expect(refused.status).toBe(traits.refusesScripts === 'itself' ? 401 : 302)
    expect(receivedAt(gateway(), 'grafana', '/live')).toEqual([])

    await alice.open('https://grafana.example.com/', 'alice')
    expect((await alice.ask(url, { headers: handshake })).status).toBe(101)
    expect(receivedAt(gateway(), 'grafana', '/live')[0]?.headers['x-auth-request-email']).toEqual(['alice@example.com'])
  })

  test("passes the app's own refusals on as they are", async () => {
    const alice = visitor()
    await alice.open('https://grafana.example.com/', 'alice')
    for (const status of [401, 403, 404, 500]) {
      const answer = await alice.ask(`https://grafana.example.com/status/${status}`)
      expect(answer.status).toBe(status)
      expect(answer.headers['x-app']).toBe('echo')
    }
  })

  test('puts every request to a check: nothing is kept', async () => {
    const alice = visitor()
    await alice.open('https://grafana.example.com/', 'alice')
    const allowed = { application: 'monitoring/grafana', outcome: 'allow', dialect: traits.dialect }
    const before = await checksCounted(gateway(), allowed)
    for (let time = 0; time < 3; time += 1) await alice.ask('https://grafana.example.com/same')
    expect(await checksCounted(gateway(), allowed)).toBe(before + 3)
    expect(receivedAt(gateway(), 'grafana', '/same')).toHaveLength(3)

    const stranger = await visitor().ask('https://grafana.example.com/same')
    expect(stranger.status).toBe(302)
    expect(stranger.headers['cache-control'] ?? 'no-store').toBe('no-store')
  })

  test('refuses, and neither loops nor opens, where the portal has no route', async () => {
    const stranger = visitor()
    const answer = await stranger.open('https://unrouted.example.com/page?x=1')
    expect(answer.trail[0]).toBe('302 https://unrouted.example.com/page')
    expect(answer.trail).toHaveLength(2)
    expect(answer.status).toBe(403)
    if (traits.showsReasons) expect(answer.body).toContain('portal-not-routed')
    const counted = { reason: 'portal-not-routed', dialect: traits.dialect }
    expect(await checksCounted(gateway(), counted)).toBeGreaterThan(0)
  })

  test('signs a person out everywhere', async () => {
    const alice = visitor()
    await alice.open('https://grafana.example.com/', 'alice')
    await alice.open('https://shop.example.com/')
    const left = await signOut(alice, 'https://grafana.example.com')
    expect(left.status).toBe(303)
    expect((await alice.ask('https://grafana.example.com/')).status).toBe(302)
    expect((await alice.ask('https://shop.example.com/')).status).toBe(302)
  })
}

function signOut(visitor: Visitor, origin: string): Promise<Answer> {
  return visitor.ask(`${origin}/.gatehouse/logout`, {
    method: 'POST',
    headers: { origin, 'sec-fetch-site': 'same-origin', 'content-type': 'application/x-www-form-urlencoded' },
    body: '',
  })
}

/** What the app says it received. */
function seenBy(answer: Answer): { url: string; headers: Record<string, string[]> } {
  expect(answer.status, answer.body).toBe(200)
  expect(answer.headers['x-app']).toBe('echo')
  return JSON.parse(answer.body)
}

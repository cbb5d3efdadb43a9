import { describe, expect, test } from 'vitest'
import type { CheckPorts } from '../../src/check/check.ts'
import { nginx } from '../../src/check/dialects/nginx.ts'
import { createReader } from '../../src/check/read.ts'
import { type Application, IDENTITY_HEADERS } from '../../src/policy/application.ts'
import { plainDecision } from '../../src/policy/decision.ts'
import { policySet } from '../../src/policy/policy-set.ts'
import { ruleOf, sampleIdentity, samplePolicy } from '../policy/sample.ts'
import { freshRing, mintedToken, signedClaims, soundClaims } from '../tokens/rings.ts'
import { ADDRESS_SOURCES, type ClientRequest, DIALECTS, type Headers, NAVIGATION, questionAbout } from './calls.ts'
import {
  APPLICATIONS,
  api,
  broken,
  createWorld,
  engineer,
  headersOf,
  local,
  mixed,
  open,
  salesman,
  urls,
  type World,
  wiki,
} from './world.ts'

const WIKI = 'wiki.example.com'

/** Puts a request to the world and sums up the answer. */
async function ask(
  world: World,
  request: ClientRequest,
  { dialect = 'forward' as (typeof DIALECTS)[number], bound = undefined as { key: string } | undefined } = {},
) {
  const answer = await world.check(questionAbout(dialect, request, bound))
  const headers = headersOf(answer)
  expect(headers['cache-control']).toBe('no-store')
  expect(headers).not.toHaveProperty('set-cookie')
  expect(Number(headers['content-length'])).toBe(Buffer.byteLength(answer.body))
  const { outcome, reason, application } = world.decisions().at(-1) ?? {}
  return { status: answer.status, headers, body: answer.body, said: `${outcome} ${reason}`, application }
}

const withCookie = (cookie: string, more: Headers = NAVIGATION): Headers => [...more, ['Cookie', cookie]]

describe.each(DIALECTS)('asked in the dialect %s, the check', (dialect) => {
  const statusOf = { challenge: dialect === 'forward' ? 302 : 401, forbid: 403, unavailable: 503 }

  test('lets in whom a policy allows, with every header that is configured', async () => {
    const world = createWorld()
    const { cookie } = await world.signIn(wiki)
    const { status, headers, said } = await ask(
      world,
      { host: WIKI, headers: withCookie(`a=b; ${cookie}`) },
      { dialect },
    )
    expect([status, said]).toEqual([200, 'allow policy-allows'])
    expect(headers).toMatchObject({
      'gatehouse-jwt-assertion': expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
      'x-auth-request-user': engineer.subject,
      'x-auth-request-email': 'ada@example.com',
      'x-auth-request-groups': 'engineering',
      'x-auth-request-preferred-username': 'ada',
      cookie: 'a=b',
    })
  })

  test('asks a stranger who opens a page to sign in, and comes back to that very page', async () => {
    const { status, headers, said } = await ask(createWorld(), { host: WIKI, target: '/a%20b?c=d&e=%26' }, { dialect })
    expect([status, said]).toEqual([statusOf.challenge, 'challenge login-required'])
    const location = new URL(headers.location ?? '')
    expect(location.origin + location.pathname).toBe('https://wiki.example.com/.gatehouse/login')
    expect(location.searchParams.get('rd')).toBe('/a%20b?c=d&e=%26')
  })

  test.each<[string, ClientRequest]>([
    ['a script', { host: WIKI, headers: [['Accept', '*/*']] }],
    ['a form', { host: WIKI, method: 'POST' }],
    ['a web socket', { host: WIKI, headers: [...NAVIGATION, ['Sec-WebSocket-Key', 'x']] }],
    ['gRPC', { host: WIKI, headers: [...NAVIGATION, ['Content-Type', 'application/grpc+proto']] }],
    ['an XHR of old', { host: WIKI, headers: [...NAVIGATION, ['X-Requested-With', 'XMLHttpRequest']] }],
  ])('answers a stranger that is %s with 401 and JSON, and sends it nowhere', async (_, request) => {
    const { status, headers, body } = await ask(createWorld(), request, { dialect })
    expect(status).toBe(401)
    expect(headers['www-authenticate']).toBe(`Gatehouse realm="${urls.issuer}", error="login-required"`)
    expect(headers).not.toHaveProperty('location')
    expect(JSON.parse(body)).toEqual({ error: 'login-required' })
  })

  test('turns away whom no policy lets in, without another login', async () => {
    const world = createWorld()
    const { cookie } = await world.signIn(wiki, salesman)
    const { status, headers, said } = await ask(world, { host: WIKI, headers: withCookie(cookie) }, { dialect })
    expect([status, said]).toEqual([403, 'forbid no-policy-matches'])
    expect(headers).not.toHaveProperty('location')
    expect(headers).not.toHaveProperty('x-auth-request-user')
  })

  test('cannot know while the store is away and the session not in memory', async () => {
    const world = createWorld()
    const { cookie } = await world.signIn(wiki)
    world.state.isStoreDown = true
    const { status, headers, said } = await ask(world, { host: WIKI, headers: withCookie(cookie) }, { dialect })
    expect([status, said]).toEqual([503, 'unavailable store-unavailable'])
    expect(Number(headers['retry-after'])).toBeGreaterThan(0)
  })

  test.each(['/.gatehouse', '/.gatehouse/', '/.gatehouse/login?rd=/', '/.gatehouse/x/y'])(
    'neither lets in nor asks to sign in below %s',
    async (target) => {
      const world = createWorld()
      const { cookie } = await world.signIn(wiki)
      for (const host of [WIKI, 'open.example.com', 'unknown.example.com']) {
        const found = await ask(world, { host, target, headers: withCookie(cookie) }, { dialect })
        expect([found.status, found.said]).toEqual([403, 'forbid portal-not-routed'])
      }
    },
  )
})

test('the check for another path that merely begins alike is no portal’s', async () => {
  const found = await ask(createWorld(), { host: 'open.example.com', target: '/.gatehouses' })
  expect(found.said).toBe('allow policy-bypasses')
})

describe('the application that decides', () => {
  const unknown = { key: 'team/unknown' }
  test.each<[string, ClientRequest, { key: string } | undefined, string, string | undefined]>([
    ['is found by host', { host: WIKI }, undefined, 'challenge login-required', 'team/wiki'],
    ['is the most specific one', { host: WIKI, target: '/api/x' }, undefined, 'challenge login-required', 'team/api'],
    [
      'is found by host in any spelling',
      { host: 'WIKI.example.com.:443' },
      undefined,
      'challenge login-required',
      'team/wiki',
    ],
    ['is found by wildcard', { host: 'x.wild.example.com' }, undefined, 'challenge login-required', 'team/wild'],
    ['is nobody for an unknown host', { host: 'unknown.example.com' }, undefined, 'forbid no-application', undefined],
    ['is nobody for the auth host', { host: 'auth.example.com' }, undefined, 'forbid no-application', undefined],
    [
      'is nobody two labels below a wildcard',
      { host: 'y.x.wild.example.com' },
      undefined,
      'forbid no-application',
      undefined,
    ],
    ['is the one that the URL names', { host: WIKI }, wiki, 'challenge login-required', 'team/wiki'],
    ['has to have the host', { host: 'open.example.com' }, wiki, 'forbid application-mismatch', undefined],
    ['has to have the host, open or not', { host: WIKI }, open, 'forbid application-mismatch', undefined],
    ['has to cover the path', { host: WIKI, target: '/api' }, wiki, 'forbid application-mismatch', undefined],
    [
      'has to be the most specific one',
      { host: WIKI, target: '/other' },
      api,
      'forbid application-mismatch',
      undefined,
    ],
    ['has to be one that is there', { host: WIKI }, unknown, 'forbid application-unknown', undefined],
    [
      'has to be one that is there, host or not',
      { host: 'nowhere.test' },
      unknown,
      'forbid application-unknown',
      undefined,
    ],
    [
      'has to be the same for every reading of the path',
      { host: WIKI, target: '/API' },
      undefined,
      'forbid request-path-ambiguous',
      undefined,
    ],
    [
      'has to be the same for every reading, bound',
      { host: WIKI, target: '/API' },
      wiki,
      'forbid request-path-ambiguous',
      undefined,
    ],
    ['is shut while it is broken', { host: 'broken.example.com' }, broken, 'forbid application-broken', 'team/broken'],
  ])('%s', async (_, request, bound, said, application) => {
    const found = await ask(createWorld(), request, { bound })
    expect([found.said, found.application]).toEqual([said, application])
    expect(found.status).toBe(said.startsWith('challenge') ? 302 : 403)
  })

  test('is broken for whoever is signed in, too', async () => {
    const world = createWorld()
    const { cookie } = await world.signIn(broken)
    const found = await ask(world, { host: 'broken.example.com', headers: withCookie(cookie) })
    expect(found.said).toBe('forbid application-broken')
  })

  test('is not known before the first set of resources', async () => {
    const world = createWorld()
    world.state.policySet = undefined
    const found = await ask(world, { host: 'open.example.com' })
    expect([found.status, found.said]).toEqual([503, 'unavailable not-ready'])
    expect((await ask(world, { host: WIKI, target: '/.gatehouse/x' })).said).toBe('forbid portal-not-routed')
  })

  test('is the one of the set that is served now', async () => {
    const world = createWorld()
    const { cookie } = await world.signIn(wiki)
    const request = { host: WIKI, headers: withCookie(cookie) }
    expect((await ask(world, request)).said).toBe('allow policy-allows')
    world.state.policySet = policySet(APPLICATIONS.map((one) => (one === wiki ? { ...wiki, policies: [] } : one)))
    expect((await ask(world, request)).said).toBe('forbid no-policy-matches')
    world.state.policySet = policySet([])
    expect((await ask(world, request)).said).toBe('forbid no-application')
  })
})

describe('a credential', () => {
  async function said(headers: Headers, world: World, host = WIKI): Promise<string> {
    return (await ask(world, { host, headers })).said
  }

  test('counts in the cookie and in the header Gatehouse-Token alike', async () => {
    const world = createWorld()
    const { cookie, token } = await world.signIn(wiki)
    expect(await said(withCookie(cookie), world)).toBe('allow policy-allows')
    expect(await said([...NAVIGATION, ['gatehouse-token', token]], world)).toBe('allow policy-allows')
  })

  test('does not count in Authorization, which belongs to the app', async () => {
    const world = createWorld()
    const { token } = await world.signIn(wiki)
    expect(await said([...NAVIGATION, ['Authorization', `Bearer ${token}`]], world)).toBe('challenge login-required')
  })

  test('does not count twice, the same or not', async () => {
    const world = createWorld()
    const [one, two] = [await world.signIn(wiki), await world.signIn(wiki)]
    for (const headers of [
      withCookie(`${one.cookie}; ${two.cookie}`),
      withCookie(`${one.cookie}; ${one.cookie}`),
      withCookie(one.cookie, withCookie(two.cookie)),
      withCookie(one.cookie, [...NAVIGATION, ['Gatehouse-Token', one.token]]),
      withCookie(`${one.cookie};${wiki.cookieName}=`),
    ]) {
      expect(await said(headers, world)).toBe('challenge token-doubled')
    }
  })

  test('of one application does not count for another', async () => {
    const world = createWorld()
    const { token } = await world.signIn(wiki)
    for (const round of ['unknown', 'remembered']) {
      const headers = withCookie(`${api.cookieName}=${token}; ${wiki.cookieName}=${token}`)
      const found = await ask(world, { host: WIKI, target: '/api', headers })
      expect([round, found.said]).toEqual([round, 'challenge token-invalid'])
      expect((await ask(world, { host: WIKI, headers })).said).toBe('allow policy-allows')
    }
  })

  test('that nobody would call one is a reason to sign in, and no more', async () => {
    const world = createWorld()
    for (const value of ['', 'x', '"x"', 'a.b.c', '%00', '{}', '../..', '\u00ff', 'x'.repeat(5000)]) {
      expect([value, await said(withCookie(`${wiki.cookieName}=${value}`), world)]).toEqual([
        value,
        'challenge token-invalid',
      ])
    }
  })

  test('is sound until it expires, remembered or not', async () => {
    const world = createWorld()
    const { cookie } = await world.signIn(wiki, engineer, { token: 60 })
    world.clock.advance(89_000)
    expect(await said(withCookie(cookie), world)).toBe('allow policy-allows')
    world.clock.advance(1000)
    expect(await said(withCookie(cookie), world)).toBe('challenge token-expired')
    const other = createWorld()
    const late = await other.signIn(wiki, engineer, { token: 60 })
    other.clock.advance(90_000)
    expect(await said(withCookie(late.cookie), other)).toBe('challenge token-expired')
  })

  test('of a key that has been taken out counts no longer, remembered or not', async () => {
    const world = createWorld()
    const { cookie } = await world.signIn(wiki)
    expect(await said(withCookie(cookie), world)).toBe('allow policy-allows')
    world.state.ring = await freshRing()
    expect(await said(withCookie(cookie), world)).toBe('challenge token-invalid')
  })

  test('of a session that has ended is of no use', async () => {
    const world = createWorld()
    const { cookie, session } = await world.signIn(wiki)
    expect(await said(withCookie(cookie), world)).toBe('allow policy-allows')
    const scope = { kind: 'session', sid: session.sid } as const
    world.revocations.add({ scope, atMs: world.clock.now(), expiresAtMs: session.expiresAtMs })
    expect(await said(withCookie(cookie), world)).toBe('challenge session-ended')
    expect(await said(withCookie(cookie), world)).toBe('challenge session-ended')
  })

  test('does not outlive its session', async () => {
    const world = createWorld()
    const { cookie } = await world.signIn(wiki, engineer, { token: 3600, session: 100 })
    expect(await said(withCookie(cookie), world)).toBe('allow policy-allows')
    world.clock.advance(100_000)
    expect(await said(withCookie(cookie), world)).toBe('challenge session-ended')
  })

  test('that names somebody else’s session is of no use', async () => {
    const world = createWorld()
    const { session } = await world.signIn(wiki)
    const token = await mintedToken(world.ring, {
      audience: wiki.audience,
      subject: 'somebody-else',
      sid: session.sid,
      now: world.clock.now(),
    })
    expect(await said(withCookie(`${wiki.cookieName}=${token}`), world)).toBe('challenge session-ended')
  })

  test('that is an assertion is never accepted', async () => {
    const world = createWorld()
    const { cookie, session } = await world.signIn(wiki)
    const { headers } = await ask(world, { host: WIKI, headers: withCookie(cookie) })
    const assertion = headers['gatehouse-jwt-assertion'] ?? ''
    expect(await said(withCookie(`${wiki.cookieName}=${assertion}`), world)).toBe('challenge token-invalid')
    const iat = Math.floor(world.clock.now() / 1000)
    const claims = {
      ...soundClaims(),
      aud: [wiki.audience],
      sid: session.sid,
      sub: engineer.subject,
      iat,
      nbf: iat,
      exp: iat + 60,
    }
    const app = await signedClaims(world.ring, claims)
    expect(await said(withCookie(`${wiki.cookieName}=${app}`), world)).toBe('allow policy-allows')
  })

  test.each<[string, string]>([
    ['in another letter case', wiki.cookieName.toUpperCase()],
    ['with a space at its end', `${wiki.cookieName} `],
    ['with something in front', `x${wiki.cookieName}`],
    ['with something behind', `${wiki.cookieName}x`],
    ['in quotes', `"${wiki.cookieName}"`],
    ['with an invisible character in front', `\u00a0${wiki.cookieName}`],
    ['with an encoded letter', wiki.cookieName.replace('_', '%5F')],
  ])('in a cookie whose name is written %s is another cookie', async (_, name) => {
    const world = createWorld()
    const { token } = await world.signIn(wiki)
    expect(await said(withCookie(`${name}=${token}`), world)).toBe('challenge login-required')
  })
})

describe('while the store is away', () => {
  test('a session in memory is served as long as the revocations are current, and then nobody can say', async () => {
    const world = createWorld()
    const { cookie } = await world.signIn(wiki)
    const request = { host: WIKI, headers: withCookie(cookie) }
    await ask(world, request)
    world.state.isStoreDown = true
    for (let minute = 1; minute < 60; minute++) {
      world.clock.advance(60_000)
      expect((await ask(world, request)).said).toBe('allow policy-allows')
    }
    world.revocations.held = 'stale'
    expect((await ask(world, request)).said).toBe('unavailable revocations-stale')
    world.revocations.held = 'current'
    expect((await ask(world, request)).said).toBe('allow policy-allows')
  })

  test('whoever needs no login is let in, credential or not', async () => {
    const world = createWorld()
    world.state.isStoreDown = true
    const { cookie } = await world.signIn(open)
    const { cookie: other } = await world.signIn(mixed)
    expect((await ask(world, { host: 'open.example.com' })).said).toBe('allow policy-bypasses')
    const found = await ask(world, { host: 'open.example.com', headers: withCookie(cookie) })
    expect([found.status, found.said]).toEqual([200, 'allow policy-bypasses'])
    const request = { host: 'mixed.example.com', headers: withCookie(other) }
    expect((await ask(world, request)).said).toBe('allow policy-bypasses')
    expect((await ask(world, { ...request, method: 'POST' })).said).toBe('unavailable store-unavailable')
  })

  test('whoever could not get in anyway is turned away', async () => {
    const world = createWorld()
    world.state.isStoreDown = true
    const { cookie } = await world.signIn(local)
    const found = await ask(world, { host: 'local.example.com', method: 'DELETE', headers: withCookie(cookie) })
    expect(found.said).toBe('forbid policy-denies')
  })

  test('a stranger is asked to sign in', async () => {
    const world = createWorld()
    world.state.isStoreDown = true
    expect((await ask(world, { host: WIKI })).said).toBe('challenge login-required')
  })
})

describe('the work behind a check', () => {
  test('is one read of the store and one signature for a new token, and then none', async () => {
    const world = createWorld()
    const { cookie } = await world.signIn(wiki)
    const request = { host: WIKI, headers: withCookie(cookie) }
    await Promise.all(Array.from({ length: 50 }, () => ask(world, request)))
    expect([world.state.reads, world.state.signed]).toEqual([1, 1])
    const answer = world.check(questionAbout('forward', request))
    expect(answer).not.toBeInstanceOf(Promise)
    expect([world.state.reads, world.state.signed]).toEqual([1, 1])
  })

  test('is one signature for each period of the assertion, and no read for a session that does not change', async () => {
    const world = createWorld()
    const { cookie } = await world.signIn(wiki)
    const request = { host: WIKI, headers: withCookie(cookie) }
    const assertions = new Set<string | undefined>()
    for (let second = 0; second < 480; second++) {
      const { headers } = await ask(world, request)
      assertions.add(headers['gatehouse-jwt-assertion'])
      world.clock.advance(1000)
    }
    expect([world.state.reads, world.state.signed, assertions.size]).toEqual([1, 2, 2])
  })

  test('is done again when the identity of the session has changed', async () => {
    const world = createWorld()
    const { cookie, session } = await world.signIn(wiki)
    const request = { host: WIKI, headers: withCookie(cookie) }
    const before = await ask(world, request)
    const identity = sampleIdentity({ ...engineer, email: 'lovelace@example.com', groups: ['engineering', 'new'] })
    await world.store.save({ ...session, identity })
    world.sessions.changed(session.sid)
    const after = await ask(world, request)
    expect(after.headers).toMatchObject({
      'x-auth-request-email': 'lovelace@example.com',
      'x-auth-request-groups': 'engineering,new',
    })
    expect(after.headers['gatehouse-jwt-assertion']).not.toBe(before.headers['gatehouse-jwt-assertion'])
    await world.store.save({ ...session, identity: { ...identity, groups: [] } })
    world.sessions.changed(session.sid)
    expect((await ask(world, request)).said).toBe('forbid no-policy-matches')
  })

  test('is never answered with another request’s cookies', async () => {
    const world = createWorld()
    const { cookie } = await world.signIn(wiki)
    for (const other of ['a=1', 'a=2', 'a=1', '']) {
      const { headers } = await ask(world, { host: WIKI, headers: withCookie(`${cookie}; ${other}`) })
      expect(headers.cookie).toBe(other)
    }
  })

  test('is decided anew for each request, whatever was answered before', async () => {
    const world = createWorld()
    const { cookie } = await world.signIn(local)
    const request = { host: 'local.example.com', headers: withCookie(cookie) }
    expect((await ask(world, request)).said).toBe('allow policy-allows')
    expect((await ask(world, { ...request, method: 'DELETE' })).said).toBe('forbid policy-denies')
    expect((await ask(world, { ...request, address: '198.51.100.1' })).said).toBe('forbid no-policy-matches')
    expect((await ask(world, { ...request, address: 'unknown' })).said).toBe('forbid no-policy-matches')
    expect((await ask(world, request)).said).toBe('allow policy-allows')
  })
})

describe('an answer that the proxy could not take', () => {
  const cookies = (size: number) => `filling=${'x'.repeat(size)}`

  test.each<[(typeof DIALECTS)[number], number]>([
    ['nginx', 15],
    ['ingress-nginx', 15],
    ['forward', 60],
  ])('is 503 in the dialect %s above %d KiB, first and repeated', async (dialect, kibibytes) => {
    const world = createWorld()
    const { cookie } = await world.signIn(wiki)
    for (const round of [1, 2]) {
      const fits = await ask(
        world,
        { host: WIKI, headers: withCookie(`${cookie}; ${cookies((kibibytes - 2) * 1024)}`) },
        { dialect },
      )
      expect([round, fits.said]).toEqual([round, 'allow policy-allows'])
      const large = await ask(
        world,
        { host: WIKI, headers: withCookie(`${cookie}; ${cookies(kibibytes * 1024)}`) },
        { dialect },
      )
      expect([large.status, large.said]).toEqual([503, 'unavailable answer-too-large'])
      expect(large.headers).not.toHaveProperty('x-auth-request-user')
      const stranger = await ask(
        world,
        { host: 'open.example.com', headers: withCookie(cookies(kibibytes * 1024)) },
        { dialect },
      )
      expect([stranger.status, stranger.said]).toEqual([503, 'unavailable answer-too-large'])
    }
  })

  test('in one dialect is still given in another that can take it', async () => {
    const world = createWorld()
    const { cookie } = await world.signIn(wiki)
    const request = { host: WIKI, headers: withCookie(`${cookie}; ${cookies(20 * 1024)}`) }
    expect((await ask(world, request, { dialect: 'forward' })).said).toBe('allow policy-allows')
    expect((await ask(world, request, { dialect: 'nginx' })).said).toBe('unavailable answer-too-large')
    expect((await ask(world, request, { dialect: 'forward' })).said).toBe('allow policy-allows')
  })

  test('is 503 if the assertion is too long, and only where the assertion is asked for', async () => {
    const crowded = { ...wiki, assertionGroups: true }
    const silent: Application = { ...crowded, identityHeaders: ['User'] }
    const identity = sampleIdentity({ groups: ['engineering', 'g'.repeat(3000)] })
    for (const [application, said] of [
      [crowded, 'unavailable answer-too-large'],
      [silent, 'allow policy-allows'],
    ] as const) {
      const world = createWorld(() => ({}), [application])
      const { cookie } = await world.signIn(application, identity)
      for (const round of [1, 2]) {
        expect([round, (await ask(world, { host: WIKI, headers: withCookie(cookie) })).said]).toEqual([round, said])
      }
    }
  })
})

describe('every allow', () => {
  test.each(IDENTITY_HEADERS)('carries the header for %s if it is configured, and only then', async (header) => {
    const names = {
      Assertion: 'gatehouse-jwt-assertion',
      User: 'x-auth-request-user',
      Email: 'x-auth-request-email',
      Groups: 'x-auth-request-groups',
      PreferredUsername: 'x-auth-request-preferred-username',
      Cookie: 'cookie',
    }
    const one: Application = { ...open, identityHeaders: [header] }
    for (const [application, expected] of [
      [one, [names[header]]],
      [{ ...open, identityHeaders: [] }, []],
    ] as const) {
      const world = createWorld(() => ({}), [application])
      const { headers } = await ask(world, { host: 'open.example.com' })
      expect(Object.keys(headers).sort()).toEqual(['cache-control', 'content-length', ...expected].sort())
    }
  })

  test('carries all that is configured, empty for a stranger', async () => {
    const { headers } = await ask(createWorld(), { host: 'open.example.com', headers: [] })
    expect(headers).toEqual({
      'gatehouse-jwt-assertion': '',
      'x-auth-request-user': '',
      'x-auth-request-email': '',
      'x-auth-request-groups': '',
      'x-auth-request-preferred-username': '',
      cookie: '',
      'cache-control': 'no-store',
      'content-length': '0',
    })
  })

  test('carries who is signed in, where no login is needed too', async () => {
    const world = createWorld()
    const { cookie } = await world.signIn(open)
    const { headers, said } = await ask(world, { host: 'open.example.com', headers: withCookie(cookie) })
    expect(said).toBe('allow policy-bypasses')
    expect(headers).toMatchObject({ 'x-auth-request-user': engineer.subject, cookie: '' })
  })

  test('shows the app none of our cookies', async () => {
    const world = createWorld()
    const { cookie } = await world.signIn(wiki)
    const sent = `a=1; ${cookie}; __Host-gatehouse-session=canary; b=2; __Host-gatehouse-flow-1=canary; __Host-other=3`
    const { headers } = await ask(world, { host: WIKI, headers: withCookie(sent) })
    expect(headers.cookie).toBe('a=1; b=2; __Host-other=3')
  })
})

describe('an error of ours', () => {
  const failing = () => {
    throw new Error('canary')
  }
  const ports: readonly [string, (ports: CheckPorts) => Partial<CheckPorts>][] = [
    ['readers', () => ({ readers: { get: failing } as never })],
    [
      'a reader',
      () => ({
        readers: new Map([['forward', { ...createReader(nginx, ADDRESS_SOURCES.nginx, 443), read: failing }]]),
      }),
    ],
    ['policySet', () => ({ policySet: failing })],
    ['policySet, by what it gives', () => ({ policySet: () => ({}) as never })],
    ['authenticate', () => ({ authenticate: failing })],
    ['authenticate, later', () => ({ authenticate: async () => failing() })],
    ['authenticate, by what it gives', () => ({ authenticate: () => undefined as never })],
    ['authenticate, later, by what it gives', () => ({ authenticate: async () => undefined as never })],
    ['assertions', () => ({ assertions: { sign: failing } })],
    ['assertions, later', () => ({ assertions: { sign: async () => failing() } })],
    ['assertions, by what they give', () => ({ assertions: { sign: async () => undefined as never } })],
    ['events', ({ events }) => ({ events: { ...events, decided: failing } })],
    ['events, each', ({ events }) => ({ events: { ...events, decided: failing, internalError: failing } })],
    ['now', () => ({ now: failing })],
    ['monotonicSeconds', () => ({ monotonicSeconds: failing })],
  ]

  test.each(ports)('in %s is 503 at most, and never lets anybody in', async (_, change) => {
    for (const identity of [engineer, salesman, undefined]) {
      const world = createWorld(change)
      const { cookie } = await world.signIn(wiki, identity)
      const request = { host: WIKI, headers: identity === undefined ? NAVIGATION : withCookie(cookie) }
      const answer = await world.check(questionAbout('forward', request))
      expect(answer.status).toBeGreaterThanOrEqual(302)
      expect(headersOf(answer)['cache-control']).toBe('no-store')
      expect(JSON.stringify(answer)).not.toContain('canary')
      if (identity === engineer) expect(answer.status).toBe(503)
    }
  })

  test('in the wording of refusals is 503 all the same', async () => {
    const world = createWorld(() => ({ render: failing }))
    for (const host of [WIKI, 'unknown.example.com']) {
      const answer = await world.check(questionAbout('forward', { host }))
      expect([answer.status, headersOf(answer)['cache-control']]).toEqual([503, 'no-store'])
    }
  })

  test('in signingKid is 503 once there is something to compare with, and never lets anybody in', async () => {
    let fails = false
    const world = createWorld(({ signingKid }) => ({ signingKid: () => (fails ? failing() : signingKid()) }))
    const { cookie } = await world.signIn(wiki)
    const question = questionAbout('forward', { host: WIKI, headers: withCookie(cookie) })
    expect((await world.check(question)).status).toBe(200)
    fails = true
    expect((await world.check(question)).status).toBe(503)
  })

  test('in a rule is 503, and told in the log', async () => {
    const rule = { ...ruleOf('everyone', {}), test: failing }
    const policy = samplePolicy({ action: 'Bypass', rules: { include: [rule], require: [], exclude: [] } })
    const world = createWorld(() => ({}), [{ ...open, policies: [policy] }])
    const found = await ask(world, { host: 'open.example.com' })
    expect([found.status, found.said]).toEqual([503, 'unavailable internal-error'])
    expect(world.seen.lines()).toContainEqual(expect.objectContaining({ event: 'internalError', where: 'check' }))
  })
})

describe('what is told of a check', () => {
  test('is one line and one count, with who and where and why', async () => {
    const world = createWorld()
    const { cookie } = await world.signIn(wiki)
    await ask(
      world,
      { host: 'WIKI.example.com', target: '/a?secret=canary', headers: withCookie(cookie) },
      { dialect: 'nginx', bound: wiki },
    )
    expect(world.decisions()).toEqual([
      expect.objectContaining({
        dialect: 'nginx',
        application: 'team/wiki',
        outcome: 'allow',
        reason: 'policy-allows',
        policy: 'team/engineers',
        host: WIKI,
        path: '/a',
        method: 'GET',
        clientAddress: '192.0.2.7',
      }),
    ])
    expect(world.seen.output()).not.toContain('canary')
    expect(world.seen.output()).not.toContain(cookie.split('.')[1])
    const samples = await world.seen.samples()
    expect(samples).toContainEqual(
      expect.stringMatching(/^gatehouse_checks_total\{.*application="team\/wiki".*reason="policy-allows".* 1$/),
    )
  })

  test('names no application, host or dialect that a client made up', async () => {
    const world = createWorld()
    await world.check({ url: '/canary/app/canary/canary', rawHeaders: [] })
    await ask(world, { host: 'canary.test' }, { bound: { key: 'canary/canary' } })
    expect((await world.seen.samples()).join('\n')).not.toContain('canary')
  })
})

test('an allow cannot be worded as a refusal', () => {
  const world = createWorld()
  const about = { reader: undefined, request: undefined, application: undefined, identity: undefined }
  expect(() => world.ports.render(plainDecision('allow', 'policy-allows'), about)).toThrow(TypeError)
})

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { OUR_HEADERS } from '../../src/check/headers.ts'
import type { Application } from '../../src/policy/application.ts'
import { decide } from '../../src/policy/decide.ts'
import type { Identity } from '../../src/policy/identity.ts'
import { match } from '../../src/policy/match.ts'
import { isBelow, readTarget } from '../../src/policy/path.ts'
import { policySet } from '../../src/policy/policy-set.ts'
import { sampleRequest } from '../policy/sample.ts'
import { checkUrl, DIALECTS, type DialectName, type Headers, proxyHeaders, TRUSTED } from './calls.ts'
import { APPLICATIONS, createWorld, engineer, headersOf, salesman, wiki } from './world.ts'

/**
 * Whatever a client writes into headers that its proxy does not overwrite: the check decides what `decide` says of the
 * request that the proxy described, and of whoever the token names.
 */

const SET = policySet(APPLICATIONS)

const asked = fc.record({
  dialect: fc.constantFrom(...DIALECTS),
  bound: fc.option(fc.constantFrom(...APPLICATIONS), { nil: undefined, freq: 2 }),
  method: fc.constantFrom('GET', 'POST', 'HEAD', 'DELETE', 'OPTIONS'),
  host: fc.constantFrom(
    'wiki.example.com',
    'open.example.com',
    'mixed.example.com',
    'broken.example.com',
    'local.example.com',
    'x.wild.example.com',
    'y.x.wild.example.com',
    'unknown.example.com',
  ),
  target: fc.constantFrom(
    '/',
    '/api',
    '/api/x?y',
    '/apis',
    '/API',
    '/x?/../api',
    '/.gatehouse/login',
    '/.gatehouse',
    '/a/b',
  ),
  address: fc.constantFrom('192.0.2.7', '198.51.100.1', 'unknown'),
  /** Whose token, for which application, and whether the session still lives. */
  bearer: fc.option(
    fc.record({
      identity: fc.constantFrom(engineer, salesman),
      isFor: fc.constantFrom<'this' | 'another'>('this', 'this', 'another'),
      isLive: fc.constantFrom(true, true, false),
      isHeader: fc.boolean(),
    }),
    { nil: undefined, freq: 4 },
  ),
  isStoreDown: fc.constantFrom(false, false, false, true),
})
type Asked = typeof asked extends fc.Arbitrary<infer T> ? T : never

const text = fc.oneof(
  fc.stringMatching(/^[\x20-\x7e\x80-\xff]{0,30}$/),
  fc.constantFrom('/', '/.gatehouse/x', 'open.example.com', 'GET', '127.0.0.1', 'text/html', 'navigate', 'admin', ''),
)
const name = fc.oneof(
  fc.constantFrom(
    ...new Set([...DIALECTS.flatMap((dialect) => TRUSTED[dialect]), ...OUR_HEADERS]),
    ...[
      'X-Original-URL',
      'X-Rewrite-URL',
      'X-Forwarded-Proto',
      'Forwarded',
      'Authorization',
      'Referer',
      'User-Agent',
      'Host',
    ],
    ...['Accept', 'Sec-Fetch-Mode', 'X-Requested-With', 'Content-Type', 'Sec-WebSocket-Key', 'Connection', 'Upgrade'],
    ...['X-HTTP-Method-Override', 'Gatehouse-Tokens', 'Gatehouse-Session', 'X-Gatehouse-Token', 'ssl-client-verify'],
  ),
  fc.stringMatching(/^[a-zA-Z][a-zA-Z0-9-]{0,20}$/),
)
const clientHeaders = fc.array(fc.tuple(name, text), { maxLength: 15 })

/** A header that a client may add: one that the dialect reads is overwritten by the proxy, cookies are the test's own. */
function survives(dialect: DialectName, [header]: readonly [string, string]): boolean {
  const taken = [...TRUSTED[dialect], 'Cookie', 'Gatehouse-Token'].map((one) => one.toLowerCase())
  return !taken.includes(header.toLowerCase())
}

/** The application of the check, or why there is none; by the words of the design and not by the code under test. */
function applicationOf({ bound, host, target }: Asked): Application | string {
  const read = readTarget(target)
  if (typeof read === 'string') return read
  if (isBelow(read.path, '/.gatehouse')) return 'portal-not-routed'
  const found = match(SET, host, read.path)
  if (found === 'request-path-ambiguous') return found
  if (bound === undefined) return found ?? 'no-application'
  return found === bound ? bound : 'application-mismatch'
}

/** What has to come out. */
function expected(given: Asked): string {
  const application = applicationOf(given)
  if (typeof application === 'string') return `forbid ${application}`
  const { bearer } = given
  const reason = reasonOf(given)
  const identity: Identity | undefined = reason === undefined ? bearer?.identity : undefined
  const { path, query } = readTarget(given.target) as { path: string; query: string }
  const clientAddress = given.address === 'unknown' ? undefined : given.address
  const request = sampleRequest({ method: given.method, host: given.host, path, query, clientAddress })
  const decision = decide(application, request, identity, 0)
  if (decision.outcome !== 'challenge') return `${decision.outcome} ${decision.reason}`
  return reason === 'store-unavailable' ? `unavailable ${reason}` : `challenge ${reason}`
}

/** Why nobody is signed in; undefined if somebody is. */
function reasonOf({ bearer, isStoreDown }: Asked): string | undefined {
  if (bearer === undefined) return 'login-required'
  if (bearer.isFor === 'another') return 'token-invalid'
  if (isStoreDown) return 'store-unavailable'
  return bearer.isLive ? undefined : 'session-ended'
}

test('decides what the proxy’s words and the token come to, whatever else a client writes', async () => {
  const outcomes = new Map<string, number>()
  await fc.assert(
    fc.asyncProperty(asked, clientHeaders, fc.nat(), async (given, written, at) => {
      const { dialect, bound, bearer } = given
      const world = createWorld()
      const credentials: Headers = bearer === undefined ? [] : [await credential(world, given)]
      world.state.isStoreDown = given.isStoreDown
      const client = [...written.filter((header) => survives(dialect, header)), ...credentials]
      const place = at % (client.length + 1)
      const headers = [...client.slice(0, place), ...proxyHeaders(dialect, given), ...client.slice(place)]
      const question = { url: checkUrl(dialect, given, bound), rawHeaders: headers.flat() }
      for (const round of [1, 2]) {
        const answer = await world.check(question)
        const [decision = {}] = world.decisions().slice(-1)
        const said = `${decision.outcome} ${decision.reason}`
        expect([round, said]).toEqual([round, expected(given)])
        expect(answer.status === 200).toBe(decision.outcome === 'allow')
        outcomes.set(said, (outcomes.get(said) ?? 0) + 1)
        if (answer.status !== 200) continue
        const application = applicationOf(given) as Application
        const configured = application.identityHeaders.length
        expect(Object.keys(headersOf(answer))).toHaveLength(configured + 2)
        const isKnown = reasonOf(given) === undefined
        const user = headersOf(answer)['x-auth-request-user']
        if (user !== undefined) expect(user).toBe(isKnown ? bearer?.identity.subject : '')
      }
    }),
    { numRuns: 600 },
  )
  // The requests reach every kind of end.
  for (const outcome of ['allow', 'challenge', 'forbid', 'unavailable']) {
    expect([...outcomes.keys()].some((said) => said.startsWith(outcome))).toBe(true)
  }
  expect(outcomes.size).toBeGreaterThan(12)
})

async function credential(world: ReturnType<typeof createWorld>, given: Asked): Promise<readonly [string, string]> {
  const { bearer } = given
  if (bearer === undefined) throw new Error('nobody bears a token')
  const found = applicationOf(given)
  const own = typeof found === 'string' ? wiki : found
  const other = APPLICATIONS.find((one) => one !== own) ?? wiki
  const { token, session } = await world.signIn(bearer.isFor === 'this' ? own : other, bearer.identity)
  if (!bearer.isLive) await world.store.remove(session.sid)
  return bearer.isHeader ? ['Gatehouse-Token', token] : ['Cookie', `a=1; ${own.cookieName}=${token}`]
}

test('refuses whatever a client makes of a header that the proxy sets, beside it', async () => {
  const world = createWorld()
  const dialects = fc.constantFrom(...DIALECTS)
  await fc.assert(
    fc.asyncProperty(
      dialects,
      fc.nat(),
      fc.stringMatching(/^[-_.]{10}$/),
      fc.boolean(),
      text,
      async (dialect, index, marks, isUpper, value) => {
        const names = [
          ...TRUSTED[dialect],
          'X-Auth-Request-User',
          'X-Auth-Request-Email',
          'X-Auth-Request-Groups',
          'Gatehouse-Jwt-Assertion',
        ]
        const original = names[index % names.length] ?? ''
        let next = 0
        const respelt = original.replaceAll('-', () => marks[next++] ?? '-')
        const spelling = isUpper ? respelt.toUpperCase() : respelt
        const proxy = proxyHeaders(dialect, { host: 'open.example.com' })
        const url = checkUrl(dialect, { host: 'open.example.com' })
        const answers = await Promise.all(
          [
            [...proxy, [spelling, value]],
            [[spelling, value], ...proxy],
          ].map((all) => world.check({ url, rawHeaders: all.flat() as string[] })),
        )
        const isHarmless = !TRUSTED[dialect].includes(original) && !/[_.]/.test(respelt)
        expect(answers.map(({ status }) => status)).toEqual(isHarmless ? [200, 200] : [403, 403])
      },
    ),
    { numRuns: 1000 },
  )
})

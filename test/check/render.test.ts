import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { dialects } from '../../src/check/dialects/index.ts'
import { createReader, type Reader } from '../../src/check/read.ts'
import { createRender, type RefusedCheck, sizeOf } from '../../src/check/render.ts'
import { type Outcome, plainDecision } from '../../src/policy/decision.ts'
import { publicUrls } from '../../src/policy/public-url.ts'
import { type Reason, reasons } from '../../src/policy/reasons.ts'
import { sampleApplication, sampleIdentity, sampleRequest } from '../policy/sample.ts'
import { ADDRESS_SOURCES, DIALECTS, type DialectName } from './calls.ts'
import { defaultReaders, headersOf, urls } from './world.ts'

const render = createRender(urls)
const readers = defaultReaders()

function about(dialect: DialectName, isNavigation: boolean, parts: Partial<RefusedCheck> = {}): RefusedCheck {
  return {
    reader: readers.get(dialect),
    request: sampleRequest({ isNavigation, path: '/a', query: 'b=c' }),
    application: undefined,
    identity: undefined,
    ...parts,
  }
}

type Kind = 'redirect' | 'json' | 'page'
const LOGIN = 'https://app.example.com/.gatehouse/login?rd=%2Fa%3Fb%3Dc'

const cases: readonly [Outcome, Reason, DialectName, boolean, number, Kind, string | undefined][] = [
  ['challenge', 'login-required', 'nginx', true, 401, 'json', LOGIN],
  ['challenge', 'login-required', 'nginx', false, 401, 'json', undefined],
  ['challenge', 'login-required', 'ingress-nginx', true, 401, 'json', LOGIN],
  ['challenge', 'login-required', 'ingress-nginx', false, 401, 'json', undefined],
  ['challenge', 'token-expired', 'forward', true, 302, 'redirect', LOGIN],
  ['challenge', 'token-expired', 'forward', false, 401, 'json', undefined],
  ['forbid', 'policy-denies', 'nginx', true, 403, 'json', undefined],
  ['forbid', 'policy-denies', 'nginx', false, 403, 'json', undefined],
  ['forbid', 'policy-denies', 'ingress-nginx', true, 403, 'json', undefined],
  ['forbid', 'policy-denies', 'ingress-nginx', false, 403, 'json', undefined],
  ['forbid', 'policy-denies', 'forward', true, 403, 'page', undefined],
  ['forbid', 'policy-denies', 'forward', false, 403, 'json', undefined],
  ['unavailable', 'store-unavailable', 'nginx', true, 503, 'json', undefined],
  ['unavailable', 'store-unavailable', 'nginx', false, 503, 'json', undefined],
  ['unavailable', 'store-unavailable', 'ingress-nginx', true, 503, 'json', undefined],
  ['unavailable', 'store-unavailable', 'ingress-nginx', false, 503, 'json', undefined],
  ['unavailable', 'store-unavailable', 'forward', true, 503, 'page', undefined],
  ['unavailable', 'store-unavailable', 'forward', false, 503, 'json', undefined],
]

test.each(cases)(
  '%s (%s) in the dialect %s, navigation %s: %d, %s, Location %s',
  (outcome, reason, dialect, isNavigation, status, kind, location) => {
    const answer = render(plainDecision(outcome, reason), about(dialect, isNavigation))
    const headers = headersOf(answer)
    expect(answer.status).toBe(status)
    expect(headers['cache-control']).toBe('no-store')
    expect(headers['content-length']).toBe(String(Buffer.byteLength(answer.body)))
    expect(headers.location).toBe(location)
    expect(headers['retry-after'] !== undefined).toBe(status === 503)
    expect(headers['www-authenticate']).toBe(
      status === 401 ? `Gatehouse realm="${urls.issuer}", error="${reason}"` : undefined,
    )
    if (kind === 'json') {
      expect(headers['content-type']).toBe('application/json')
      expect(JSON.parse(answer.body)).toEqual({ error: reason })
    }
    if (kind === 'page') {
      expect(headers['content-type']).toContain('text/html')
      expect(headers['content-security-policy']).toContain("default-src 'none'")
      expect(answer.body).toContain(reason)
    }
    if (kind === 'redirect') expect(answer.body).toBe('')
  },
)

describe('whatever is refused', () => {
  const outcomes: Outcome[] = ['challenge', 'forbid', 'unavailable']

  test('is never 2xx, never stored, never sets a cookie, and fits the smallest buffer', () => {
    for (const outcome of outcomes) {
      for (const reason of Object.keys(reasons) as Reason[]) {
        for (const dialect of DIALECTS) {
          for (const isNavigation of [true, false]) {
            for (const parts of [
              {},
              { request: undefined },
              { reader: undefined },
              { application: sampleApplication(), identity: sampleIdentity() },
            ]) {
              const answer = render(plainDecision(outcome, reason), about(dialect, isNavigation, parts))
              const headers = headersOf(answer)
              expect(answer.status).toBeGreaterThan(299)
              expect(headers).toMatchObject({ 'cache-control': 'no-store' })
              expect(headers).not.toHaveProperty('set-cookie')
              expect(sizeOf(answer)).toBeLessThan(4096)
            }
          }
        }
      }
    }
  })

  test.each(['nginx', 'ingress-nginx'] as const)('is 401, 403 or 503 in the dialect %s', (dialect) => {
    for (const outcome of outcomes) {
      for (const isNavigation of [true, false]) {
        expect([401, 403, 503]).toContain(
          render(plainDecision(outcome, 'internal-error'), about(dialect, isNavigation)).status,
        )
      }
    }
  })

  test('shows a page of what was written by others as text', () => {
    const evil = '<script>alert(1)</script>'
    const answer = render(
      plainDecision('forbid', 'policy-denies'),
      about('forward', true, {
        application: sampleApplication({ denyMessage: evil, tile: { title: evil, description: evil } }),
        identity: sampleIdentity({ email: undefined, name: evil }),
      }),
    )
    expect(answer.body).not.toContain('<script')
    expect(answer.body).toContain('&lt;script')
  })
})

describe('the way to the login', () => {
  const locationOf = (path: string, query: string, host = 'app.example.com', render_ = render) =>
    headersOf(
      render_(
        plainDecision('challenge', 'login-required'),
        about('forward', true, { request: sampleRequest({ host, path, query }) }),
      ),
    ).location ?? ''

  test('stays on the app’s own host, and leads back to the very page', () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^\/[\x21-\x22\x24-\x3e\x40-\x7e]{0,60}$/),
        fc.stringMatching(/^[\x21-\x22\x24-\x7e]{0,60}$/),
        (path, query) => {
          const location = locationOf(path, query)
          expect(location).toMatch(/^[\x21-\x7e]+$/)
          const url = new URL(location)
          expect(url.origin + url.pathname).toBe('https://app.example.com/.gatehouse/login')
          expect([...url.searchParams]).toEqual([['rd', query === '' ? path : `${path}?${query}`]])
        },
      ),
    )
  })

  test.each<[string, string, string]>([
    ['/a', 'x'.repeat(4000), `/a?${'x'.repeat(4000)}`],
    ['/a', 'x'.repeat(5000), '/a'],
    ['/a', '%'.repeat(2000), '/a'],
    [`/${'x'.repeat(5000)}`, 'y', '/'],
    [`/${'x'.repeat(5000)}`, '', '/'],
  ])('loses the query and then the path where they are too long (%#)', (path, query, expected) => {
    expect(new URL(locationOf(path, query)).searchParams.get('rd')).toBe(expected)
  })

  test('has the scheme and port that apps are published on', () => {
    const development = createRender(publicUrls(new URL('http://auth.localhost:8000')))
    expect(locationOf('/', '', 'app.localhost', development)).toBe('http://app.localhost:8000/.gatehouse/login?rd=%2F')
  })
})

test('a new dialect that relays redirects and bodies gets both', () => {
  const [base] = dialects
  if (base === undefined) throw new Error('there are dialects')
  const reader: Reader = createReader(
    { ...base, name: 'new', relaysRedirects: true, relaysBodies: true },
    ADDRESS_SOURCES.nginx,
    443,
  )
  expect(render(plainDecision('challenge', 'login-required'), about('nginx', true, { reader })).status).toBe(302)
})

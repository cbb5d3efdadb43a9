import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { logList } from '../../src/observe/log-list.ts'
import { safeHost, safePath, safeSid, safeSubject, safeText, scrub } from '../../src/observe/redact.ts'
import { eventTable, SID, SUBJECT } from './event-table.ts'
import { observed } from './observed.ts'

const base64url = (length: number) => fc.uint8Array({ minLength: length, maxLength: length }).map(encoded)
const sessionId = base64url(32)
const jwt = fc
  .tuple(base64url(60), base64url(64))
  .map(([payload, signature]) => `eyJhbGciOiJFUzI1NiJ9.${payload}.${signature}`)
const email = fc.emailAddress().filter((address) => /^[\w.+-]+@/.test(address))
const secret = fc.oneof(sessionId, jwt, email)

function encoded(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url')
}

describe('scrub takes out', () => {
  const token = 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln'
  const cases: readonly [title: string, text: string, expected: string][] = [
    ['a JWT', `bad token ${token} found`, 'bad token [redacted] found'],
    ['half a JWT', 'eyJhbGciOiJFUzI1NiJ9.eyJzd', '[redacted]'],
    ['a bearer token', 'sent Bearer abc.def-123 there', 'sent Bearer [redacted] there'],
    ['a cookie header to the end of its line', 'Cookie: a=b; c=d\nnext', 'Cookie: [redacted]\nnext'],
    ['an Authorization header', 'authorization: Basic dXNlcjpwYXNz', 'authorization: [redacted]'],
    ['codes and states', 'code=4/abc&state=xyz&x=1', 'code=[redacted]&state=[redacted]&x=1'],
    ['a secret in JSON', '{"client_secret": "p4ss", "a": 1}', '{"client_secret": [redacted], "a": 1}'],
    ['a quoted password', "password='two words' ok", 'password=[redacted] ok'],
    ['an e-mail address', 'for alice.b+c@example.com, sorry', 'for [redacted], sorry'],
    ['an encoded e-mail address', '/users/alice%40example.com/edit', '/users/[redacted]/edit'],
    [
      'the query of a URL',
      'GET https://op.example/cb?code=1&x=2 failed',
      'GET https://op.example/cb?[redacted] failed',
    ],
    ['the fragment of a URL', 'at https://op.example/#id_token=1', 'at https://op.example/?[redacted]'],
    ['the password in a URL', 'redis://user:pa55@redis:6379/0', 'redis://[redacted]@redis:6379/0'],
    ['a session id', `id ${SID} gone`, 'id [redacted] gone'],
    ['a long hex string', `hash ${'0123456789abcdef'.repeat(4)}`, 'hash [redacted]'],
    ['what a terminal or a reader takes for layout', 'a\u009b31mb\u2028c\u202ed', 'a\ufffd31mb\ufffdc\ufffdd'],
  ]
  for (const [title, text, expected] of cases) {
    test(title, () => expect(scrub(text)).toBe(expected))
  }
})

describe('scrub leaves alone', () => {
  const texts = [
    'connect ECONNREFUSED 127.0.0.1:6379',
    'spec.include[0].emailDomain: expected a domain, found "exa mple"',
    'AccessApplication shop/a-very-long-name-of-an-application-in-production',
    'GATEHOUSE_SESSIONS_STORE_REDIS_SENTINEL_PASSWORD_FILE',
    'https://auth.example.com/login',
    '2001:db8:85a3:8d3:1319:8a2e:370:7348',
    'session ended, code unknown, no token',
    '550e8400-e29b-41d4-a716-446655440000',
    'at answer (file:///app/src/observe/ops-listener.ts:70:20)',
  ]
  for (const text of texts) test(text, () => expect(scrub(text)).toBe(text))
})

describe('secrets', () => {
  test('never come through a free text, whatever stands around them', () => {
    const around = fc.constantFrom(' ', '\n', '"', "'", '(', ')', ',', ';', '<', '>', ': ', '=', '/', '?x=', '&')
    fc.assert(
      fc.property(fc.string(), around, secret, around, fc.string(), (before, left, hidden, right, after) => {
        expect(safeText(`${before}${left}${hidden}${right}${after}`)).not.toContain(hidden)
      }),
    )
  })

  test('are not given away in part where a text is cut', () => {
    fc.assert(
      fc.property(sessionId, fc.integer({ min: 8_000, max: 8_200 }), (hidden, at) => {
        const kept = scrub(`${'a '.repeat(at / 2)}${hidden} and ${hidden}`)
        for (let length = 12; length <= hidden.length; length++) expect(kept).not.toContain(hidden.slice(0, length))
      }),
    )
  })

  test('never come through a path or a host', () => {
    fc.assert(
      fc.property(secret, (hidden) => {
        expect(safePath(`/a/${hidden}/b?code=${hidden}#${hidden}`)).not.toContain(hidden)
        expect(safePath(`/a?${hidden}`)).toBe('/a')
        expect(safeHost(`${hidden}.example.com:80`)).not.toContain(hidden)
      }),
    )
  })
})

test('a subject stands if it is the derived hash, and is scrubbed if it is anything else', () => {
  expect(safeSubject(SUBJECT)).toBe(SUBJECT)
  expect(safeSubject('alice@example.com')).toBe('[redacted]')
  expect(safeSubject('')).toBe('')
})

test('of the hash of a session twelve characters stand', () => {
  expect(safeSid(SID)).toBe(SID.slice(0, 12))
})

test('a long text is cut after it is scrubbed', () => {
  expect(safeText('a b'.repeat(1_000), 10)).toBe('a ba ba ba…')
})

test('no text keeps the event loop busy', () => {
  const hostile = [
    'a',
    'ey',
    '@',
    'a@',
    '%40',
    'code',
    '-',
    'eyaaaaaa.',
    '://',
    'a://',
    'basic ',
    "'",
    'cookie',
    '=',
    '[',
  ]
  for (const piece of hostile) {
    const text = piece.repeat(1_000_000 / piece.length)
    const before = performance.now()
    safeText(text)
    safePath(`/${text}`)
    expect(performance.now() - before, piece).toBeLessThan(500)
  }
})

describe('the log', () => {
  test('shows none of the secrets that any event is given', () => {
    fc.assert(
      fc.property(secret, (hidden) => {
        const seen = observed()
        for (const { event, argument } of eventTable) {
          const report = seen.events[event] as (argument: object) => void
          report(laced(argument, hidden))
        }
        expect(seen.lines()).toHaveLength(eventTable.length)
        expect(seen.output()).not.toContain(hidden)
        expect(seen.output()).not.toContain(JSON.stringify(hidden).slice(1, -1))
      }),
    )
  })

  test('has one line for each event, whatever control characters it is given', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const seen = observed()
        const forged = `${text}\r\n{"level":"info","event":"forged"}\u0000\u001b[2J`
        for (const { event, argument } of eventTable) {
          const report = seen.events[event] as (argument: object) => void
          report(laced(argument, forged))
        }
        const lines = seen.output().split('\n')
        expect(lines).toHaveLength(eventTable.length + 1)
        for (const { event } of seen.lines()) expect(Object.keys(logList)).toContain(event)
        for (const line of lines) expect(line).toMatch(/^[^\p{Cc}]*$/u)
      }),
    )
  })
})

/** Adds a secret to every free text of an event, and hangs it on fields that no event has. */
function laced(argument: object, hidden: string): object {
  const vocabulary = ['outcome', 'scope', 'kind', 'decision', 'kinds', 'subject', 'sid', 'operation']
  const entries = Object.entries(argument).map(([key, value]) => {
    if (key === 'error') return [key, failure(hidden)]
    return [key, typeof value === 'string' && !vocabulary.includes(key) ? `${value} ${hidden}` : value]
  })
  const extra = { cookie: hidden, token: hidden, email: hidden, headers: { cookie: hidden }, query: hidden }
  return { ...Object.fromEntries(entries), ...extra }
}

function failure(hidden: string): Error {
  const error = new TypeError(`cannot read ${hidden}`, { cause: new Error(hidden, { cause: hidden }) })
  return Object.assign(error, { code: hidden, reason: hidden, response: { body: hidden }, name: hidden })
}

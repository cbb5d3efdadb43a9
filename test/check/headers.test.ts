import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { allowHeaders, OUR_HEADERS } from '../../src/check/headers.ts'
import { IDENTITY_HEADERS, type IdentityHeader } from '../../src/policy/application.ts'
import type { Identity } from '../../src/policy/identity.ts'
import { sampleApplication, sampleIdentity } from '../policy/sample.ts'
import { headersOf } from './world.ts'

function headerFor(header: IdentityHeader, identity: Partial<Identity>): string {
  const application = sampleApplication({ identityHeaders: [header] })
  const facts = { identity: sampleIdentity(identity), assertion: undefined, cookies: '' }
  return allowHeaders(application, facts)[1] ?? ''
}

describe('a value that a header cannot hold as it is', () => {
  test.each<[string, string]>([
    ['ada@example.com', 'ada@example.com'],
    ['ada+tag@example.com', 'ada+tag@example.com'],
    ['Ada Lovelace', 'Ada Lovelace'],
    ['100%', '100%25'],
    ['%41', '%2541'],
    ['Zürich', 'Z%C3%BCrich'],
    ['日本', '%E6%97%A5%E6%9C%AC'],
    ['😀', '%F0%9F%98%80'],
    ['\ud800', '%EF%BF%BD'],
    ['a\udc00b', 'a%EF%BF%BDb'],
    ['a\r\nX-Evil: 1', 'a%0D%0AX-Evil: 1'],
    ['\0', '%00'],
    ['\t', '%09'],
    ['\x1f\x7f', '%1F%7F'],
    ['\u0080\u00a0\u00ff', '%C2%80%C2%A0%C3%BF'],
    ['a,b;c="d"', 'a,b;c="d"'],
    [' root', '%20root'],
    ['root ', 'root%20'],
    ['  root  ', '%20 root %20'],
    [' ', '%20'],
    ['', ''],
    ['\u212a', '%E2%84%AA'],
  ])('is percent-encoded: %j as %s', (text, expected) => {
    expect(headerFor('PreferredUsername', { preferredUsername: text })).toBe(expected)
    expect(headerFor('Email', { email: text })).toBe(expected)
  })

  test('comes back by decoding, and is left alone by HTTP', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const value = headerFor('PreferredUsername', { preferredUsername: text })
        expect(decodeURIComponent(value)).toBe(text.toWellFormed())
        expect(value).toMatch(/^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$|^$/)
      }),
      { numRuns: 2000 },
    )
  })
})

describe('groups', () => {
  test.each<[string[], string]>([
    [[], ''],
    [['a'], 'a'],
    [['a', 'b'], 'a,b'],
    [['a,b', 'c'], 'a%2Cb,c'],
    [['a b', ' admins', 'admins '], 'a b,%20admins,admins%20'],
    [['Zürich', '100%'], 'Z%C3%BCrich,100%25'],
    [['CN=admins,OU=x'], 'CN=admins%2COU=x'],
    [['a\nb'], 'a%0Ab'],
  ])('%j are written %s', (groups, expected) => {
    expect(headerFor('Groups', { groups })).toBe(expected)
  })

  test('come back by splitting and decoding, none more and none less', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary', minLength: 1 }), { minLength: 1 }), (groups) => {
        const parts = headerFor('Groups', { groups }).split(',')
        expect(parts.map(decodeURIComponent)).toEqual(groups.map((group) => group.toWellFormed()))
        for (const part of parts) expect(part.trim()).toBe(part)
      }),
      { numRuns: 1000 },
    )
  })
})

describe('the headers of an allow', () => {
  test('are those that the application asks for, and two more', () => {
    fc.assert(
      fc.property(fc.subarray([...IDENTITY_HEADERS]), fc.boolean(), (identityHeaders, isSignedIn) => {
        const headers = headersOf({
          headers: allowHeaders(sampleApplication({ identityHeaders }), {
            identity: isSignedIn ? sampleIdentity({ email: undefined, preferredUsername: undefined }) : undefined,
            assertion: undefined,
            cookies: '',
          }),
        })
        const expected = identityHeaders.map((header) => OUR_HEADERS[IDENTITY_HEADERS.indexOf(header)]?.toLowerCase())
        expect(Object.keys(headers)).toEqual([...expected, 'cache-control', 'content-length'])
      }),
    )
  })

  test('have these names', () => {
    expect(OUR_HEADERS).toEqual([
      'Gatehouse-Jwt-Assertion',
      'X-Auth-Request-User',
      'X-Auth-Request-Email',
      'X-Auth-Request-Groups',
      'X-Auth-Request-Preferred-Username',
      'Cookie',
    ])
  })
})

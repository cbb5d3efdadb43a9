import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canonicalHost, isHostPattern, wildcardOf } from '../../src/policy/host.ts'
import vectors from './vectors/hosts.json' with { type: 'json' }

const PUBLIC_PORT = vectors.publicPort

describe('canonicalHost', () => {
  test.each(vectors.accepted)('accepts $title: $text', ({ text, host }) => {
    expect(canonicalHost(text, PUBLIC_PORT)).toBe(host)
  })

  test.each(vectors.refused)('refuses $title: $text', ({ text }) => {
    expect(canonicalHost(text, PUBLIC_PORT)).toBeUndefined()
  })

  test('accepts exactly the port that apps are published on', () => {
    expect(canonicalHost('auth.localhost:8000', 8000)).toBe('auth.localhost')
    expect(canonicalHost('auth.localhost', 8000)).toBe('auth.localhost')
    expect(canonicalHost('auth.localhost:443', 8000)).toBeUndefined()
  })

  test('lets only canonical names out, and leaves those as they are', () => {
    fc.assert(
      fc.property(hostLikeText, (text) => {
        const host = canonicalHost(text, PUBLIC_PORT)
        if (host === undefined) return
        expect(host).toMatch(/^[a-z0-9.-]{1,253}$/)
        for (const label of host.split('.')) {
          expect(label).toMatch(/^[a-z0-9-]{1,63}$/)
          expect(label.startsWith('-') || label.endsWith('-')).toBe(false)
        }
        expect(canonicalHost(host, PUBLIC_PORT)).toBe(host)
        expect(canonicalHost(`${host.toUpperCase()}.:${PUBLIC_PORT}`, PUBLIC_PORT)).toBe(host)
      }),
      { numRuns: 5000 },
    )
  })

  test('adds nothing and drops nothing but letter case, one trailing dot and the port', () => {
    fc.assert(
      fc.property(hostLikeText, (text) => {
        const host = canonicalHost(text, PUBLIC_PORT)
        if (host !== undefined) expect([host, `${host}.`, `${host}:443`, `${host}.:443`]).toContain(text.toLowerCase())
      }),
      { numRuns: 5000 },
    )
  })

  test('reads a host of 8,000 dashes or letters in no time', () => {
    for (const text of ['-'.repeat(8000), 'a'.repeat(8000), `${'a-'.repeat(4000)}!`, `${'a.'.repeat(4000)}!`]) {
      expect(canonicalHost(text, PUBLIC_PORT)).toBeUndefined()
    }
  })
})

const hostLikeText = fc.oneof(
  fc.string({ unit: fc.constantFrom(...'aZ09.-:@#_ \u212a\u0130'), maxLength: 12 }),
  fc
    .array(fc.string({ unit: fc.constantFrom(...'abXY019-'), minLength: 1, maxLength: 66 }), {
      minLength: 1,
      maxLength: 5,
    })
    .map((labels) => labels.join('.')),
  fc.tuple(fc.domain(), fc.constantFrom('', '.', ':443', '.:443', ':80')).map(([name, end]) => name + end),
  fc.string({ unit: 'binary', maxLength: 20 }),
)

describe('isHostPattern', () => {
  test.each(['app.example.com', 'localhost', '*.example.com', '*.a.b.example.com', '*.localhost', '192.0.2.7'])(
    'admits %s',
    (text) => expect(isHostPattern(text)).toBe(true),
  )

  test.each([
    '',
    '*',
    '*.',
    '*.com',
    '*.*.example.com',
    'a.*.example.com',
    'app*.example.com',
    '*app.example.com',
    '**.example.com',
    'App.example.com',
    'app.example.com.',
    'app.example.com:443',
    'app.example.com:0',
    '*.example.com:0',
    '*.-example.com',
    'http://app.example.com',
    'app.example.com/admin',
    '\u212aelvin.example.com',
  ])('refuses %s', (text) => expect(isHostPattern(text)).toBe(false))
})

describe('wildcardOf', () => {
  test('replaces the first label and only that', () => {
    expect(wildcardOf('a.example.com')).toBe('*.example.com')
    expect(wildcardOf('b.a.example.com')).toBe('*.a.example.com')
  })

  test('knows no wildcard for a single label', () => {
    expect(wildcardOf('localhost')).toBeUndefined()
  })
})

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isKnownHost, match } from '../../src/policy/match.ts'
import { readTarget } from '../../src/policy/path.ts'
import { EMPTY_POLICY_SET, type PolicySet, policySet } from '../../src/policy/policy-set.ts'
import { applicationAt } from './sample.ts'

/** The name of what `match` finds, its reason, or `none`. */
function matched(set: PolicySet, host: string, path: string): string {
  const found = match(set, host, path)
  return typeof found === 'object' ? found.name : (found ?? 'none')
}

describe('match', () => {
  const set = policySet([
    applicationAt('root', 'app.example.com/'),
    applicationAt('api', 'app.example.com/api'),
    applicationAt('users', 'app.example.com/api/v1/users'),
    applicationAt('wild', '*.example.com/'),
    applicationAt('deep', '*.a.example.com/only'),
    applicationAt('partial', 'part.example.com/admin'),
    applicationAt('slash', 'slash.example.com/admin/'),
    applicationAt('lonely', 'localhost/'),
  ])

  test.each([
    ['the whole host', 'app.example.com', '/', 'root'],
    ['what no longer prefix covers', 'app.example.com', '/other', 'root'],
    ['a prefix itself', 'app.example.com', '/api', 'api'],
    ['a prefix with a slash at its end', 'app.example.com', '/api/', 'api'],
    ['below a prefix', 'app.example.com', '/api/v1', 'api'],
    ['by whole segments', 'app.example.com', '/apis', 'root'],
    ['by whole segments, deeper', 'app.example.com', '/api/v1/users2', 'api'],
    ['the longest prefix', 'app.example.com', '/api/v1/users/7', 'users'],
    ['a prefix only from the start', 'app.example.com', '/x/api', 'root'],
    ['a wildcard', 'other.example.com', '/api', 'wild'],
    ['a wildcard for one label only', 'x.y.example.com', '/', 'none'],
    ['a wildcard not for its own base', 'example.com', '/', 'none'],
    ['a host that merely ends alike', 'evil-example.com', '/', 'none'],
    ['the deeper wildcard', 'x.a.example.com', '/only', 'deep'],
    ['nothing, if the wildcard has another path', 'x.a.example.com', '/', 'none'],
    ['an exact host before its wildcard', 'part.example.com', '/admin', 'partial'],
    ['the wildcard where the exact host has no such path', 'part.example.com', '/else', 'wild'],
    ['a destination that ends in a slash, also without it', 'slash.example.com', '/admin', 'slash'],
    ['below a destination that ends in a slash', 'slash.example.com', '/admin/x', 'slash'],
    ['a host of one label', 'localhost', '/a', 'lonely'],
    ['nothing for an unknown host', 'unknown.test', '/', 'none'],
    ['nothing for names of object members', '__proto__', '/', 'none'],
    ['nothing for the empty host', '', '/', 'none'],
  ])('finds %s: %s %s is %s', (_, host, path, expected) => {
    expect(matched(set, host, path)).toBe(expected)
  })

  test.each([
    ['/API', 'letter case'],
    ['/Api/v1/users', 'letter case'],
    ['/api/V1/users', 'letter case, of the longer prefix'],
    ['/api.', 'a dot at the end'],
    ['/api%20', 'a space at the end'],
    ['/api%20/x', 'a space at the end of a segment'],
    ['/api%40', undefined],
    ['/apis.', undefined],
  ])('calls %s ambiguous only if a server may read it as below a prefix (%s)', (path, why) => {
    expect(matched(set, 'app.example.com', path)).toBe(why === undefined ? 'root' : 'request-path-ambiguous')
  })

  test('calls a path ambiguous where an escape hides a prefix', () => {
    const scoped = policySet([
      applicationAt('root', 'app.example.com/'),
      applicationAt('scope', 'app.example.com/@scope', 'app.example.com/~ada', 'app.example.com/caf%C3%A9'),
    ])
    expect(matched(scoped, 'app.example.com', '/@scope/x')).toBe('scope')
    expect(matched(scoped, 'app.example.com', '/%40scope/x')).toBe('request-path-ambiguous')
    expect(matched(scoped, 'app.example.com', '/%7Eada')).toBe('request-path-ambiguous')
    expect(matched(scoped, 'app.example.com', '/caf%C3%A9')).toBe('scope')
    expect(matched(scoped, 'app.example.com', '/caf%c3%a9')).toBe('request-path-ambiguous')
    expect(matched(scoped, 'app.example.com', '/users/ada%40example.com')).toBe('root')
  })

  test('calls nothing ambiguous between destinations of one application', () => {
    const one = policySet([applicationAt('one', 'app.example.com/', 'app.example.com/api')])
    expect(matched(one, 'app.example.com', '/API')).toBe('one')
  })

  test('calls a path ambiguous rather than uncovered, and does not ask the wildcard about it', () => {
    const only = policySet([applicationAt('api', 'app.example.com/api'), applicationAt('wild', '*.example.com/')])
    expect(matched(only, 'app.example.com', '/API')).toBe('request-path-ambiguous')
  })

  test('gives one of two destinations that differ in letter case to the first, and the other to nobody', () => {
    const twins = policySet([
      applicationAt('root', 'app.example.com/'),
      applicationAt('lower', 'app.example.com/api'),
      applicationAt('upper', 'app.example.com/API'),
    ])
    expect(matched(twins, 'app.example.com', '/api')).toBe('lower')
    expect(matched(twins, 'app.example.com', '/API')).toBe('request-path-ambiguous')
  })

  test('does not ask the wildcard about a host that stands apart from it', () => {
    const apart = policySet(
      [applicationAt('part', 'part.example.com/admin'), applicationAt('wild', '*.example.com/')],
      new Set(['part.example.com', 'none.example.com']),
    )
    expect(matched(apart, 'part.example.com', '/admin')).toBe('part')
    expect(matched(apart, 'part.example.com', '/else')).toBe('none')
    expect(matched(apart, 'none.example.com', '/')).toBe('none')
    expect(matched(apart, 'other.example.com', '/')).toBe('wild')
    expect(['part', 'none', 'other'].map((name) => isKnownHost(apart, `${name}.example.com`))).toEqual([
      true,
      false,
      true,
    ])
  })

  test('looks up no more of a long path than the longest destination has', () => {
    const looked: string[] = []
    const hosts = new Map([
      [
        'app.example.com',
        Object.assign(new Map(set.hosts.get('app.example.com')), { get: (key: string) => void looked.push(key) }),
      ],
    ])
    match({ ...set, hosts }, 'app.example.com', `/api/v1/users${'/a'.repeat(30_000)}`)
    expect(looked).toEqual(['/api/v1/users', '/api/v1', '/api', ''])
  })

  test('finds nothing in an empty set', () => {
    expect(match(EMPTY_POLICY_SET, 'app.example.com', '/')).toBeUndefined()
    expect(isKnownHost(EMPTY_POLICY_SET, 'app.example.com')).toBe(false)
  })

  test('finds the same whatever the order of distinct destinations', () => {
    fc.assert(
      fc.property(
        distinctDestinations,
        hostText,
        pathText,
        fc.infiniteStream(fc.nat()),
        (names, host, path, random) => {
          const applications = names.map((name, index) => applicationAt(`app${index}`, name))
          const shuffled = applications
            .map((application) => ({ application, rank: random.next().value }))
            .sort((a, b) => a.rank - b.rank)
            .map(({ application }) => application)
          expect(matched(policySet(shuffled), host, path)).toBe(matched(policySet(applications), host, path))
        },
      ),
      { numRuns: 2000 },
    )
  })

  test('finds the same with any query', () => {
    fc.assert(
      fc.property(pathText, fc.string({ unit: fc.constantFrom(...'/api?&=.%2f;') }), (path, query) => {
        const target = readTarget(`${path}?${query}`)
        expect(typeof target === 'string' ? target : matched(set, 'app.example.com', target.path)).toBe(
          matched(set, 'app.example.com', path),
        )
      }),
      { numRuns: 2000 },
    )
  })
})

const hostText = fc.constantFrom('a.test', 'b.test', 'x.a.test', 'test', 'localhost')
const pathText = fc
  .array(fc.constantFrom('a', 'b', 'A', 'api', 'a.', 'a%20', 'ab', '@', '%40'), { maxLength: 4 })
  .map((segments) => `/${segments.join('/')}`)
const distinctDestinations = fc.uniqueArray(
  fc
    .tuple(
      fc.constantFrom('a.test', '*.test', '*.a.test', 'localhost'),
      fc.constantFrom('/', '/a', '/a/b', '/b', '/api', '/@'),
    )
    .map(([host, path]) => host + path),
  { maxLength: 10 },
)

describe('isKnownHost', () => {
  const set = policySet([applicationAt('one', 'app.example.com/admin'), applicationAt('two', '*.wild.test/')])

  test.each([
    ['app.example.com', true],
    ['x.wild.test', true],
    ['x.y.wild.test', false],
    ['wild.test', false],
    ['other.example.com', false],
    ['localhost', false],
  ])('%s: %s', (host, expected) => expect(isKnownHost(set, host)).toBe(expected))
})

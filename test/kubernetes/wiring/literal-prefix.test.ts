import fc from 'fast-check'
import { expect, test } from 'vitest'
import { literalPrefix, readableParent } from '../../../src/kubernetes/wiring/literal-prefix.ts'
import { isBelow } from '../../../src/policy/path.ts'
import { isDestinationPath } from '../../../src/resources/v1alpha1/destination.ts'

test.for([
  ['/', '/'],
  ['/api', '/api'],
  ['/api/', '/api'],
  ['/api$', '/api'],
  ['^/api/v1', '/api/v1'],
  ['/api(/|$)(.*)', '/api'],
  ['/api(?:/|$)(.*)', '/api'],
  ['/api($|/)(.*)', '/api'],
  ['/api/?(.*)', '/api'],
  ['/api/(.*)', '/api'],
  ['/api/.*', '/api'],
  ['/api.*', '/'],
  ['/apis?', '/'],
  ['/team/apis?/x', '/team'],
  ['/v[0-9]+/users', '/'],
  ['/users/v[0-9]+', '/users'],
  ['/files/report\\.pdf', '/files/report.pdf'],
  ['/files/\\d+', '/files'],
  ['/(.*)', '/'],
  ['/a|/b', '/'],
  ['/a(/x|/y)', '/a'],
  ['/a[|]b/c', '/'],
  ['/a//b', '/a'],
  ['/a;b/c', '/'],
  ['', '/'],
  ['[', '/'],
] as const)('%s counts as %s', ([expression, prefix]) => {
  expect(literalPrefix(expression)).toBe(prefix)
})

test.for([
  ['/a/b', '/a/b'],
  ['/a/', '/a'],
  ['/a/b;c/d', '/a'],
  ['/a/%2f/b', '/a'],
  ['/a/*/b', '/a'],
  ['//', '/'],
] as const)('the readable part of %s is %s', ([path, prefix]) => {
  expect(readableParent(path)).toBe(prefix)
})

test('what a regular expression counts as may stand as a destination', () => {
  const piece = fc.constantFrom('/', 'a', 'b', '.', '*', '?', '(', ')', '|', '[', ']', '\\', '%2f', ';', '$', '{2}')
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      expect(literalPrefix(`/${pieces.join('')}`)).toSatisfy(isDestinationPath)
    }),
  )
})

test('a plain path lies at or below the part of it that is readable', () => {
  fc.assert(
    fc.property(fc.webPath(), (path) => {
      const prefix = readableParent(path)
      expect(prefix).toSatisfy(isDestinationPath)
      expect(isBelow(path === '' ? '/' : path, prefix)).toBe(true)
    }),
  )
})

test('a very long expression takes no long time', () => {
  expect(literalPrefix(`/a/${'['.repeat(1_000_000)}`)).toBe('/a')
})

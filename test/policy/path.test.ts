import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { foldPath, isBelow, isPathPrefix, readTarget } from '../../src/policy/path.ts'
import { readings } from './readers.ts'
import vectors from './vectors/paths.json' with { type: 'json' }

describe('readTarget', () => {
  test.each(vectors.accepted)('accepts $title: $target', ({ target, path, query }) => {
    expect(readTarget(target)).toEqual({ path, query })
  })

  test.each(vectors.refused)('refuses $title: $target', ({ target, reason }) => {
    expect(readTarget(target)).toBe(reason)
  })

  test('refuses every escape of a character that may stand in a name or that separates, in either letter case', () => {
    const decoded = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_./\\%#?;']
    for (const character of decoded) {
      const digits = character.charCodeAt(0).toString(16)
      for (const escaped of [`%${digits}`, `%${digits.toUpperCase()}`]) {
        expect([escaped, readTarget(`/a${escaped}b`)]).toEqual([escaped, 'request-path-ambiguous'])
      }
    }
  })

  test('refuses every encoded control character and accepts every other escape of ASCII', () => {
    const refused = /[\p{Cc}A-Za-z0-9\-_./\\%#?;]/u
    for (let code = 0; code < 0x80; code++) {
      const escaped = `%${code.toString(16).padStart(2, '0')}`
      const isRefused = typeof readTarget(`/a${escaped}b`) === 'string'
      expect([escaped, isRefused]).toEqual([escaped, refused.test(String.fromCharCode(code))])
    }
  })

  test('accepts whatever encodeURIComponent makes of names without `/ \\ % # ? ;`', () => {
    fc.assert(
      fc.property(fc.array(browserSegment, { minLength: 1, maxLength: 4 }), (segments) => {
        const path = `/${segments.map(encodeURIComponent).join('/')}`
        expect(readTarget(path)).toEqual({ path, query: '' })
      }),
      { numRuns: 2000 },
    )
  })

  test('keeps both parts as they came', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary-ascii' }), fc.string({ unit: 'binary-ascii' }), (path, query) => {
        const target = readTarget(`/${path}?${query}`)
        if (typeof target !== 'string') expect(`${target.path}?${target.query}`).toBe(`/${path}?${query}`)
      }),
    )
  })

  test('judges the path alone: no query changes what becomes of it', () => {
    fc.assert(
      fc.property(fc.constantFrom(...pathsOfVectors), printableText, (path, query) => {
        const alone = readTarget(path)
        const together = readTarget(`${path}?${query}`)
        if (typeof alone === 'string') expect(together).toBe(alone)
        else expect(together).toEqual({ path: alone.path, query })
      }),
      { numRuns: 2000 },
    )
  })

  test('accepts no path that a server could read as dot segments, empty segments, parameters or another path', () => {
    for (const { path } of vectors.accepted) {
      for (const { name, read } of readings) {
        const segments = read(path).split('/').slice(1)
        const isEmptyInside = segments.slice(0, -1).includes('')
        const isOdd = segments.some((segment) => /^\.\.?$|[;\\?#]/.test(segment))
        expect([path, name, isEmptyInside, isOdd]).toEqual([path, name, false, false])
      }
    }
  })

  test('reads 64 kB of anything in no time', () => {
    for (const piece of ['/', '/.', '%', '%2', 'a', '/a', '%c3%bc', '. ', ';', '/a.']) {
      const path = `/${piece.repeat(65_536 / piece.length)}`
      readTarget(path)
      foldPath(path)
    }
  })
})

const browserSegment = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
  .filter((text) => !/[/\\%#?;]|^[. ]+$/.test(text) && text.isWellFormed())
const pathsOfVectors = [...vectors.accepted, ...vectors.refused]
  .map(({ target }) => target)
  .filter((target) => !/[?#]/.test(target) && target !== '')
const printableText = fc.string({ unit: fc.constantFrom(...'!$%&/;\\?=.%2fabcXYZ019~') })

describe('isBelow', () => {
  test.each([
    ['/a', '/a', true],
    ['/a/', '/a', true],
    ['/a/b', '/a', true],
    ['/ab', '/a', false],
    ['/a.json', '/a', false],
    ['/a%20', '/a', false],
    ['/', '/a', false],
    ['/A', '/a', false],
    ['/b/a', '/a', false],
    ['/', '/', true],
    ['/a', '/', true],
    ['/a', '', true],
    ['/a', '/a/', false],
    ['/a/b', '/a/', true],
  ])('%s below %s: %s', (path, prefix, expected) => {
    expect(isBelow(path, prefix)).toBe(expected)
  })
})

describe('isPathPrefix', () => {
  test.each(['/', '/admin', '/admin/', '/a/b.c/~d', '/@scope', '/caf%C3%A9'])('admits %s', (text) => {
    expect(isPathPrefix(text)).toBe(true)
  })

  test.each([
    '',
    'admin',
    '/a?b',
    '/a?',
    '?',
    '/a#b',
    '/a//b',
    '/a/../b',
    '/%61dmin',
    '/a;b',
    '/caf\u00e9',
    '/a b',
    '/a%',
    '/a%2',
    '/a%zz',
    '/a%fz',
    '/a%g0',
    '/a%%20',
  ])('refuses %s, which no accepted request could have', (text) => expect(isPathPrefix(text)).toBe(false))
})

describe('foldPath', () => {
  test.each([
    ['/', '/'],
    ['/Admin', '/admin'],
    ['/%40Scope', '/@scope'],
    ['/%7Eada', '/~ada'],
    ['/caf%C3%A9', '/caf%c3%a9'],
    ['/admin.', '/admin'],
    ['/admin%20', '/admin'],
    ['/admin.%20./x', '/admin/x'],
    ['/a%20b.c', '/a b.c'],
    ['/...', '/...'],
    ['/a/', '/a/'],
  ])('reads %s as %s', (path, folded) => {
    expect(foldPath(path)).toBe(folded)
  })

  test('is idempotent and keeps what lies below what', () => {
    const accepted = vectors.accepted.map(({ path }) => path)
    for (const path of accepted) {
      expect(foldPath(foldPath(path))).toBe(foldPath(path))
      for (const prefix of accepted) {
        if (isBelow(path, prefix)) expect(isBelow(foldPath(path), foldPath(prefix))).toBe(true)
      }
    }
  })
})

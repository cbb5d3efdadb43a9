import { describe, expect, test } from 'vitest'
import { match } from '../../src/policy/match.ts'
import { readTarget } from '../../src/policy/path.ts'
import { policySet } from '../../src/policy/policy-set.ts'
import { type Reader, readings } from './readers.ts'
import { applicationAt } from './sample.ts'

/**
 * Metamorphic: whatever path is accepted and matched, no server that reads it differently finds itself below another
 * application's prefix. So the decision is never more permissive than the one about any reading of the path.
 */

const PREFIXES = [
  '/',
  '/admin',
  '/api',
  '/api/v1/users',
  '/Reports',
  '/a.b-c_d',
  '/~ada',
  '/@scope',
  '/caf%C3%A9',
  '/x',
  '/public/files/',
]
const SET = policySet(PREFIXES.map((prefix) => applicationAt(prefix, `app.example.com${prefix}`)))
const MUTATIONS = 120_000

interface Server {
  readonly name: string
  readonly ownerOf: (raw: string) => string | undefined
}

const SERVERS = readings.map(serverOf)
const AS_IT_CAME = SERVERS[0]!

describe('match', () => {
  test('finds one application for every reading of a path, or none', () => {
    const random = randomNumbers(20_260_101)
    const found: string[] = []
    const count = { matched: 0, elusive: 0 }
    for (let round = 0; round < MUTATIONS; round++) {
      const raw = mutated(random)
      const owner = ownerOf(raw)
      if (owner === undefined) {
        // Looking at some of the refused ones is enough to know that the mutations are of the right sort.
        if (round % 20 === 0 && otherReader(raw) !== undefined) count.elusive += 20
        continue
      }
      count.matched++
      const expected = AS_IT_CAME.ownerOf(raw)
      const other = otherReader(raw)
      if (owner !== expected) found.push(`${raw} matches ${owner} instead of ${expected}`)
      if (other !== undefined)
        found.push(`${raw} matches ${owner}, but whoever ${other.name} finds ${other.ownerOf(raw)}`)
    }
    expect(found.slice(0, 10)).toEqual([])
    // The mutations reach both sides: many paths are accepted, and many would have led a server elsewhere.
    expect(count.matched).toBeGreaterThan(MUTATIONS / 20)
    expect(count.elusive).toBeGreaterThan(MUTATIONS / 10)
  })

  test.each([
    '/%61dmin',
    '/ADMIN',
    '/x/../admin',
    '/x/%2e%2e/admin',
    '/x/..%2fadmin',
    '/x%2f..%2fadmin',
    '/x/..;/admin',
    '/admin;x=1',
    '/;/admin',
    '//admin',
    '/\\admin',
    '/x\\..\\admin',
    '/admin%00',
    '/admin%0a',
    '/admin%20',
    '/admin.',
    '/admin%23',
    '/admin%3fx',
    '/%2561dmin',
    '/%c1%a1dmin',
    '/..%c0%afadmin',
    '/%40scope',
    '/%7Eada',
  ])('finds no application for %s, which some server takes for another path', (path) => {
    expect(ownerOf(path)).toBeUndefined()
  })
})

/** The prefix that `readTarget` and `match` come to; undefined if either refuses. */
function ownerOf(raw: string): string | undefined {
  const target = readTarget(raw)
  if (typeof target === 'string') return undefined
  const found = match(SET, 'app.example.com', target.path)
  return typeof found === 'object' ? found.name : undefined
}

/** The first reader that finds another prefix than one who reads the path as it came. */
function otherReader(raw: string): Server | undefined {
  const expected = AS_IT_CAME.ownerOf(raw)
  return SERVERS.find((server) => server.ownerOf(raw) !== expected)
}

/** A server that reads prefixes as it reads paths, and finds the longest one that the path lies below. */
function serverOf({ name, read }: Reader): Server {
  const longestFirst = PREFIXES.toSorted((a, b) => b.length - a.length)
  const wanted = longestFirst.map((prefix) => ({ prefix, start: withSlash(read(prefix)) }))
  return {
    name,
    ownerOf: (raw) => {
      const path = withSlash(read(raw))
      return wanted.find(({ start }) => path.startsWith(start))?.prefix
    },
  }
}

const PIECES = [
  ...[
    '/',
    '//',
    '.',
    '..',
    '/.',
    '/..',
    '/./',
    '/../',
    '..;',
    '...',
    ';',
    ';a=b',
    '\\',
    '%',
    '%%',
    '+',
    '~',
    '@',
    ':',
    ' ',
    '#',
  ],
  ...[
    '%2f',
    '%2F',
    '%5c',
    '%2e',
    '%2E%2e',
    '%25',
    '%252f',
    '%00',
    '%0a',
    '%09',
    '%7f',
    '%20',
    '%23',
    '%3f',
    '%3B',
    '%zz',
    '%u002f',
  ],
  ...[
    '%61',
    '%41',
    '%7E',
    '%40',
    '%2d',
    '%c0%af',
    '%c1%a1',
    '%e0%80%af',
    '%C3%A9',
    '%c3%a9',
    '%a0',
    '%ff',
    'admin',
    'x',
    'A',
    'a',
  ],
]

/** A protected path or one beside it, spoilt in up to three places. */
function mutated(random: () => number): string {
  const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)]!
  const start = pick(['', '', '', '/x', '/public'])
  let path = start + pick(PREFIXES) + pick(['', '', '/', '/edit', 'x']) || '/'
  for (let times = Math.floor(random() * 4); times > 0; times--) {
    const at = 1 + Math.floor(random() * path.length)
    path = pick([insertPiece, escapeOne, flipCase])(path, at)
  }
  return path

  function insertPiece(text: string, at: number): string {
    return text.slice(0, at) + pick(PIECES) + text.slice(at)
  }

  function escapeOne(text: string, at: number): string {
    const character = text.charAt(at)
    const digits = character.charCodeAt(0).toString(16)
    return character === '' ? text : `${text.slice(0, at)}%${pick([digits, digits.toUpperCase()])}${text.slice(at + 1)}`
  }

  function flipCase(text: string, at: number): string {
    const character = text.charAt(at)
    const flipped = character === character.toLowerCase() ? character.toUpperCase() : character.toLowerCase()
    return text.slice(0, at) + flipped + text.slice(at + 1)
  }
}

function withSlash(path: string): string {
  return path.endsWith('/') ? path : `${path}/`
}

/** The same numbers in [0, 1) at every run (mulberry32). */
function randomNumbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

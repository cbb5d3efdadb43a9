import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  formatHostClaims,
  MOST_RECORD_BYTES,
  parseHostClaims,
  type RecordedHost,
} from '../../src/kubernetes/host-claims-text.ts'

const claimed = (host: string, namespace: string, unclaimedSince?: number): RecordedHost => ({
  host,
  namespace,
  unclaimedSince,
})
const NOON = Date.UTC(2026, 0, 31, 12)
const SHAPE = 'expected a host, a namespace, and at most the time since when nobody claims the host'

const cases: [title: string, text: string | undefined, claims: RecordedHost[], problems: string[]][] = [
  ['nothing where there is no record', undefined, [], []],
  ['nothing in an empty text', '\n  \n', [], []],
  ['a host and its namespace', 'a.example.com one\n', [claimed('a.example.com', 'one')], []],
  ['a wildcard', '*.example.com one', [claimed('*.example.com', 'one')], []],
  ['since when nobody claims it', 'a.b one 2026-01-31T12:00:00.000Z\n', [claimed('a.b', 'one', NOON)], []],
  ['any time of RFC 3339', 'a.b one 2026-01-31T13:00:00+01:00', [claimed('a.b', 'one', NOON)], []],
  ['other spaces and line ends', '  a.b\t one \r\nc.d two\r\n', [claimed('a.b', 'one'), claimed('c.d', 'two')], []],
  ['no comment', '# by hand\na.b one', [claimed('a.b', 'one')], []],
  [
    'the first of doubled hosts',
    'a.b one\na.b two',
    [claimed('a.b', 'one')],
    ['2: a.b stands above already, and that line counts'],
  ],
  [
    'a claim without a time that cannot be read',
    'a.b one soon',
    [claimed('a.b', 'one')],
    ['1: expected a time such as 2026-01-31T12:00:00Z'],
  ],
  ['no line without a namespace', 'a.b\nc.d two', [claimed('c.d', 'two')], [`1: ${SHAPE}`]],
  [
    'no host in another form',
    'A.b one\na.b:443 one\nhttps://a.b one\n*.com one\n* one',
    [],
    [1, 2, 3, 4, 5].map((line) => `${line}: ${SHAPE}`),
  ],
  [
    'no namespace in another form',
    'a.b One\na.b one.two\na.b one/two',
    [],
    [1, 2, 3].map((line) => `${line}: ${SHAPE}`),
  ],
  ['no line that goes on', 'a.b one 2026-01-31T12:00:00Z x', [], [`1: ${SHAPE}`]],
  [
    'names of object members like any other',
    '__proto__ one\nconstructor one',
    [claimed('constructor', 'one')],
    [`1: ${SHAPE}`],
  ],
]

describe('parseHostClaims', () => {
  test.each(cases)('reads %s', (_, text, claims, problems) => {
    const read = parseHostClaims(text)
    expect(read.claims).toEqual(claims)
    expect(read.problems.map(({ line, problem }) => `${line}: ${problem}`)).toEqual(problems)
  })

  test('takes any text at all', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'ab.* \n\r\t#-:Z129é') }), (text) => {
        const { claims } = parseHostClaims(text)
        expect(new Set(claims.map(({ host }) => host)).size).toBe(claims.length)
      }),
      { numRuns: 1000 },
    )
  })
})

describe('formatHostClaims', () => {
  const claims = fc.uniqueArray(
    fc.record({
      host: fc.stringMatching(/^(\*\.)?[a-z]{1,3}\.[a-z]{2}$/),
      namespace: fc.stringMatching(/^[a-z]{1,5}$/),
      unclaimedSince: fc.option(fc.date({ noInvalidDate: true }).map(Number), { nil: undefined }),
    }),
    { selector: ({ host }) => host },
  )

  test('writes what is read again as it was, by host', () => {
    fc.assert(
      fc.property(claims, (list) => {
        const { text, bytes, isTooLarge } = formatHostClaims(list)
        expect(parseHostClaims(text)).toEqual({
          claims: list.toSorted((left, right) => (left.host < right.host ? -1 : 1)),
          problems: [],
        })
        expect(bytes).toBe(Buffer.byteLength(text))
        expect(isTooLarge).toBe(false)
        expect(formatHostClaims(list.toReversed()).text).toBe(text)
      }),
    )
  })

  test('says when no ConfigMap holds the text', () => {
    const many = Array.from({ length: 40_000 }, (_, index) => claimed(`app-${index}.example.com`, 'one'))
    const { bytes, isTooLarge } = formatHostClaims(many)
    expect(bytes).toBeGreaterThan(MOST_RECORD_BYTES)
    expect(isTooLarge).toBe(true)
    expect(formatHostClaims(many.slice(0, 20_000)).isTooLarge).toBe(false)
  })
})

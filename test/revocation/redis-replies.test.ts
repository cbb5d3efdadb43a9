import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { StoreUnavailableError } from '../../src/policy/errors.ts'
import { readForeign, readLook, readPage, readWritten } from '../../src/revocation/redis-replies.ts'
import { FARTHEST_AHEAD_MS } from '../../src/revocation/store-clock.ts'

const T = 1_790_000_000_000
const LATEST = T + FARTHEST_AHEAD_MS

const reading = {
  readLook,
  readWritten,
  readForeign,
  readPage: (reply: unknown) => readPage(reply, LATEST),
}
const entry = (at: unknown, expires: unknown = `${T}`) => [
  '1-1',
  ['n', '1', 'revoked', 'everybody', 'at', at, 'expires', expires],
]
const look = (changes: Readonly<Record<number, unknown>> = {}) =>
  Object.assign([0, 'server', 'master', `${T}`, `${T}`, 1, '1-1', [entry(`${T}`)], 0], changes)

describe('the reply to a look', () => {
  test('is read', () => {
    const revocation = { scope: { kind: 'everybody' }, atMs: T, expiresAtMs: T }
    expect(readLook(look()).entries).toEqual([{ id: '1-1', number: 1, entry: { kind: 'revoked', revocation } }])
  })

  test.for([
    [3, `${LATEST + 1}`],
    [3, '9007199254740993'],
    [3, 'inf'],
    [4, '-1'],
    [4, Number.NaN],
    [5, '1e300'],
    [5, null],
    [6, 7],
    [7, null],
    [7, [null]],
    [7, [['1-1', null]]],
    [8, {}],
  ] as const)('is refused with %j: %j', ([index, value]) => {
    expect(() => readLook(look({ [index]: value }))).toThrow(StoreUnavailableError)
  })

  test.for([`${LATEST + 1}`, '9'.repeat(16), '9'.repeat(400), '-1', '1.5', '', null])(
    'brings no revocation whose moment is %j',
    (at) => {
      const [read] = readLook(look({ 7: [entry(at)] })).entries
      expect(read).toEqual({ id: '1-1', number: 1, entry: undefined })
      expect(readPage(['server', '0', ['everybody', `${at} ${T}`]], LATEST)).toMatchObject({
        revocations: [],
        unreadable: 1,
      })
    },
  )
})

test.for(Object.keys(reading) as (keyof typeof reading)[])(
  '%s takes any reply, or throws that it is unavailable',
  (name) => {
    const scalar = fc.oneof(fc.string(), fc.double(), fc.constantFrom(null, undefined, `${T}`, 'server', 0, {}))
    const { reply } = fc.letrec((tie) => ({
      reply: fc.oneof({ maxDepth: 3 }, scalar, fc.array(tie('reply'), { maxLength: 10 })),
    }))
    const nearly = fc.tuple(fc.nat(8), reply).map(([index, value]) => look({ [index]: value }))
    fc.assert(
      fc.property(fc.oneof(reply, nearly), (value) => {
        try {
          reading[name](value)
        } catch (error) {
          expect(error).toBeInstanceOf(StoreUnavailableError)
        }
      }),
      { numRuns: 500 },
    )
  },
)

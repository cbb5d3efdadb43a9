import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeSession, encodeSession, SessionNotStorableError, sessionSchema } from '../../src/sessions/session.ts'
import { freshSid, sampleSession } from './sample-session.ts'

const session = sampleSession()
const { record } = encodeSession(session)
const json = JSON.parse(record)

test('a session survives being written and read', () => {
  expect(decodeSession(record, session.sid)).toEqual({ session })
  const refresh = { sealedToken: 'sealed', dueAtMs: 2.5, confirmedAtMs: 1 }
  const whole = sampleSession({ providerSid: 'sid', sealedIdToken: 'sealed', refresh })
  expect(decodeSession(encodeSession(whole).record, whole.sid)).toEqual({ session: whole })
  expect(sessionSchema.parse(session)).toEqual(session)
})

test('a record names its kind and its version', () => {
  expect(json).toMatchObject({ kind: 'session', version: 2 })
})

describe('a record that is not one of ours is unreadable, with a word that says why', () => {
  const cases: [string, string, string][] = [
    ['nothing', '', 'not-json'],
    ['cut short', record.slice(0, -1), 'not-json'],
    ['not JSON', 'hello', 'not-json'],
    ['null', 'null', 'shape at top'],
    ['a number', '7', 'shape at top'],
    ['a list', '[]', 'shape at top'],
    ['the version before', JSON.stringify({ ...json, version: 1 }), 'shape at version'],
    ['a later version', JSON.stringify({ ...json, version: 3 }), 'shape at version'],
    ['another kind', JSON.stringify({ ...json, kind: 'code' }), 'shape at kind'],
    ['no kind', JSON.stringify({ version: 2, session: json.session }), 'shape at kind'],
    ['one field more', JSON.stringify({ ...json, more: 1 }), 'shape at top'],
    [
      'a session with one field more',
      JSON.stringify({ ...json, session: { ...json.session, admin: true } }),
      'shape at session',
    ],
    [
      'no expiry',
      JSON.stringify({ ...json, session: { ...json.session, expiresAtMs: undefined } }),
      'shape at session.expiresAtMs',
    ],
    [
      'a text as expiry',
      JSON.stringify({ ...json, session: { ...json.session, expiresAtMs: '9' } }),
      'shape at session.expiresAtMs',
    ],
    [
      'a claim for groups that is no list',
      JSON.stringify({
        ...json,
        session: { ...json.session, identity: { ...json.session.identity, groups: 'admin' } },
      }),
      'shape at session.identity.groups',
    ],
    [
      'a number as the provider’s session',
      JSON.stringify({ ...json, session: { ...json.session, providerSid: 7 } }),
      'shape at session.providerSid',
    ],
    [
      'a refresh without a token',
      JSON.stringify({ ...json, session: { ...json.session, refresh: { dueAtMs: 1, confirmedAtMs: 1 } } }),
      'shape at session.refresh.sealedToken',
    ],
    [
      'a note of when it was seen, which is kept apart',
      JSON.stringify({ ...json, session: { ...json.session, lastSeenAtMs: 1 } }),
      'shape at session',
    ],
    ['too large', JSON.stringify({ ...json, padding: 'x'.repeat(300_000) }), 'too-large'],
  ]
  test.for(cases)('%s', ([, text, problem]) => {
    expect(decodeSession(text, session.sid)).toEqual({ problem })
  })
})

test('a record under the key of another session is unreadable', () => {
  expect(decodeSession(record, freshSid())).toEqual({ problem: 'names-another-session' })
})

test('no text makes the reader throw, and no cut of a record is a session', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), fc.nat({ max: record.length - 1 }), (text, end) => {
      expect(decodeSession(text, session.sid)).toHaveProperty('problem')
      expect(decodeSession(record.slice(0, end), session.sid)).toHaveProperty('problem')
    }),
  )
})

test('claims keep whatever JSON can hold, and a claim called __proto__ gives no power', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (claims) => {
      const written = encodeSession({ ...session, identity: { ...session.identity, claims } })
      const decoded = decodeSession(written.record, session.sid)
      const { __proto__: _, ...expected } = JSON.parse(JSON.stringify(claims))
      expect('session' in decoded && decoded.session.identity.claims).toEqual(expected)
    }),
  )
  const poisoned = record.replace('"claims":{', '"claims":{"__proto__":{"department":"admin"},')
  const decoded = decodeSession(poisoned, session.sid)
  expect('session' in decoded && 'admin' in decoded.session.identity.claims).toBe(false)
  expect('session' in decoded && Object.getPrototypeOf(decoded.session.identity.claims)).not.toHaveProperty(
    'department',
  )
})

test('a session that could not be read back is refused', () => {
  expect(() => encodeSession({ ...session, userAgent: 'x'.repeat(201) })).toThrow(SessionNotStorableError)
  expect(() => encodeSession({ ...session, createdAtMs: -1 })).toThrow(SessionNotStorableError)
})

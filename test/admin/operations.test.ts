import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { StoreUnavailableError } from '../../src/policy/errors.ts'
import { subjectOf } from '../../src/providers/subject.ts'
import { freshSid, sampleSession } from '../sessions/sample-session.ts'
import { type AdminWorld, REVOKED_AT_MS, startWorld, TOKEN } from './world.ts'

const ADA = subjectOf('corporate', 'ada')
const BOB = subjectOf('corporate', 'bob')

let world: AdminWorld
beforeEach(async () => {
  world = await startWorld()
})
afterEach(() => world[Symbol.asyncDispose]())

const acts = () => world.seen.lines().filter(({ event }) => event === 'adminActed')

describe('listing sessions', () => {
  test('gives what an operator needs to know of each, and nothing that could be used as a credential', async () => {
    const session = sampleSession({ subject: ADA, sealedIdToken: 'sealed-id-token' })
    await world.sessions.save(session)
    const { status, body, headers } = await world.call(`/v1/sessions?subject=${ADA}`)
    expect(status).toBe(200)
    expect(headers.get('content-type')).toBe('application/json')
    expect(headers.get('cache-control')).toBe('no-store')
    expect(body).toEqual({
      sessions: [
        {
          sid: session.sid,
          provider: 'corporate',
          subject: ADA,
          email: 'ada@example.com',
          name: 'Ada Lovelace',
          createdAt: '2026-09-21T14:13:20.000Z',
          lastSeenAt: '2026-09-21T14:13:20.000Z',
          expiresAt: '2026-09-21T15:13:20.000Z',
          clientAddress: '203.0.113.9',
          userAgent: session.userAgent,
          isRevoked: false,
        },
      ],
    })
    expect(JSON.stringify(body)).not.toContain('sealed')
  })

  test.for([
    [`subject=${ADA}`, [ADA]],
    ['email=ADA@example.com', [ADA]],
    ['provider=corporate', [ADA, BOB]],
    ['application=shop/cart', [BOB]],
    ['all=true', [ADA, BOB]],
    ['email=nobody@example.com', []],
  ] as const)('by %s gives the sessions of %j', async ([query, expected]) => {
    await world.sessions.save(sampleSession({ subject: ADA }))
    const bobs = sampleSession({ subject: BOB })
    await world.sessions.save({ ...bobs, identity: { ...bobs.identity, email: 'bob@example.com' } })
    await world.sessions.noteApplication(bobs.sid, 'shop/cart', bobs.expiresAtMs)
    const { body } = await world.call(`/v1/sessions?${query}`)
    expect(new Set(body.sessions.map(({ subject }: { subject: string }) => subject))).toEqual(new Set(expected))
  })

  test('goes on page by page, to the end and no session twice', async () => {
    for (let count = 0; count < 25; count++) await world.sessions.save(sampleSession())
    const sids: string[] = []
    let after = ''
    do {
      const { body } = await world.call(`/v1/sessions?all=true&limit=10${after}`)
      expect(body.sessions.length).toBeLessThanOrEqual(10)
      sids.push(...body.sessions.map(({ sid }: { sid: string }) => sid))
      after = body.next === undefined ? '' : `&after=${encodeURIComponent(body.next)}`
    } while (after !== '')
    expect(new Set(sids).size).toBe(25)
    expect(sids).toHaveLength(25)
  })

  test.for([
    ['', 'subject', 'exactly one of'],
    [`email=a@example.com&subject=${BOB}`, 'subject', 'exactly one of'],
    ['all=false', 'all', '`true`'],
    ['all=1', 'all', '`true`'],
    ['all=true&limit=0', 'limit', 'a whole number from 1 to 1000'],
    ['all=true&limit=1001', 'limit', 'a whole number from 1 to 1000'],
    ['all=true&limit=1e2', 'limit', 'a whole number from 1 to 1000'],
    ['all=true&limit=', 'limit', 'a whole number from 1 to 1000'],
    ['all=true&after=nonsense', 'after', 'the `next` of the page before'],
    ['email=', 'email', 'an email address of at most 320 characters'],
    ['subject=00u1', 'subject', 'a subject: Gatehouse’s own'],
    [`subject=${ADA.slice(1)}`, 'subject', 'a subject: Gatehouse’s own'],
    [`subject=${ADA}%20`, 'subject', 'a subject: Gatehouse’s own'],
    ['application=cart', 'application', 'an application as `namespace/name`'],
    [`subject=${ADA}&colour=red`, 'colour', 'no such field'],
    [`subject=${ADA}&__proto__=red`, '__proto__', 'no such field'],
    ['subject=a&subject=b', 'subject', 'one value'],
  ] as const)('refuses ?%s and says what is wrong with %s', async ([query, field, expected]) => {
    const { status, body, headers } = await world.call(`/v1/sessions?${query}`)
    expect([status, headers.get('content-type')]).toEqual([400, 'application/problem+json'])
    expect(body).toMatchObject({ status: 400, reason: 'admin-invalid', title: 'Bad Request' })
    expect(body.errors).toEqual([{ field, expected: expect.stringContaining(expected) }])
  })
})

describe('showing a session', () => {
  test('gives it, and says whether it is revoked', async () => {
    const session = sampleSession()
    await world.sessions.save(session)
    expect((await world.call(`/v1/sessions/${session.sid}`)).body).toMatchObject({ sid: session.sid, isRevoked: false })
    await world.revoke({ type: 'Session', sid: session.sid })
    await world.sessions.save(session)
    expect((await world.call(`/v1/sessions/${session.sid}`)).body).toMatchObject({ isRevoked: true })
  })

  test('answers 404 if there is none', async () => {
    const { status, body } = await world.call(`/v1/sessions/${freshSid()}`)
    expect([status, body.reason]).toEqual([404, 'admin-unknown-session'])
  })

  test.for(['x', 'a'.repeat(43), 'a%2Fb', '%00'])('refuses %s, which is no sid', async (sid) => {
    const { status, body } = await world.call(`/v1/sessions/${sid}`)
    expect([status, body.reason]).toEqual([400, 'admin-invalid'])
    expect(body.errors).toEqual([{ field: 'sid', expected: 'a session’s `sid`: 43 characters of base64url' }])
  })
})

describe('revoking', () => {
  const sid = freshSid()
  const nobody = 'No session that this hits is listed now; whoever has one is refused all the same.'
  const isOfSessions = ({ kind }: { readonly kind: string }) => !['application', 'everybody'].includes(kind)
  test.for([
    [
      { type: 'Session', sid },
      { kind: 'session', sid },
    ],
    [
      { type: 'ProviderSession', provider: 'corporate', providerSid: 'x y/z' },
      { kind: 'provider-session', provider: 'corporate', providerSid: 'x y/z' },
    ],
    [
      { type: 'Subject', subject: ADA },
      { kind: 'subject', subject: ADA },
    ],
    [
      { type: 'Email', email: 'Ada@Example.com' },
      { kind: 'email', email: 'ada@example.com' },
    ],
    [
      { type: 'Application', application: 'shop/cart' },
      { kind: 'application', application: 'shop/cart' },
    ],
    [{ type: 'Everybody', confirm: 'everybody' }, { kind: 'everybody' }],
  ])('takes %j', async ([scope, expected]) => {
    const { status, body } = await world.revoke(scope as object)
    const at = new Date(REVOKED_AT_MS).toISOString()
    const note = isOfSessions(expected as { kind: string }) ? { note: nobody } : {}
    expect([status, body]).toEqual([200, { status: 'accepted', at, holders: 2, wanted: 2, removedRecords: 0, ...note }])
    expect(world.revoked).toEqual([
      {
        scope: expected,
        by: { actor: 'admin', name: 'bearer', reason: 'revoked-by-admin', note: 'laptop stolen', from: '127.0.0.1' },
      },
    ])
  })

  test('tells who asked for it, and leaves a record of who did it', async () => {
    await world.revoke({ type: 'Subject', subject: ADA }, { reason: 'has left', requestedBy: 'the office' })
    expect(world.revoked[0]?.by.note).toBe('has left (asked for by the office)')
    expect(acts()).toMatchObject([
      {
        operation: 'revoke',
        outcome: 'done',
        reason: 'done',
        status: 200,
        admin: 'bearer',
        clientAddress: '127.0.0.1',
      },
    ])
  })

  test('answers 202 while fewer replicas of the store have it than are wanted', async () => {
    world.become('pending')
    const { status, body } = await world.revoke({ type: 'Subject', subject: ADA })
    expect([status, body]).toMatchObject([202, { status: 'pending', holders: 0, wanted: 2 }])
  })

  test('answers 503 if the store is silent, and says that it may have been recorded', async () => {
    world.become('silent')
    const { status, body, headers } = await world.revoke({ type: 'Subject', subject: ADA })
    expect([status, body.reason, headers.get('retry-after')]).toEqual([503, 'store-unavailable', '1'])
    expect(acts()).toMatchObject([{ operation: 'revoke', outcome: 'failed', reason: 'store-unavailable' }])
  })

  test('removes the records that it hits, and leaves those of whoever has signed in again', async () => {
    const [old, later, other] = [
      sampleSession({ subject: ADA }),
      sampleSession({ subject: ADA, createdAtMs: REVOKED_AT_MS + 1 }),
      sampleSession({ subject: BOB }),
    ] as const
    for (const session of [old, later, other]) await world.sessions.save(session)
    expect((await world.revoke({ type: 'Subject', subject: ADA })).body.removedRecords).toBe(1)
    expect(await world.sessions.find(old.sid)).toBeUndefined()
    expect(await world.sessions.find(later.sid)).toBeDefined()
    expect((await world.revoke({ type: 'Session', sid: other.sid })).body.removedRecords).toBe(1)
    expect(await world.sessions.find(other.sid)).toBeUndefined()
    expect((await world.revoke({ type: 'Email', email: 'ADA@example.com' })).body.removedRecords).toBe(0)
  })

  test.for([
    [{ type: 'Subject', subject: ADA }, true],
    [{ type: 'Subject', subject: BOB }, false],
    [{ type: 'Email', email: 'ADA@example.com' }, true],
    [{ type: 'Email', email: 'adam@example.com' }, false],
    [{ type: 'ProviderSession', provider: 'corporate', providerSid: 'p-1' }, true],
    [{ type: 'ProviderSession', provider: 'corporate', providerSid: 'p-2' }, false],
  ] as const)('says so if no session is listed that it hits: %j hits one: %s', async ([scope, isHit]) => {
    await world.sessions.save({ ...sampleSession({ subject: ADA }), providerSid: 'p-1' })
    expect((await world.revoke(scope)).body.note).toBe(isHit ? undefined : nobody)
  })

  test('does not say so if it does not know: the list is too long to be looked through, or the store is silent', async () => {
    const scope = { type: 'ProviderSession', provider: 'corporate', providerSid: 'p-2' }
    for (let count = 0; count < 1_001; count++) await world.sessions.save(sampleSession())
    expect((await world.revoke(scope)).body.note).toBeUndefined()
    const list = () => Promise.reject(new StoreUnavailableError('silent'))
    await using silent = await startWorld({}, { sessions: { ...world.sessions, list } })
    expect((await silent.revoke(scope)).body.note).toBeUndefined()
  })

  test('removes several hundred records of one address', async () => {
    for (let count = 0; count < 250; count++) await world.sessions.save(sampleSession({ subject: `ada-${count}` }))
    expect((await world.revoke({ type: 'Email', email: 'ada@example.com' })).body.removedRecords).toBe(250)
    expect((await world.call('/v1/sessions?all=true')).body.sessions).toEqual([])
  })

  test.for([
    [{ type: 'Application', application: 'shop/crat' }, 'There is no application of this name now.'],
    [
      { type: 'ProviderSession', provider: 'other', providerSid: 'x' },
      expect.stringContaining('There is no identity provider of this name now.'),
    ],
  ] as const)('does so too for a name that is not known, and says so: %j', async ([scope, note]) => {
    expect(await world.revoke(scope)).toMatchObject({ status: 200, body: { note } })
    expect(world.revoked).toHaveLength(1)
  })

  const everyType = 'an object whose `type` is'
  test.for([
    ['no scope', { reason: 'x' }, [['scope', everyType]]],
    ['no reason', { scope: { type: 'Subject', subject: ADA } }, [['reason', 'why: a text']]],
    ['an empty reason', { scope: { type: 'Subject', subject: ADA }, reason: ' ' }, [['reason', 'why: a text']]],
    [
      'a reason that is too long',
      { scope: { type: 'Subject', subject: ADA }, reason: 'x'.repeat(501) },
      [['reason', 'why: a text']],
    ],
    ['an unknown type', { scope: { type: 'Group', group: 'x' }, reason: 'x' }, [['scope.type', everyType]]],
    ['a scope that is a text', { scope: 'everybody', reason: 'x' }, [['scope', everyType]]],
    ['a scope without its field', { scope: { type: 'Email' }, reason: 'x' }, [['scope.email', 'an email address']]],
    [
      'a field of another scope',
      { scope: { type: 'Subject', subject: ADA, email: 'a@b' }, reason: 'x' },
      [['scope.email', 'no such field']],
    ],
    ['everybody, unconfirmed', { scope: { type: 'Everybody' }, reason: 'x' }, [['scope.confirm', '`everybody`']]],
    [
      'everybody, confirmed by a boolean',
      { scope: { type: 'Everybody', confirm: true }, reason: 'x' },
      [['scope.confirm', '`everybody`']],
    ],
    [
      'an unknown field and a wrong one',
      { scope: { type: 'Session', sid: 'x' }, reason: 'x', force: true },
      [
        ['scope.sid', 'a session’s `sid`'],
        ['force', 'no such field'],
      ],
    ],
    [
      'a subject of the provider’s',
      { scope: { type: 'Subject', subject: '00u1' }, reason: 'x' },
      [['scope.subject', 'a subject: Gatehouse’s own']],
    ],
    [
      'a list of subjects',
      { scope: { type: 'Subject', subject: ['a', 'b'] }, reason: 'x' },
      [['scope.subject', 'a subject']],
    ],
    [
      'an address that is no Unicode',
      { scope: { type: 'Email', email: 'ada\ud800@example.com' }, reason: 'x' },
      [['scope.email', 'an email address']],
    ],
    [
      'a session of a provider’s that is no Unicode',
      { scope: { type: 'ProviderSession', provider: 'corporate', providerSid: '\udc00' }, reason: 'x' },
      [['scope.providerSid', 'the provider’s own id']],
    ],
    ['a list', [], [['', 'a JSON object']]],
    ['null', null, [['', 'a JSON object']]],
  ] as const)('refuses %s, and changes nothing', async ([, body, expected]) => {
    const reply = await world.call('/v1/revocations', { method: 'POST', body: JSON.stringify(body) })
    expect(reply).toMatchObject({ status: 400, body: { reason: 'admin-invalid' } })
    expect(reply.body.errors).toEqual(
      expected.map(([field, text]) => ({ field, expected: expect.stringContaining(text) })),
    )
    expect(world.revoked).toEqual([])
  })

  test('refuses a body of a million entries unread, and changes nothing', async () => {
    const sids = Array.from({ length: 1_000_000 }, (_, index) => `subject-${index}`)
    const reply = await world.call('/v1/revocations', {
      method: 'POST',
      body: { scope: { type: 'Subject', subject: sids }, reason: 'x' },
    })
    expect(reply).toMatchObject({ status: 413, body: { reason: 'admin-too-large' } })
    expect(world.revoked).toEqual([])
    expect((await world.revoke({ type: 'Subject', subject: ADA })).status).toBe(200)
  })

  test('names no more than 20 of many unknown fields', async () => {
    const fields = Object.fromEntries(Array.from({ length: 3_000 }, (_, index) => [`field${index}`, 1]))
    const reply = await world.revoke({ type: 'Subject', subject: ADA }, { reason: 'x', ...fields })
    expect([reply.status, reply.body.errors.length]).toEqual([400, 20])
  })

  test.for([
    ['text/plain', 415],
    ['application/x-www-form-urlencoded', 415],
    ['application/json; charset=latin1', 415],
    ['application/json;charset=UTF-8', 200],
  ] as const)('of a body of type %s answers %i', async ([type, expected]) => {
    const reply = await world.call('/v1/revocations', {
      method: 'POST',
      headers: { 'content-type': type },
      body: JSON.stringify({ scope: { type: 'Subject', subject: ADA }, reason: 'x' }),
    })
    expect(reply.status).toBe(expected)
    expect(world.revoked).toHaveLength(expected === 200 ? 1 : 0)
  })

  test.for(['', '{', '{"scope":}', '\u0000', '{"reason":"x"} {}'])('refuses %j, which is no JSON', async (body) => {
    const reply = await world.call('/v1/revocations', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    })
    expect(reply).toMatchObject({ status: 400, body: { reason: 'admin-malformed' } })
  })
})

test('the state of revocations is told as it is, and asking for it leaves no record', async () => {
  await world.revoke({ type: 'Subject', subject: ADA })
  expect(await world.call('/v1/revocations/status')).toMatchObject({
    status: 200,
    body: { state: 'current', ageMs: 13, size: 1 },
  })
  expect(acts().map(({ operation }) => operation)).toEqual(['revoke'])
})

describe('what there is not', () => {
  test.for(['/', '/v1', '/v1/', '/v2/sessions', '/v1/sessions/', '/v1//sessions', '/v1/Sessions', '/v1/revocations/x'])(
    '%s is answered 404',
    async (path) => {
      const { status, body } = await world.call(path)
      expect([status, body.reason]).toEqual([404, 'admin-no-such-operation'])
    },
  )

  test.for([
    ['DELETE', '/v1/sessions', 'GET'],
    ['POST', '/v1/sessions', 'GET'],
    ['OPTIONS', '/v1/sessions', 'GET'],
    ['GET', '/v1/revocations', 'POST'],
    ['PUT', '/v1/revocations', 'POST'],
    ['POST', '/v1/revocations/status', 'GET'],
  ] as const)('%s %s is answered 405, with what is allowed', async ([method, path, allow]) => {
    const { status, body, headers } = await world.call(path, { method })
    expect([status, body.reason, headers.get('allow')]).toEqual([405, 'admin-wrong-method', allow])
  })
})

describe('a fault', () => {
  const fault = (error: Error) =>
    startWorld(
      {},
      { sessions: { list: () => Promise.reject(error), find: async () => undefined, remove: async () => true } },
    )

  test('of ours is answered with a reference and nothing else of it', async () => {
    await using broken = await fault(new TypeError('canary'))
    const { status, body } = await broken.call('/v1/sessions?all=true')
    expect(status).toBe(500)
    expect(body).toMatchObject({ reason: 'internal-error', reference: 'reference-1' })
    expect(JSON.stringify(body)).not.toContain('canary')
    expect(broken.seen.lines()).toContainEqual(
      expect.objectContaining({ event: 'internalError', where: 'admin', reference: 'reference-1' }),
    )
  })

  test('of the store is answered 503 with the time to try again', async () => {
    await using broken = await fault(new StoreUnavailableError('silent'))
    const { status, body, headers } = await broken.call('/v1/sessions?all=true')
    expect([status, body.reason, headers.get('retry-after')]).toEqual([503, 'store-unavailable', '1'])
  })

  test('of the store after a revocation is told in a note: the revocation stands', async () => {
    await using broken = await fault(new StoreUnavailableError('silent'))
    const { status, body } = await broken.revoke({ type: 'Subject', subject: ADA })
    expect([status, body.status, body.note]).toEqual([200, 'accepted', expect.stringContaining('count for nothing')])
  })

  test('never shows the token', async () => {
    await world.call('/v1/sessions?all=true')
    expect(world.seen.output()).not.toContain(TOKEN)
  })
})

import { createLocalJWKSet, jwtVerify } from 'jose'
import { describe, expect, test } from 'vitest'
import { createAssertions, isFresh } from '../../src/tokens/assertion.ts'
import { SIGNING_ALGORITHMS } from '../../src/tokens/key-set.ts'
import { standingClock } from '../contracts/clock.ts'
import { sampleApplication, sampleIdentity } from '../policy/sample.ts'
import { AUDIENCE, decoded, freshRing, ISSUER, NOW, rings, SID, SUBJECT } from './rings.ts'

const IDENTITY = sampleIdentity({
  subject: SUBJECT,
  groups: ['engineering', 'staff'],
  claims: { level: 3, team: ['a'], note: null },
})
const APPLICATION = sampleApplication({ audience: AUDIENCE })

/** Assertions, and how many have been signed. */
function setUp(options: { lifetimeSeconds?: number; maxEntries?: number } = {}) {
  const clock = standingClock(NOW)
  const state = { ring: rings.ES256, signed: 0, failing: false }
  const assertions = createAssertions({
    issuer: ISSUER,
    lifetimeSeconds: options.lifetimeSeconds ?? 300,
    maxEntries: options.maxEntries ?? 100,
    keyRing: () => state.ring,
    newId: () => {
      if (state.failing) throw new Error('no random bytes')
      state.signed += 1
      return `id-${state.signed}`.padEnd(22, 'x')
    },
  })
  const sign = (parts: { sid?: string; identity?: typeof IDENTITY; application?: typeof APPLICATION } = {}) =>
    assertions.sign(
      { sid: parts.sid ?? SID, identity: parts.identity ?? IDENTITY },
      parts.application ?? APPLICATION,
      clock.now(),
    )
  return { clock, state, assertions, sign }
}

describe.each(SIGNING_ALGORITHMS)('signed with %s, an assertion', (algorithm) => {
  test('is verified by an origin with the published keys, issuer and audience alone', async () => {
    const { state, sign, clock } = setUp()
    state.ring = rings[algorithm]
    const { token = '' } = await sign()
    const published = createLocalJWKSet(JSON.parse(JSON.stringify(state.ring.jwks)))
    const atOrigin = (audience: string, now = clock.now()) =>
      jwtVerify(token, published, { issuer: ISSUER, audience, currentDate: new Date(now) })
    expect((await atOrigin(AUDIENCE)).payload).toMatchObject({ email: 'ada@example.com', sub: SUBJECT })
    await expect(atOrigin('b2'.repeat(32))).rejects.toThrow('aud')
    await expect(atOrigin(AUDIENCE, clock.now() + 301_000)).rejects.toThrow('exp')
  })
})

describe('an assertion', () => {
  const iat = Math.floor(NOW / 1000)
  const plain = {
    iss: ISSUER,
    aud: [AUDIENCE],
    sub: SUBJECT,
    sid: SID,
    jti: 'id-1'.padEnd(22, 'x'),
    iat,
    iat_ms: NOW,
    nbf: iat,
    exp: iat + 300,
    type: 'assertion',
    email: 'ada@example.com',
    idp: 'corporate',
  }

  test.each<[string, Partial<typeof APPLICATION>, Partial<typeof IDENTITY>, object]>([
    ['who it is, and no more', {}, {}, plain],
    [
      'the groups, if the application asks',
      { assertionGroups: true },
      {},
      { ...plain, groups: ['engineering', 'staff'] },
    ],
    ['no groups, if there are none', { assertionGroups: true }, { groups: [] }, { ...plain, groups: [] }],
    [
      'the claims that the application asks for',
      { assertionClaims: ['level', 'team'] },
      {},
      { ...plain, custom: { level: 3, team: ['a'] } },
    ],
    ['a claim of null as null', { assertionClaims: ['note'] }, {}, { ...plain, custom: { note: null } }],
    ['no claim that the identity has not', { assertionClaims: ['other'] }, {}, { ...plain, custom: {} }],
    [
      'no claim that is merely inherited',
      { assertionClaims: ['constructor', '__proto__', 'toString'] },
      {},
      { ...plain, custom: {} },
    ],
  ])('says %s', async (_, application, identity, expected) => {
    const { sign } = setUp()
    const { token = '' } = await sign({
      application: { ...APPLICATION, ...application },
      identity: { ...IDENTITY, ...identity },
    })
    expect(decoded(token).claims).toEqual(expected)
    expect(decoded(token).header).toEqual({ alg: 'ES256', kid: rings.ES256.signing.kid, typ: 'JWT' })
  })

  test('has no email if the identity has none', async () => {
    const { sign } = setUp()
    const { token = '' } = await sign({ identity: { ...IDENTITY, email: undefined } })
    expect(decoded(token).claims).not.toHaveProperty('email')
  })

  test.each([1500, 3000, 100_000])(
    'is not handed out if it would be longer than 2 kB (%d characters of groups)',
    async (size) => {
      const { sign } = setUp()
      const application = { ...APPLICATION, assertionGroups: true }
      const { token } = await sign({ application, identity: { ...IDENTITY, groups: ['g'.repeat(size)] } })
      expect(token).toBeUndefined()
    },
  )

  test('that just fits is handed out', async () => {
    const { sign } = setUp()
    const { token = '' } = await sign({
      application: { ...APPLICATION, assertionGroups: true },
      identity: { ...IDENTITY, groups: ['g'.repeat(1000)] },
    })
    expect(token.length).toBeGreaterThan(1500)
    expect(token.length).toBeLessThanOrEqual(2048)
  })
})

describe('signing', () => {
  test('happens once for a session and an application, and again before the assertion ends', async () => {
    const { clock, state, sign } = setUp()
    const first = await sign()
    clock.advance(first.renewAtMs - NOW - 1)
    expect(await sign()).toBe(first)
    expect(state.signed).toBe(1)
    clock.advance(1)
    const second = await sign()
    expect(second.token).not.toBe(first.token)
    expect(state.signed).toBe(2)
    expect(first.renewAtMs).toBeLessThan(Number(decoded(first.token ?? '').claims.exp) * 1000 - 30_000)
  })

  test('happens once for a hundred who ask at the same time', async () => {
    const { state, sign } = setUp()
    const all = await Promise.all(Array.from({ length: 100 }, () => sign()))
    expect(new Set(all).size).toBe(1)
    expect(state.signed).toBe(1)
  })

  test('happens for each session and each application', async () => {
    const { state, sign } = setUp()
    const other = { ...APPLICATION, name: 'other', audience: 'b2'.repeat(32) }
    const tokens = new Set<string | undefined>()
    for (const application of [APPLICATION, other]) {
      for (const sid of [SID, `${'T'.repeat(42)}E`]) tokens.add((await sign({ sid, application })).token)
    }
    expect(tokens.size).toBe(4)
    expect(state.signed).toBe(4)
    await sign({ application: other })
    expect(state.signed).toBe(4)
  })

  test('happens anew for a new identity, and the old one is handed out no longer', async () => {
    const { state, sign } = setUp()
    const application = { ...APPLICATION, assertionGroups: true }
    await sign({ application })
    const changed = { ...IDENTITY, groups: ['sales'] }
    const { token = '' } = await sign({ application, identity: changed })
    expect(decoded(token).claims).toMatchObject({ groups: ['sales'] })
    expect(state.signed).toBe(2)
  })

  test('happens anew when the application asks for something else', async () => {
    const { sign } = setUp()
    await sign()
    const { token = '' } = await sign({ application: { ...APPLICATION, assertionGroups: true } })
    expect(decoded(token).claims).toHaveProperty('groups')
  })

  test('happens anew when another key signs', async () => {
    const { state, sign } = setUp()
    const before = await sign()
    state.ring = await freshRing()
    const after = await sign()
    expect(decoded(after.token ?? '').header).toMatchObject({ kid: state.ring.signing.kid })
    expect(isFresh(before, IDENTITY, state.ring.signing.kid, NOW)).toBe(false)
  })

  test('happens anew when the clock has been set back, so that no origin gets one from the future', async () => {
    const { clock, state, sign } = setUp()
    await sign()
    clock.advance(-3_600_000)
    const { token = '' } = await sign()
    expect(state.signed).toBe(2)
    expect(Number(decoded(token).claims.nbf) * 1000).toBeLessThanOrEqual(clock.now())
  })

  test('that fails is told to whoever asked, and tried again for the next', async () => {
    const { state, sign } = setUp()
    state.failing = true
    await expect(sign()).rejects.toThrow('no random bytes')
    state.failing = false
    expect((await sign()).token).toBeDefined()
  })

  test('is not repeated for one that was too long', async () => {
    const { state, sign } = setUp()
    const application = { ...APPLICATION, assertionGroups: true }
    const identity = { ...IDENTITY, groups: ['g'.repeat(3000)] }
    await sign({ application, identity })
    await sign({ application, identity })
    expect(state.signed).toBe(1)
  })

  test('lets go of the assertions that were not used for longest', async () => {
    const { state, sign } = setUp({ maxEntries: 2 })
    for (const letter of ['A', 'B', 'C']) await sign({ sid: `${letter.repeat(42)}E` })
    await sign({ sid: `${'C'.repeat(42)}E` })
    expect(state.signed).toBe(3)
    await sign({ sid: `${'A'.repeat(42)}E` })
    expect(state.signed).toBe(4)
  })
})

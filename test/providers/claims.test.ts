import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { identityOf } from '../../src/providers/claims.ts'
import { oidcSettings } from '../../src/providers/settings.ts'

type Json = Record<string, unknown>
const least = { issuer: 'https://login.example.com', clientID: 'gatehouse' }

function identity(idToken: Json, userinfo?: Json, settings: Json = {}) {
  return identityOf(
    { idToken: { sub: 'ada', ...idToken }, userinfo: userinfo && { sub: 'ada', ...userinfo } },
    { provider: 'main', subject: 'S', settings: oidcSettings.parse({ ...least, ...settings }) },
  )
}

describe('the email address', () => {
  const email = 'Ada@Example.com'
  test.each([
    ['verified', { email, email_verified: true }, undefined, {}, true],
    ['verified by a text', { email, email_verified: 'true' }, undefined, {}, true],
    ['unverified by silence', { email }, undefined, {}, false],
    ['unverified by word', { email, email_verified: false }, undefined, {}, false],
    ['unverified by a number', { email, email_verified: 1 }, undefined, {}, false],
    ['unverified by another text', { email, email_verified: 'TRUE' }, undefined, {}, false],
    ['verified by trust', { email }, undefined, { trustEmail: true }, true],
    ['verified by trust against its word', { email, email_verified: false }, undefined, { trustEmail: true }, true],
    ['verified in userinfo', {}, { email, email_verified: true }, {}, true],
    ['verified in the ID token', { email, email_verified: true }, { email }, {}, true],
    ['denied by userinfo', { email, email_verified: true }, { email, email_verified: false }, {}, false],
    ['denied by the ID token', { email, email_verified: false }, { email, email_verified: true }, {}, false],
    ['vouched for as another', { email: 'b@example.com', email_verified: true }, { email }, {}, false],
    ['vouched for without being named', { email }, { email_verified: true }, {}, false],
    ['under another claim', { upn: email, email_verified: true }, undefined, { claims: { email: 'upn' } }, false],
    ['under two claims', { upn: email, email, email_verified: true }, undefined, { claims: { email: 'upn' } }, true],
  ])('%s is taken in lower case', (_, idToken, userinfo, settings, isVerified) => {
    expect(identity(idToken, userinfo, settings)).toMatchObject({
      email: 'ada@example.com',
      emailVerified: isVerified,
    })
  })

  test.each([
    'ada',
    '@example.com',
    'ada@',
    'ada@evil.com@example.com',
    'ada@example.com,eve@example.com',
    '"ada"@example.com',
    'Ada <ada@example.com>',
    'ada @example.com',
    'ada@example.com\n',
    'ada\u0000@example.com',
    'ada@example.com\u202e',
    'ada@example.\u212aom',
    'ad\u0130@example.com',
    `${'a'.repeat(250)}@example.com`,
    ['ada@example.com'],
    { address: 'ada@example.com' },
    7,
    null,
  ])('%j is none, and never verified', (email) => {
    expect(identity({ email, email_verified: true }, undefined, { trustEmail: true })).toMatchObject({
      email: undefined,
      emailVerified: false,
    })
  })
})

describe('groups', () => {
  const many = Array.from({ length: 1500 }, (_, index) => `group-${index}`)
  test.each([
    ['a list', { groups: ['a', 'b', 'a'] }, {}, ['a', 'b'], false],
    ['one text', { groups: 'staff, admins' }, {}, ['staff, admins'], false],
    ['nothing', {}, {}, [], false],
    ['null', { groups: null }, {}, [], false],
    ['a number', { groups: 7 }, {}, [], true],
    ['an object', { groups: { admin: true } }, {}, [], true],
    ['a list of other things', { groups: ['a', 7, null, ['b']] }, {}, ['a'], true],
    ['a name with control characters', { groups: ['a', 'ad\u0000min'] }, {}, ['a'], true],
    ['a name without end', { groups: ['a', 'x'.repeat(257)] }, {}, ['a'], true],
    ['a long list', { groups: many }, {}, many.slice(0, 1000), true],
    ['a path', { realm_access: { roles: ['a'] } }, { groups: 'realm_access.roles' }, ['a'], false],
    ['a name with dots', { 'https://x.test/groups': ['a'] }, { groups: 'https://x.test/groups' }, ['a'], false],
    ['a literal name before a path', { 'a.b': ['x'], a: { b: ['y'] } }, { groups: 'a.b' }, ['x'], false],
    ['a path through a list', { a: ['b'] }, { groups: 'a.0' }, [], false],
    ['a path through the prototype', {}, { groups: 'constructor.name' }, [], false],
    ['groups kept elsewhere', { _claim_names: { groups: 'src1' } }, {}, [], true],
    ['a nested claim kept elsewhere', { _claim_names: { a: 'src1' } }, { groups: 'a.b' }, [], true],
    ['other claims kept elsewhere', { _claim_names: { address: 'src1' }, groups: ['a'] }, {}, ['a'], false],
    ['too many to say', { hasgroups: true }, {}, [], true],
  ])('as %s', (_, idToken, claims, groups, groupsIncomplete) => {
    expect(identity(idToken, undefined, { claims })).toMatchObject({ groups, groupsIncomplete })
  })

  test('of userinfo go before those of the ID token', () => {
    expect(identity({ groups: ['old'] }, { groups: ['new'] }).groups).toEqual(['new'])
    expect(identity({ groups: ['old'] }, {}).groups).toEqual(['old'])
  })

  test('are incomplete if either source says so', () => {
    expect(identity({ _claim_names: { groups: 's' } }, { groups: ['a'] }).groupsIncomplete).toBe(true)
    expect(identity({ groups: ['a'] }, { _claim_names: { groups: 's' } }).groupsIncomplete).toBe(true)
  })
})

describe('names', () => {
  test('lose what could trick a reader', () => {
    expect(identity({ name: ' Ada\u0000\r\n  \u202eLovelace ' }).name).toBe('Ada Lovelace')
    expect(identity({ name: 'x'.repeat(5000) }).name).toHaveLength(200)
    expect(identity({ name: '👩🏽‍💻' }).name).toBe('👩🏽‍💻')
    expect(identity({ name: '\u0000' }).name).toBeUndefined()
    expect(identity({ name: ['Ada'] }).name).toBeUndefined()
  })

  test('to log in with are refused rather than repaired', () => {
    expect(identity({ preferred_username: 'ada' }).preferredUsername).toBe('ada')
    expect(identity({ preferred_username: 'ad\u0000min' }).preferredUsername).toBeUndefined()
    expect(identity({ preferred_username: 'x'.repeat(201) }).preferredUsername).toBeUndefined()
    expect(identity({ preferred_username: 7 }).preferredUsername).toBeUndefined()
  })
})

describe('claims', () => {
  test('merge, userinfo first except on the act of signing in', () => {
    const { claims } = identity(
      { iss: 'i', aud: 'gatehouse', amr: ['pwd'], acr: '1', auth_time: 1, department: 'old', team: 'x' },
      { iss: 'j', aud: 'other', amr: ['mfa'], acr: '9', auth_time: 9, department: 'new' },
    )
    expect(claims).toEqual({
      sub: 'ada',
      iss: 'i',
      aud: 'gatehouse',
      amr: ['pwd'],
      acr: '1',
      auth_time: 1,
      department: 'new',
      team: 'x',
    })
  })

  test('never put one source’s email_verified beside the other’s email', () => {
    expect(identity({ email: 'a@x.test', email_verified: true }, { email: 'b@x.test' }).claims).toEqual({
      sub: 'ada',
      email: 'b@x.test',
    })
    expect(identity({ email: 'a@x.test' }, { email_verified: true }).claims).toEqual({ sub: 'ada', email: 'a@x.test' })
  })

  test('leave out those of the protocol', () => {
    const protocol = { nonce: 'n', at_hash: 'h', c_hash: 'h', exp: 1, iat: 1, nbf: 1, jti: 'j', _claim_sources: {} }
    expect(identity(protocol).claims).toEqual({ sub: 'ada' })
  })

  test('named like parts of the language are data, and __proto__ is dropped at every depth', () => {
    const hostile = JSON.parse(
      '{"sub":"ada","__proto__":{"admin":true},"constructor":"c","a":{"__proto__":{"admin":true},"toString":1}}',
    )
    const { claims } = identity(hostile, JSON.parse('{"__proto__":{"admin":true}}'))
    expect(Object.keys(claims).sort()).toEqual(['a', 'constructor', 'sub'])
    expect(claims.constructor).toBe('c')
    expect(Object.keys(claims.a as Json)).toEqual(['toString'])
    expect(Object.getPrototypeOf(claims)).toBe(Object.prototype)
    expect(({} as Json).admin).toBeUndefined()
    expect(claims.admin).toBeUndefined()
  })

  test('stay within 64 KiB: the largest go', () => {
    const { claims } = identity({ picture: 'x'.repeat(65_000), letter: 'y'.repeat(30_000), department: 'd' })
    expect(Object.keys(claims).sort()).toEqual(['department', 'letter', 'sub'])
  })

  test('nested without end go', () => {
    let deep: unknown = 'x'
    for (let depth = 0; depth < 100_000; depth += 1) deep = [deep]
    expect(identity({ deep, flat: [[['x']]] }).claims).toEqual({ sub: 'ada', flat: [[['x']]] })
  })

  test('whatever they are, make an identity that fits its type and can be kept', () => {
    const anything = fc.dictionary(
      fc.oneof(
        fc.constantFrom('email', 'email_verified', 'groups', 'name', 'preferred_username', '_claim_names'),
        fc.string(),
      ),
      fc.jsonValue() as fc.Arbitrary<unknown>,
    )
    fc.assert(
      fc.property(anything, fc.option(anything, { nil: undefined }), fc.boolean(), (idToken, userinfo, trustEmail) => {
        const one = identity(idToken, userinfo, { trustEmail })
        expect(one.groups.every((group) => typeof group === 'string' && group.length <= 256)).toBe(true)
        expect(one.email === undefined || /^[^@]+@[^@]+$/.test(one.email)).toBe(true)
        expect(one.email !== undefined || !one.emailVerified).toBe(true)
        expect(JSON.parse(JSON.stringify(one.claims))).toEqual(JSON.parse(JSON.stringify(one.claims)))
        expect(JSON.stringify(one.claims).length).toBeLessThanOrEqual(65_536)
      }),
      { numRuns: 300 },
    )
  })
})

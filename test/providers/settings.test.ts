import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { isCallable } from '../../src/providers/callable.ts'
import { authMethodOf, isDevelopmentIssuer, oidcSettings } from '../../src/providers/settings.ts'

const least = { issuer: 'https://login.example.com', clientID: 'gatehouse' }
const clientSecretRef = { name: 'login', key: 'secret' }

describe('the settings of an OpenID provider', () => {
  test('need an issuer and a client id alone', () => {
    expect(oidcSettings.parse(least)).toEqual({
      ...least,
      scopes: ['openid', 'email', 'profile'],
      claims: { email: 'email', groups: 'groups', name: 'name', preferredUsername: 'preferred_username' },
      trustEmail: false,
      responseMode: 'Query',
      consentPrompt: false,
      authorizationParameters: [],
      requestUserinfo: true,
    })
  })

  test('keep the defaults of claims that are not renamed', () => {
    expect(oidcSettings.parse({ ...least, claims: { groups: 'realm_access.roles' } }).claims).toEqual({
      email: 'email',
      groups: 'realm_access.roles',
      name: 'name',
      preferredUsername: 'preferred_username',
    })
  })

  test.each([
    'https://login.example.com/',
    'https://login.example.com:8443/realms/staff',
    'https://10.1.2.3',
    'https://[2001:db8::1]/x',
    'http://localhost',
    'http://localhost:9000/a',
    'http://idp.localhost:9000',
  ])('admit the issuer %s', (issuer) => {
    expect(oidcSettings.safeParse({ ...least, issuer }).success).toBe(true)
  })

  test.each([
    '',
    'login.example.com',
    'http://login.example.com',
    'http://localhost.example.com',
    'http://evil@localhost',
    'https://user:password@login.example.com',
    'https://login.example.com?tenant=1',
    'https://login.example.com#x',
    'https://login.example.com\\@x',
    'https://login example.com',
    'https://169.254.169.254',
    'https://[fe80::1]',
    'https://[::ffff:169.254.169.254]',
    'https://2852039166',
    'https://[fd00:ec2::254]',
    'https://0.0.0.0',
    'https://224.0.0.1',
    'ftp://login.example.com',
    'javascript:alert(1)',
    `https://login.example.com/${'x'.repeat(600)}`,
  ])('refuse the issuer %s', (issuer) => {
    expect(oidcSettings.safeParse({ ...least, issuer }).success).toBe(false)
  })

  test.each([
    ['a setting nobody knows', { clientSecret: 'in plain sight' }],
    ['a secret without its key', { clientSecretRef: { name: 'login' } }],
    ['a secret outside its directory', { clientSecretRef: { name: 'login', key: '../x' } }],
    ['a secret whose name climbs', { clientSecretRef: { name: '..', key: 'x' } }],
    ['authentication without a secret', { tokenEndpointAuthMethod: 'ClientSecretBasic' }],
    ['a secret for a public client', { tokenEndpointAuthMethod: 'None', clientSecretRef }],
    ['a scope with a space', { scopes: ['openid email'] }],
    ['a parameter of the protocol', { authorizationParameters: [{ name: 'redirect_uri', value: 'https://x' }] }],
    ['another state', { authorizationParameters: [{ name: 'state', value: 'x' }] }],
    ['a parameter without a name', { authorizationParameters: [{ name: '', value: 'x' }] }],
    ['a claim without a name', { claims: { groups: '' } }],
    ['an unknown response mode', { responseMode: 'Fragment' }],
  ])('refuse %s', (_, more) => {
    expect(oidcSettings.safeParse({ ...least, ...more }).success).toBe(false)
  })

  test('authenticate with Basic where there is a secret, and not at all where there is none', () => {
    expect(authMethodOf(oidcSettings.parse(least))).toBe('None')
    expect(authMethodOf(oidcSettings.parse({ ...least, clientSecretRef }))).toBe('ClientSecretBasic')
    const post = oidcSettings.parse({ ...least, clientSecretRef, tokenEndpointAuthMethod: 'ClientSecretPost' })
    expect(authMethodOf(post)).toBe('ClientSecretPost')
  })

  test('describe every field and bound every text and list', () => {
    const seen: string[] = []
    const walk = (schema: Record<string, unknown>, path: string) => {
      if (schema.type === 'string' && schema.enum === undefined) expect(schema.maxLength, path).toBeTypeOf('number')
      if (schema.type === 'array') expect(schema.maxItems, path).toBeTypeOf('number')
      for (const [name, property] of Object.entries((schema.properties ?? {}) as Record<string, never>)) {
        seen.push(name)
        expect((property as { description?: string }).description, `${path}.${name}`).toBeTypeOf('string')
        walk(property, `${path}.${name}`)
      }
      if (schema.items !== undefined) walk(schema.items as Record<string, unknown>, `${path}[]`)
    }
    walk(z.toJSONSchema(oidcSettings, { io: 'input' }) as Record<string, unknown>, 'oidc')
    expect(seen.length).toBeGreaterThan(15)
  })
})

describe('an address of a provider', () => {
  test.each([
    ['https://login.example.com/token', false, true],
    ['https://10.0.0.1/token', false, true],
    ['http://login.example.com/token', true, false],
    ['http://localhost:9000/token', true, true],
    ['http://idp.localhost:9000/token', true, true],
    ['http://localhost:9000/token', false, false],
    ['http://localhost.example.com/token', true, false],
    ['https://user@login.example.com/token', false, false],
    ['https://169.254.169.254/token', false, false],
    ['https://0xa9fea9fe/token', false, false],
    ['https://[::ffff:a9fe:a9fe]/token', false, false],
    ['file:///etc/passwd', true, false],
    ['data:application/json,{}', true, false],
    ['/token', true, false],
  ])('%s with http on localhost %s may be called: %s', (address, allowHttpLocalhost, expected) => {
    expect(isCallable(address, allowHttpLocalhost)).toBe(expected)
  })

  test('over http is one of the development mode', () => {
    expect(isDevelopmentIssuer('http://localhost:9000')).toBe(true)
    expect(isDevelopmentIssuer('https://login.example.com')).toBe(false)
  })
})

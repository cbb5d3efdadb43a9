import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { RevocationScope } from '../../src/revocation/revocation.ts'
import { parseScope, ScopeNotStorableError, scopeText } from '../../src/revocation/scope-text.ts'
import { anyScope, SCOPES } from './scopes.ts'

describe('the text of a scope', () => {
  test.for<[RevocationScope, string]>([
    [{ kind: 'session', sid: 'abc_-9' }, 'session/abc_-9'],
    [{ kind: 'provider-session', provider: 'corporate', providerSid: 'ü/1' }, 'provider-session/corporate/w7wvMQ'],
    [{ kind: 'subject', subject: 'a/b' }, 'subject/a/b'],
    [{ kind: 'email', email: 'ada@example.com' }, 'email/ada@example.com'],
    [{ kind: 'application', application: 'shop/cart' }, 'application/shop/cart'],
    [{ kind: 'everybody' }, 'everybody'],
  ])('%j is %s', ([scope, text]) => {
    expect(scopeText(scope)).toBe(text)
    expect(parseScope(text)).toEqual(scope)
  })

  test('is read back as the same scope', () => {
    for (const scope of SCOPES) expect(parseScope(scopeText(scope))).toEqual(scope)
    fc.assert(
      fc.property(anyScope, (scope) => {
        expect(parseScope(scopeText(scope))).toEqual(scope)
      }),
    )
  })

  test('has one spelling', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), anyScope.map(scopeText)), (text) => {
        const scope = parseScope(text)
        if (scope !== undefined) expect(scopeText(scope)).toBe(text)
      }),
    )
  })

  test.for([
    '',
    '/',
    'session',
    'session/',
    'session/a b',
    'session/a/b',
    'session/ü',
    'provider-session/corporate',
    'provider-session/corporate/',
    'provider-session//YQ',
    'provider-session/corporate/YQ/YQ',
    'provider-session/corporate/YQ==',
    'provider-session/corporate/YR',
    'provider-session/corporate/_w',
    'subject/',
    'subject',
    'subject/\ud800',
    'email/',
    'email/Ada@example.com',
    'application/cart',
    'application/shop/',
    'application//cart',
    'application/shop/cart/x',
    'everybody/',
    'Everybody',
    'everybody ',
    'user/ada',
    '__proto__/x',
    `subject/${'x'.repeat(5000)}`,
  ])('%j is none', (text) => {
    expect(parseScope(text)).toBeUndefined()
  })

  test.for<RevocationScope>([
    { kind: 'session', sid: '' },
    { kind: 'session', sid: 'a b' },
    { kind: 'provider-session', provider: 'a/b', providerSid: 'x' },
    { kind: 'provider-session', provider: 'a', providerSid: '' },
    { kind: 'provider-session', provider: 'a', providerSid: '\ud800' },
    { kind: 'subject', subject: '' },
    { kind: 'subject', subject: 'x\udc00' },
    { kind: 'email', email: 'Ada@example.com' },
    { kind: 'application', application: 'cart' },
    { kind: 'subject', subject: 'x'.repeat(5000) },
  ])('%j cannot be written, and says so', (scope) => {
    expect(() => scopeText(scope)).toThrow(ScopeNotStorableError)
  })
})

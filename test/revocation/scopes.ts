import fc from 'fast-check'
import type { RevocationScope } from '../../src/revocation/revocation.ts'

/** One of each kind, with texts that are awkward to write down. */
export const SCOPES: readonly RevocationScope[] = [
  { kind: 'session', sid: 'abcdefghijklmnopqrstuvwxyz0123456789-_ABCDE' },
  { kind: 'provider-session', provider: 'corporate', providerSid: 'S 1/ü\0' },
  { kind: 'subject', subject: 'subject/of: ada' },
  { kind: 'email', email: 'ada+x/y@example.com' },
  { kind: 'application', application: 'shop/cart' },
  { kind: 'everybody' },
]

const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 40 })
const word = fc.stringMatching(/^[a-z0-9][a-z0-9.-]{0,20}$/)

export const anyScope: fc.Arbitrary<RevocationScope> = fc.oneof(
  fc.record({ kind: fc.constant('session' as const), sid: fc.stringMatching(/^[A-Za-z0-9_-]{1,43}$/) }),
  fc.record({ kind: fc.constant('provider-session' as const), provider: word, providerSid: text }),
  fc.record({ kind: fc.constant('subject' as const), subject: text }),
  fc.record({ kind: fc.constant('email' as const), email: text.map((value) => value.toLowerCase()) }),
  fc.record({
    kind: fc.constant('application' as const),
    application: fc.tuple(word, word).map((two) => two.join('/')),
  }),
  fc.constant({ kind: 'everybody' as const }),
)

import { FAILS, HOLDS, type RuleKind, UNKNOWN } from '../rule.ts'
import { text } from '../text.ts'

/** Holds for whoever signed in with this provider. */
export const identityProvider: RuleKind<string> = {
  name: 'identityProvider',
  schema: text(1, 63).describe('Whoever signed in with the IdentityProvider of this name.'),
  compile: (wanted) => ({
    needsIdentity: true,
    test: ({ identity }) => {
      if (identity === undefined) return UNKNOWN
      return identity.provider === wanted ? HOLDS : FAILS
    },
  }),
}

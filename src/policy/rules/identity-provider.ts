import { z } from 'zod'
import { FAILS, HOLDS, type RuleKind, UNKNOWN } from '../rule.ts'

/** Holds for whoever signed in with this provider. */
export const identityProvider: RuleKind<string> = {
  name: 'identityProvider',
  schema: z.string().min(1).max(63).describe('Whoever signed in with the IdentityProvider of this name.'),
  compile: (wanted) => ({
    needsIdentity: true,
    test: ({ identity }) => {
      if (identity === undefined) return UNKNOWN
      return identity.provider === wanted ? HOLDS : FAILS
    },
  }),
}

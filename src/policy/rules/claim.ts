import { z } from 'zod'
import { errorVerdict, FAILS, HOLDS, type RuleKind, UNKNOWN } from '../rule.ts'

const MISSING = errorVerdict('claim-missing')

type Setting = { name: string; value: string | number | boolean; identityProvider?: string | undefined }

/**
 * Holds if a claim of the identity equals the value, or is a list that contains it. There is no partial matching. A claim
 * of null says nothing (OpenID Connect Core section 5.3.2) and counts as missing.
 */
export const claim: RuleKind<Setting> = {
  name: 'claim',
  schema: z
    .strictObject({
      name: z.string().min(1).max(256).describe('The claim’s name, as the provider spells it.'),
      value: z
        .union([z.string().max(1024), z.number(), z.boolean()])
        .describe('What the claim must equal, or contain if it is a list.'),
      identityProvider: z.string().min(1).max(63).optional().describe('Only if this provider says so.'),
    })
    .describe('People of whom the identity provider makes this claim.'),
  compile: ({ name, value, identityProvider }) => ({
    needsIdentity: true,
    test: ({ identity }) => {
      if (identity === undefined) return UNKNOWN
      if (identityProvider !== undefined && identity.provider !== identityProvider) return FAILS
      const actual = Object.hasOwn(identity.claims, name) ? identity.claims[name] : undefined
      if (actual === undefined || actual === null) return MISSING
      return actual === value || (Array.isArray(actual) && actual.includes(value)) ? HOLDS : FAILS
    },
  }),
}

import { z } from 'zod'
import { celRules } from '../cel-rule.ts'
import { errorVerdict, FAILS, HOLDS, type RuleKind, UNKNOWN } from '../rule.ts'
import { text } from '../text.ts'

const MISSING = errorVerdict('claim-missing')

const EXPECTED = 'expected exactly one of value, number and boolean'

interface Setting {
  readonly name: string
  readonly value?: string | undefined
  readonly number?: number | undefined
  readonly boolean?: boolean | undefined
  readonly identityProvider?: string | undefined
}

/**
 * Holds if a claim of the identity equals the value, or is a list that contains it. There is no partial matching, and the
 * number 3 is not the text `3`. Each type has its own field, since the schemas of the API server know no union. A claim of
 * null says nothing (OpenID Connect Core section 5.3.2) and counts as missing.
 */
export const claim: RuleKind<Setting> = {
  name: 'claim',
  schema: z
    .strictObject({
      name: text(1, 256).describe('The claim’s name, as the provider spells it.'),
      value: text(0, 1024).optional().describe('The text that the claim must equal, or contain if it is a list.'),
      number: z.number().optional().describe('In place of `value`: the number that the claim must equal or contain.'),
      boolean: z
        .boolean()
        .optional()
        .describe('In place of `value`: whether the claim must be, or contain, true or false.'),
      identityProvider: text(1, 63).optional().describe('Only if this provider says so.'),
    })
    .refine((setting) => wantedOf(setting).length === 1, { error: EXPECTED })
    .meta(
      celRules({
        rule: '[has(self.value), has(self.number), has(self.boolean)].filter(given, given).size() == 1',
        message: EXPECTED,
      }),
    )
    .describe('People of whom the identity provider makes this claim.'),
  compile: (setting) => {
    const { name, identityProvider } = setting
    const [wanted] = wantedOf(setting)
    return {
      needsIdentity: true,
      test: ({ identity }) => {
        if (identity === undefined) return UNKNOWN
        if (identityProvider !== undefined && identity.provider !== identityProvider) return FAILS
        const actual = Object.hasOwn(identity.claims, name) ? identity.claims[name] : undefined
        if (actual === undefined || actual === null) return MISSING
        return actual === wanted || (Array.isArray(actual) && actual.includes(wanted)) ? HOLDS : FAILS
      },
    }
  },
}

function wantedOf({ value, number, boolean }: Setting): (string | number | boolean)[] {
  return [value, number, boolean].filter((one) => one !== undefined)
}

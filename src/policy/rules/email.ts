import { celPattern } from '../cel-rule.ts'
import type { Identity } from '../identity.ts'
import { errorVerdict, FAILS, HOLDS, type RuleKind, type RuleTest, UNKNOWN, type Verdict } from '../rule.ts'
import { text } from '../text.ts'

const UNVERIFIED = errorVerdict('email-unverified')
const MISSING = errorVerdict('email-missing')

/** No white space, no control characters, nothing that tells addresses apart in a list. */
const PART = '[^\\p{Z}\\p{Cc}\\p{Cf}@"(),:;<>\\[\\\\\\]]+'
const ADDRESS = new RegExp(`^${PART}@${PART}$`, 'u')
const EXPECTED = 'expected one email address, such as ada@example.com'

export const emailAddress = text(0, 254).regex(ADDRESS, EXPECTED)

/** Holds for the person with this verified address; letter case does not matter. */
export const email: RuleKind<string> = {
  name: 'email',
  schema: emailAddress
    .meta(celPattern(ADDRESS, EXPECTED))
    .describe('The person with this verified email address; letter case does not matter.'),
  compile: (setting) => ({
    needsIdentity: true,
    test: testOfAddress(setting.toLowerCase(), (a, wanted) => a === wanted),
  }),
}

/**
 * A test of the verified address, in lower case. An address that is missing or that nobody vouches for is an error, so
 * that neither an Allow nor a Deny can be dodged with it.
 */
export function testOfAddress<Wanted>(wanted: Wanted, holds: (address: string, wanted: Wanted) => boolean): RuleTest {
  return ({ identity }) => (identity === undefined ? UNKNOWN : verdictOn(identity, wanted, holds))
}

function verdictOn<Wanted>(
  identity: Identity,
  wanted: Wanted,
  holds: (address: string, wanted: Wanted) => boolean,
): Verdict {
  if (identity.email === undefined) return MISSING
  if (!identity.emailVerified) return UNVERIFIED
  return holds(identity.email, wanted) ? HOLDS : FAILS
}

import { z } from 'zod'
import { POLICY_ACTIONS, POLICY_MODES } from '../../policy/policy.ts'
import { durationText } from './duration.ts'
import { namespacedResource } from './metadata.ts'
import { ruleLists } from './rules.ts'

const spec = z
  .strictObject({
    action: z
      .enum(POLICY_ACTIONS)
      .describe(
        '`Allow`: whoever is signed in and matches is let in. `Deny`: whoever matches is refused. `Bypass`: whatever matches is let in without a login. `ServiceAuth`: machines that match are let in; it needs a rule that a machine’s credential fulfils, of which this version has none. Bypass and ServiceAuth are asked first and may use only rules that need no signed-in identity.',
      ),
    ...ruleLists,
    session: z
      .strictObject({ duration: durationText.describe('Longest time until Gatehouse asks again, from 1m to 8760h.') })
      .optional()
      .describe('How long a sign-in lasts that this policy let through. Default: what the application says.'),
    mode: z
      .enum(POLICY_MODES)
      .default('Enforce')
      .describe('`Audit`: report what the policy would have done, and do nothing.'),
  })
  .describe('What happens to whom. It matches if an include holds, every require does and no exclude does.')

export const accessPolicy = namespacedResource('AccessPolicy', spec)
export type AccessPolicy = z.output<typeof accessPolicy>

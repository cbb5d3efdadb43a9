import { z } from 'zod'
import { errorVerdict, FAILS, HOLDS, type RuleKind, UNKNOWN } from '../rule.ts'
import { text } from '../text.ts'

const INCOMPLETE = errorVerdict('groups-incomplete')

/** Holds for members of a group that the provider reports. */
export const group: RuleKind<{ name: string; identityProvider?: string | undefined }> = {
  name: 'group',
  schema: z
    .strictObject({
      name: text(1, 256).describe('The group exactly as the provider spells it.'),
      identityProvider: text(1, 63).optional().describe('Only if this provider says so.'),
    })
    .describe('Members of a group that the identity provider reports.'),
  compile: ({ name, identityProvider }) => ({
    needsIdentity: true,
    test: ({ identity }) => {
      if (identity === undefined) return UNKNOWN
      if (identityProvider !== undefined && identity.provider !== identityProvider) return FAILS
      if (identity.groups.includes(name)) return HOLDS
      return identity.groupsIncomplete ? INCOMPLETE : FAILS
    },
  }),
}

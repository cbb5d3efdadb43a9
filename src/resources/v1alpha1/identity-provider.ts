import { z } from 'zod'
import { celRules } from '../../policy/cel-rule.ts'
import { text } from '../../policy/text.ts'
import { oidcSettings } from '../../providers/settings.ts'
import { clusterResource } from './metadata.ts'
import { providerName } from './names.ts'

const spec = z
  .strictObject({
    displayName: text(1, 100).optional().describe('What people read when they choose. Default: the object’s name.'),
    type: z.enum(['OIDC']).describe('Which protocol it speaks. The settings are in the field of that name.'),
    oidc: oidcSettings,
  })
  .meta(celRules({ rule: "has(self.oidc) == (self.type == 'OIDC')", message: 'expected oidc beside the type OIDC' }))
  .describe('Where people sign in.')

export const identityProvider = clusterResource('IdentityProvider', providerName, spec)
export type IdentityProvider = z.output<typeof identityProvider>

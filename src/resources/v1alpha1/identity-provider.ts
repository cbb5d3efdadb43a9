import { z } from 'zod'
import { oidcSettings } from '../../providers/settings.ts'
import { clusterResource } from './metadata.ts'
import { providerName } from './names.ts'

const spec = z
  .strictObject({
    displayName: z
      .string()
      .min(1)
      .max(100)
      .optional()
      .describe('What people read when they choose. Default: the object’s name.'),
    type: z.enum(['OIDC']).describe('Which protocol it speaks. The settings are in the field of that name.'),
    oidc: oidcSettings,
  })
  .describe('Where people sign in.')

export const identityProvider = clusterResource('IdentityProvider', providerName, spec)
export type IdentityProvider = z.output<typeof identityProvider>

import { z } from 'zod'
import { IDENTITY_HEADERS, SAME_SITE } from '../../policy/application.ts'
import { text } from '../../policy/text.ts'
import { destinations } from './destination.ts'
import { durationText } from './duration.ts'
import { lockdown } from './lockdown.ts'
import { namespacedResource } from './metadata.ts'
import { namespaceName, objectName, providerName } from './names.ts'

const policyReference = z
  .strictObject({
    name: objectName.describe('Name of the AccessPolicy.'),
    namespace: namespaceName
      .optional()
      .describe('The system namespace, if the policy lives there; otherwise leave it out.'),
  })
  .describe('An AccessPolicy.')

const spec = z
  .strictObject({
    destinations,
    policies: z
      .array(policyReference)
      .max(64)
      .default([])
      .describe('The policies, in order: the first that matches decides. Without any nobody is let in.'),
    identityProviders: z
      .array(providerName)
      .min(1)
      .max(64)
      .optional()
      .describe('Names of the IdentityProviders that people may sign in with, in the order shown. Default: all.'),
    session: z
      .strictObject({
        duration: durationText.describe('Longest time until the application asks again, from 1m to 8760h.'),
      })
      .optional()
      .describe('How long a sign-in to this application lasts. Default: as long as the session on the auth host.'),
    cookie: z
      .strictObject({
        sameSite: z
          .enum(SAME_SITE)
          .default('Lax')
          .describe(
            '`None` lets other sites embed the application; `Strict` asks again after every link from outside.',
          ),
      })
      .prefault({})
      .describe('The cookie that holds the application’s token.'),
    identityHeaders: z
      .array(z.enum(IDENTITY_HEADERS))
      .max(IDENTITY_HEADERS.length)
      .default([...IDENTITY_HEADERS])
      .describe('Which headers the application receives. `Cookie` is its own cookies without those of Gatehouse.'),
    assertion: z
      .strictObject({
        groups: z.boolean().default(false).describe('Whether the assertion names the person’s groups.'),
        claims: z
          .array(text(1, 256))
          .max(32)
          .default([])
          .describe('Claims of the identity to pass on, under `custom`.'),
      })
      .prefault({})
      .describe('What the signed assertion says beside who the person is.'),
    denyPage: z
      .strictObject({ message: text(1, 1000).describe('A few words in plain text.') })
      .optional()
      .describe('Your own words for somebody who is refused, such as where to ask for access.'),
    launcher: z
      .strictObject({
        title: text(1, 100).optional().describe('Title of the tile. Default: the application’s name.'),
        description: text(1, 300).optional().describe('One sentence below the title.'),
        hidden: z.boolean().default(false).describe('Leave the application out. This protects nothing.'),
      })
      .prefault({})
      .describe('The tile on the launcher page.'),
    lockdown: lockdown.optional(),
  })
  .describe('What is protected, and by which policies.')

export const accessApplication = namespacedResource('AccessApplication', spec)
export type AccessApplication = z.output<typeof accessApplication>

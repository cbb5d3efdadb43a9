import { z } from 'zod'
import { IDENTITY_HEADERS, SAME_SITE } from '../../policy/application.ts'
import { isHostPattern } from '../../policy/host.ts'
import { isPathPrefix } from '../../policy/path.ts'
import { destinationKey } from '../../policy/policy-set.ts'
import { durationText } from './duration.ts'
import { namespacedResource } from './metadata.ts'
import { namespaceName, objectName, providerName } from './names.ts'

const destination = z
  .strictObject({
    host: z
      .string()
      .max(255)
      .refine(isHostPattern, {
        error: 'expected a host in lower case without port, or *. and a host, such as grafana.example.com',
      })
      .describe('Host, in lower case and without port. `*.example.com` covers one label: `a.example.com` alone.'),
    path: z
      .string()
      .max(1024)
      .refine((text) => isDestinationPath(text), {
        error:
          'expected a path such as /admin: no query, no *, no slash at the end, nothing two servers read differently',
      })
      .default('/')
      .describe('Path prefix, by whole segments: `/admin` covers `/admin` and `/admin/users`, not `/administrator`.'),
  })
  .describe('A host and a path prefix.')

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
    destinations: z
      .array(destination)
      .min(1)
      .max(64)
      .refine((all) => new Set(all.map(({ host, path }) => `${host}${destinationKey(path)}`)).size === all.length, {
        error: 'expected each destination once; letter case and a slash at the end make no other one',
      })
      .describe('What is protected. The most specific destination decides, and nothing is inherited.'),
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
          .array(z.string().min(1).max(256))
          .max(32)
          .default([])
          .describe('Claims of the identity to pass on, under `custom`.'),
      })
      .prefault({})
      .describe('What the signed assertion says beside who the person is.'),
    denyPage: z
      .strictObject({ message: z.string().min(1).max(1000).describe('A few words in plain text.') })
      .optional()
      .describe('Your own words for somebody who is refused, such as where to ask for access.'),
    launcher: z
      .strictObject({
        title: z.string().min(1).max(100).optional().describe('Title of the tile. Default: the application’s name.'),
        description: z.string().min(1).max(300).optional().describe('One sentence below the title.'),
        hidden: z.boolean().default(false).describe('Leave the application out. This protects nothing.'),
      })
      .prefault({})
      .describe('The tile on the launcher page.'),
  })
  .describe('What is protected, and by which policies.')

export const accessApplication = namespacedResource('AccessApplication', spec)
export type AccessApplication = z.output<typeof accessApplication>

/** Whether the text may stand as a destination's path. */
export function isDestinationPath(text: string): boolean {
  return isPathPrefix(text) && !text.includes('*') && (text === '/' || !text.endsWith('/'))
}

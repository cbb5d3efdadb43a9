import { z } from 'zod'
import { canonicalHost } from '../host.ts'
import type { RuleKind } from '../rule.ts'
import { testOfAddress } from './email.ts'

/** Holds for verified addresses of exactly this domain; a subdomain is another domain. */
export const emailDomain: RuleKind<string> = {
  name: 'emailDomain',
  schema: z
    .string()
    .max(253)
    .refine((text) => text.includes('.') && canonicalHost(text, 0)?.length === text.length, {
      error: 'expected a domain without @, such as example.com',
    })
    .describe('Anybody with a verified email address of exactly this domain; a subdomain is another domain.'),
  compile: (setting) => ({
    needsIdentity: true,
    test: testOfAddress(`@${setting.toLowerCase()}`, (address, ending) => address.endsWith(ending)),
  }),
}

import { z } from 'zod'
import { celPattern } from '../cel-rule.ts'
import { DOMAIN } from '../host.ts'
import type { RuleKind } from '../rule.ts'
import { testOfAddress } from './email.ts'

const EXPECTED = 'expected a domain without @, such as example.com'

/** Holds for verified addresses of exactly this domain; a subdomain is another domain. */
export const emailDomain: RuleKind<string> = {
  name: 'emailDomain',
  schema: z
    .string()
    .max(253)
    .regex(DOMAIN, EXPECTED)
    .meta(celPattern(DOMAIN, EXPECTED))
    .describe('Anybody with a verified email address of exactly this domain; a subdomain is another domain.'),
  compile: (setting) => ({
    needsIdentity: true,
    test: testOfAddress(`@${setting.toLowerCase()}`, (address, ending) => address.endsWith(ending)),
  }),
}

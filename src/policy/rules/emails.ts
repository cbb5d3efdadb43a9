import { z } from 'zod'
import type { RuleKind } from '../rule.ts'
import { emailAddress, testOfAddress } from './email.ts'

/** Holds for anybody with one of these verified addresses. */
export const emails: RuleKind<string[]> = {
  name: 'emails',
  schema: z.array(emailAddress).min(1).max(1000).describe('Anybody with one of these verified email addresses.'),
  compile: (setting) => ({
    needsIdentity: true,
    test: testOfAddress(new Set(setting.map((one) => one.toLowerCase())), (address, wanted) => wanted.has(address)),
  }),
}

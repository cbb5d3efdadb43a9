import { z } from 'zod'
import { HOLDS, type RuleKind } from '../rule.ts'

/** Holds for anybody. In an Allow policy: for anybody who can sign in. */
export const everyone: RuleKind<Record<string, never>> = {
  name: 'everyone',
  schema: z.strictObject({}).describe('Everybody. Takes no settings: `everyone: {}`.'),
  compile: () => ({ needsIdentity: false, test: () => HOLDS }),
}

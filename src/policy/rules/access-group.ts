import { z } from 'zod'
import { celPattern } from '../cel-rule.ts'
import type { RuleKind } from '../rule.ts'

const NAME = /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/
const EXPECTED = 'expected the name of an AccessGroup'

const name = z.string().max(253).regex(NAME, EXPECTED).meta(celPattern(NAME, EXPECTED))

/** Holds if the named AccessGroup does. */
export const accessGroup: RuleKind<{ name: string; namespace?: string | undefined }> = {
  name: 'accessGroup',
  schema: z
    .strictObject({
      name: name.describe('Name of the AccessGroup.'),
      namespace: name.optional().describe('The system namespace, if the group lives there; otherwise leave it out.'),
    })
    .describe('Whoever the named AccessGroup holds for.'),
  compile: (reference, context) => context.accessGroup(reference),
}

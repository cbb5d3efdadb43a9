import { z } from 'zod'
import type { RuleKind } from '../rule.ts'

const name = z
  .string()
  .max(253)
  .regex(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/, 'expected the name of an AccessGroup')

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

import { z } from 'zod'
import { namespacedResource } from './metadata.ts'
import { ruleLists } from './rules.ts'

const spec = z
  .strictObject(ruleLists)
  .describe(
    'Rules to use in several policies. The group holds if an include holds, every require does and no exclude does.',
  )

export const accessGroup = namespacedResource('AccessGroup', spec)
export type AccessGroup = z.output<typeof accessGroup>

import { z } from 'zod'
import { ruleKinds } from '../../policy/rules/index.ts'

const MOST_RULES = 256

/** A rule as a manifest has it: the name of its kind and that kind's settings, and nothing else. */
export type RuleManifest = Readonly<Record<string, unknown>>

/** A rule: exactly one key, out of the list of rule kinds. */
export const rule: z.ZodType<RuleManifest> = z
  .strictObject(Object.fromEntries(ruleKinds.map(({ name, schema }) => [name, schema.optional()])))
  .refine((kinds) => Object.keys(kinds).length === 1, {
    error: 'expected exactly one kind of rule',
    when: ({ value, issues }) =>
      typeof value === 'object' && value !== null && issues.every(({ code }) => code !== 'unrecognized_keys'),
  })
  .meta({ minProperties: 1, maxProperties: 1 })
  .describe('One rule: an object with exactly one key.')

const list = z.array(rule).max(MOST_RULES)

/** The three lists of a policy or a group. */
export const ruleLists = {
  include: list.min(1).describe('At least one of these rules must hold.'),
  require: list.default([]).describe('Every one of these rules must hold.'),
  exclude: list.default([]).describe('None of these rules may hold.'),
}

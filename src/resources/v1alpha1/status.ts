import { z } from 'zod'
import { CONDITION_TYPES } from '../condition-reasons.ts'

const TYPE =
  /^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\/)?(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$/
const REASON = /^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$/

const generation = z.int().min(0).meta({ format: 'int64', maximum: undefined })

/** A condition as `metav1.Condition` has it. */
const condition = z
  .strictObject({
    type: z
      .string()
      .max(316)
      .regex(TYPE)
      .describe(`What the condition is about: ${Object.keys(CONDITION_TYPES).join(', ')}.`),
    status: z.enum(['True', 'False', 'Unknown']).describe('Whether it holds.'),
    observedGeneration: generation.optional().describe('The `metadata.generation` that the condition is about.'),
    lastTransitionTime: z.iso.datetime().max(64).meta({ pattern: undefined }).describe('When `status` last changed.'),
    reason: z.string().min(1).max(1024).regex(REASON).describe('One word for why, out of the list of reasons.'),
    message: z.string().max(32_768).describe('Why, for people; empty where the reason says it all.'),
  })
  .describe('One thing that Gatehouse found out about the object.')

const common = {
  observedGeneration: generation.optional().describe('The `metadata.generation` that the status is about.'),
  conditions: z
    .array(condition)
    .max(16)
    .optional()
    .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['type'] })
    .describe('Whether the object is valid, what it refers to is there, and it is in force.'),
}

const WRITTEN_BY_GATEHOUSE = 'What Gatehouse made of the object. Gatehouse writes it, in a cluster.'

/** `status` of an object. */
export const objectStatus = z.strictObject(common).describe(WRITTEN_BY_GATEHOUSE)

/** `status` of an AccessApplication. */
export const applicationStatus = z
  .strictObject({
    ...common,
    audience: z
      .string()
      .max(64)
      .regex(/^[0-9a-f]{64}$/)
      .optional()
      .describe('What the tokens and assertions of the application are for (`aud`), which the app behind it verifies.'),
  })
  .describe(WRITTEN_BY_GATEHOUSE)

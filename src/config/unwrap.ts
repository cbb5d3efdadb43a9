import { z } from 'zod'

/** A schema without its wrappings, and what those say of it. */
export interface Unwrapped {
  /** The schema below everything that is wrapped around it. */
  readonly core: z.core.$ZodType
  readonly meta: z.GlobalMeta
  /** The default as a file would have it. */
  readonly fallback: unknown
  readonly isOptional: boolean
}

/** Takes defaults, transforms and the like off a schema. */
export function unwrap(schema: z.core.$ZodType): Unwrapped {
  const own = z.globalRegistry.get(schema) ?? {}
  const inner = innerOf(schema)
  if (inner === undefined) return { core: schema, meta: own, fallback: undefined, isOptional: false }
  const { core, meta, fallback, isOptional } = unwrap(inner)
  const isDefaulted = schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault
  return {
    core,
    meta: { ...meta, ...own },
    fallback: isDefaulted ? schema.def.defaultValue : fallback,
    isOptional: isOptional || schema instanceof z.ZodOptional,
  }
}

function innerOf(schema: z.core.$ZodType): z.core.$ZodType | undefined {
  if (schema instanceof z.ZodPipe) return schema.def.in
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault || schema instanceof z.ZodOptional) {
    return schema.def.innerType
  }
  return undefined
}

import { z } from 'zod'

/** The schema inside optional fields and defaults. */
export function unwrapped(schema: z.core.$ZodType): z.core.$ZodType {
  let inner = schema
  while (inner instanceof z.ZodOptional || inner instanceof z.ZodDefault || inner instanceof z.ZodPrefault) {
    inner = inner.def.innerType
  }
  return inner
}

/**
 * The fields that an author may write at a path of a schema, in order: those that take anything are the API server's.
 * Undefined if no object stands there.
 */
export function fieldNames(schema: z.core.$ZodType, path: readonly (string | number)[]): string[] | undefined {
  let here: z.core.$ZodType | undefined = unwrapped(schema)
  for (const step of path) {
    if (here instanceof z.ZodArray) here = unwrapped(here.def.element)
    else if (here instanceof z.ZodObject && Object.hasOwn(here.shape, step)) here = unwrapped(here.shape[step])
    else return undefined
  }
  if (!(here instanceof z.ZodObject)) return undefined
  return Object.entries<z.core.$ZodType>(here.shape)
    .filter(([, field]) => !(unwrapped(field) instanceof z.ZodUnknown))
    .map(([name]) => name)
}

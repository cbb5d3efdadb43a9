import { z } from 'zod'
import { nearest } from './nearest.ts'
import { configSchema } from './schema.ts'
import { settings } from './settings.ts'
import type { Path } from './tree.ts'
import { unwrap } from './unwrap.ts'

/** What the schema wants of the value at a path, as the end of "expected …". */
export function expectationAt(path: Path): string {
  const schema = schemaAt(path)
  if (schema === undefined) return 'nothing'
  const { core, meta } = unwrap(schema)
  return meta.expects ?? (core instanceof z.ZodObject ? 'an object' : 'another value')
}

/** What could have been meant by a key that the object at a path does not have. */
export function expectationOfKey(parent: Path, key: string): string {
  const keys = keysOf(parent)
  const meant = nearest(key, keys)
  const all = `one of ${keys.map((known) => `\`${known}\``).join(', ')}`
  return meant === undefined ? all : `\`${meant}\`, perhaps; ${all}`
}

function keysOf(parent: Path): readonly string[] {
  const prefix = parent.join('.')
  const known = settings().filter(({ path }) => path.slice(0, -1).join('.') === prefix)
  if (known.length > 0) return known.map(({ path }) => path.at(-1) ?? '')
  const schema = schemaAt(parent)
  const core = schema && unwrap(schema).core
  return core instanceof z.ZodObject ? Object.keys(core.shape) : []
}

function schemaAt(path: Path): z.core.$ZodType | undefined {
  let schema: z.core.$ZodType | undefined = configSchema
  for (const key of path) {
    const core: z.core.$ZodType | undefined = schema && unwrap(schema).core
    if (core instanceof z.ZodArray) schema = core.element
    else schema = core instanceof z.ZodObject ? core.shape[key] : undefined
  }
  return schema
}

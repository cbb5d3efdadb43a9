import { z } from 'zod'

/** As much of a structural schema as the schemas of resources come to. */
export interface StructuralSchema {
  readonly type?: string
  readonly properties?: Readonly<Record<string, StructuralSchema>>
  readonly required?: readonly string[]
  readonly [keyword: string]: unknown
}

type JsonSchema = Readonly<Record<string, unknown>>

/**
 * What `toJSONSchema` says and a structural schema must not. That no other fields may stand there is the API server's own
 * doing: it prunes them, or refuses them under strict field validation.
 */
const LEFT_OUT: ReadonlySet<string> = new Set(['$schema', 'additionalProperties', 'propertyNames', 'const'])

/** An order in which a person reads: what it is, then its limits, then what is inside. */
const ORDER = ['description', 'type', 'format', 'enum', 'default', 'pattern', 'required']

/**
 * The OpenAPI v3 schema, structural as `apiextensions.k8s.io/v1` asks for, of what a schema takes as input. Keys that were
 * handed to `.meta` come with it.
 *
 * @see https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema
 */
export function structuralSchema(schema: z.ZodType): StructuralSchema {
  return structural(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any', reused: 'inline' }) as JsonSchema)
}

function structural(schema: JsonSchema): StructuralSchema {
  const kept = Object.entries(schema).filter(([keyword, value]) => !LEFT_OUT.has(keyword) && value !== undefined)
  const limits = kept.filter(([keyword]) => !isNested(keyword))
  const { properties, items, additionalProperties } = schema
  return {
    ...Object.fromEntries(limits.sort(([a], [b]) => rank(a) - rank(b))),
    ...(schema.type === 'array' ? { 'x-kubernetes-list-type': schema['x-kubernetes-list-type'] ?? 'atomic' } : {}),
    ...(isSchema(properties) && Object.keys(properties).length > 0 ? { properties: eachStructural(properties) } : {}),
    ...(isSchema(items) ? { items: structural(items) } : {}),
    ...(isSchema(additionalProperties) ? { additionalProperties: structural(additionalProperties) } : {}),
  }
}

function isNested(keyword: string): boolean {
  return keyword === 'properties' || keyword === 'items'
}

function eachStructural(properties: JsonSchema): Readonly<Record<string, StructuralSchema>> {
  return Object.fromEntries(
    Object.entries(properties).map(([name, schema]) => [name, structural(isSchema(schema) ? schema : {})]),
  )
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function rank(keyword: string): number {
  const at = ORDER.indexOf(keyword)
  return at === -1 ? ORDER.length : at
}

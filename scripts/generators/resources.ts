import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { ruleKinds } from '../../src/policy/rules/index.ts'
import { CONDITION_TYPES, conditionReasons } from '../../src/resources/condition-reasons.ts'
import { type KindDeclaration, kinds } from '../../src/resources/v1alpha1/index.ts'
import { API_VERSION } from '../../src/resources/v1alpha1/metadata.ts'

/** The reference page of the resources. */
export const generator = {
  file: 'docs/reference/resources.md',
  content: async (): Promise<string> =>
    `${[INTRODUCTION, ...(await Promise.all(Object.values(kinds).map(kindSection))), rulesSection(), CONDITIONS].join('\n\n')}\n`,
}

const EXAMPLES = join(import.meta.dirname, '..', '..', 'manifests', 'examples')

const INTRODUCTION = `# Resources

All resources are of \`${API_VERSION}\`. A directory of manifests holds them in files named \`*.yaml\`,
\`*.yml\` or \`*.json\`, of at most 4 MiB, in folders as you like; a file may hold several documents. It is read again
whenever a file changes. Replace a file whole: write the new one beside it under a name that does not end so, then rename it.
Half a file can be valid YAML, and what is missing from it counts as deleted.

A bare name refers to an object of the same namespace and only that. A reference may also name the system namespace. An
object without \`metadata.namespace\` lives in \`default\`.

What is not valid shuts its own application and no other: it keeps the hosts and paths that can be read from it and those
that it had when it was last valid, and lets nobody in. If at the start an application’s hosts cannot be read, nothing is
served until it is mended. An object of one of the kinds below is refused in any other group. \`gatehouse validate DIR\`
lists every problem, \`gatehouse explain\` says what a request would be answered.`

const CONDITIONS = [
  '## Conditions',
  '',
  '| condition | true when |',
  '| --- | --- |',
  ...Object.entries(CONDITION_TYPES).map(([type, meaning]) => `| \`${type}\` | ${meaning} |`),
  '',
  '| reason | means |',
  '| --- | --- |',
  ...Object.entries(conditionReasons).map(([reason, meaning]) => `| \`${reason}\` | ${meaning} |`),
].join('\n')

/** As much of a JSON schema as the schemas of resources come to. */
interface JsonSchema {
  readonly type?: string
  readonly description?: string
  readonly default?: unknown
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly anyOf?: readonly JsonSchema[]
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
  readonly items?: JsonSchema
  readonly minLength?: number
  readonly maxLength?: number
  readonly minItems?: number
  readonly maxItems?: number
  readonly minProperties?: number
  readonly maxProperties?: number
}

async function kindSection({ kind, scope, schema, status, summary }: KindDeclaration): Promise<string> {
  const file = `${kind.replaceAll(/(?<!^)[A-Z]/g, (letter) => `-${letter}`).toLowerCase()}.yaml`
  const example = await readFile(join(EXAMPLES, file), 'utf8')
  const where = scope === 'Cluster' ? 'It belongs to the cluster and has no namespace.' : 'It lives in a namespace.'
  const { properties = {} } = jsonSchema(schema)
  const rows = ['metadata', 'spec'].flatMap((field) => fieldRows(field, properties[field] ?? {}, true))
  return [
    `## ${kind}`,
    '',
    `${summary} ${where}`,
    '',
    '```yaml',
    example.trimEnd(),
    '```',
    '',
    ...FIELDS,
    ...rows,
    '',
    `### Status of an ${kind}`,
    '',
    'Gatehouse writes it, in a cluster. The reasons are [below](#conditions).',
    '',
    ...FIELDS,
    ...childRows('status', jsonSchema(status)),
  ].join('\n')
}

function rulesSection(): string {
  const rows = ruleKinds.flatMap(({ name, schema }) => fieldRows(name, jsonSchema(schema), false))
  return [
    '## Rules',
    '',
    'A rule is an object with exactly one of these keys. It stands in `include`, `require` or `exclude`.',
    '',
    ...FIELDS,
    ...rows,
  ].join('\n')
}

const FIELDS = ['| field | type | default | limits | |', '| --- | --- | --- | --- | --- |']

function jsonSchema(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema
}

/** A row for a field and one for each field below it. Fields that take anything are the API server's. */
function fieldRows(path: string, schema: JsonSchema, isRequired: boolean): string[] {
  if (schema.type === undefined && schema.enum === undefined && schema.anyOf === undefined) return []
  const { items } = schema
  const text = [schema.description, items?.type === 'object' ? undefined : items?.description].filter(Boolean).join(' ')
  const columns = [`\`${path}\``, typeOf(schema), defaultOf(schema, isRequired), limitsOf(schema).join(', '), text]
  const row = `| ${columns.map((column) => column.replaceAll('|', '\\|')).join(' | ')} |`
  if (items !== undefined) return [row, ...(isRule(items) ? [] : childRows(`${path}[]`, items))]
  return [row, ...childRows(path, schema)]
}

function childRows(path: string, { properties = {}, required = [] }: JsonSchema): string[] {
  return Object.entries(properties).flatMap(([name, child]) =>
    fieldRows(`${path}.${name}`, child, required.includes(name)),
  )
}

function typeOf(schema: JsonSchema): string {
  if (isRule(schema)) return '[rule](#rules)'
  if (schema.enum !== undefined) return schema.enum.map((value) => `\`${value}\``).join(' or ')
  if (schema.anyOf !== undefined) return schema.anyOf.map(typeOf).join(' or ')
  if (schema.type === 'array') return `list of ${typeOf(schema.items ?? {})}`
  return TYPES[schema.type ?? ''] ?? schema.type ?? ''
}

const TYPES: Readonly<Record<string, string>> = { string: 'text' }

function defaultOf(schema: JsonSchema, isRequired: boolean): string {
  if (schema.default !== undefined && schema.type !== 'object') return `\`${JSON.stringify(schema.default)}\``
  return isRequired ? 'required' : ''
}

function limitsOf(schema: JsonSchema): string[] {
  const { minLength, maxLength, minItems, maxItems, minProperties, maxProperties, items } = schema
  const limits = [
    span(minLength, maxLength, 'characters'),
    span(minItems, maxItems, 'entries'),
    span(minProperties, maxProperties, 'entries'),
  ]
  const each = items === undefined || items.type !== 'string' ? [] : limitsOf(items).map((limit) => `each ${limit}`)
  return [...limits.filter((limit) => limit !== undefined), ...each]
}

function span(least: number | undefined, most: number | undefined, unit: string): string | undefined {
  if (least === undefined && most === undefined) return undefined
  if (least === undefined || least === 0) return `at most ${most} ${unit}`
  return most === undefined ? `at least ${least} ${unit}` : `${least} to ${most} ${unit}`
}

function isRule({ properties }: JsonSchema): boolean {
  return properties !== undefined && ruleKinds.every(({ name }) => Object.hasOwn(properties, name))
}

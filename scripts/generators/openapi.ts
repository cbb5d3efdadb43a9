import { stringify } from 'yaml'
import { z } from 'zod'
import {
  commonRefusals,
  type Operation,
  operations,
  refusalMeanings,
  refusalSchema,
} from '../../src/admin/operations.ts'

type Json = Readonly<Record<string, unknown>>

/** An OpenAPI 3.1 document, as far as a reader of ours looks into it. */
export interface OpenApi {
  readonly openapi: string
  readonly paths: Readonly<Record<string, Readonly<Record<string, OpenApiOperation>>>>
  readonly components: {
    readonly schemas: Readonly<Record<string, Json>>
    readonly responses: Readonly<Record<string, OpenApiResponse>>
    readonly securitySchemes: Json
  }
  readonly [member: string]: unknown
}

export interface OpenApiOperation {
  readonly operationId: string
  /** By status. */
  readonly responses: Readonly<Record<string, OpenApiResponse | { readonly $ref: string }>>
  readonly [member: string]: unknown
}

export interface OpenApiResponse {
  readonly description: string
  /** By content type. */
  readonly content: Readonly<Record<string, { readonly schema: Json }>>
}

const RESPONSES = '#/components/responses/Refusal'

/** The document of the admin API, in YAML. */
export const generator = {
  file: 'docs/reference/openapi.yaml',
  content: (): string =>
    `# Made by \`npm run generate\` from src/admin; change that.\n${stringify(openApi(), { lineWidth: 120, aliasDuplicateObjects: false })}`,
}

/**
 * The OpenAPI 3.1 document of the admin API, made of what its listener reads and writes by.
 *
 * @see https://spec.openapis.org/oas/v3.1.1.html
 */
export function openApi(): OpenApi {
  const schemas: Record<string, Json> = {}
  const paths: Record<string, Record<string, OpenApiOperation>> = {}
  for (const [name, operation] of Object.entries<Operation>(operations)) {
    paths[operation.path] = {
      ...paths[operation.path],
      [operation.method.toLowerCase()]: operationOf(name, operation, schemas),
    }
  }
  const responses = Object.fromEntries(
    Object.entries({ ...refusalMeanings, ...commonRefusals }).map(([status, description]) => [
      `Refusal${status}`,
      { description, content: contentOf('application/problem+json', refusalSchema, 'output', schemas) },
    ]),
  )
  const named = Object.entries(schemas).sort(([a], [b]) => (a < b ? -1 : 1))
  return {
    openapi: '3.1.1',
    info: {
      title: 'Gatehouse admin API',
      version: '1',
      summary: 'Lists sessions and revokes.',
      description:
        'On a listener of its own (`admin` of the configuration), for programs. Every credential that is configured is needed: a bearer token, a client certificate, or both. Calls are written to the audit log, but for those that ask for the status of revocations and get it.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [
      { url: 'http://127.0.0.1:9091', description: 'The admin listener as it is without further settings.' },
      {
        url: 'https://{host}:{port}',
        description: 'With `admin.tls`, and then `admin.host` may be another.',
        variables: { host: { default: '127.0.0.1' }, port: { default: '9091' } },
      },
    ],
    security: [{ bearer: [] }, { certificate: [] }, { bearer: [], certificate: [] }],
    paths,
    components: {
      schemas: Object.fromEntries(named),
      responses,
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', description: 'The token in the file that `admin.tokenFile` names.' },
        certificate: {
          type: 'mutualTLS',
          description: 'A client certificate of the authorities in `admin.tls.clientCaFile`.',
        },
      },
    },
  }
}

function operationOf(operationId: string, operation: Operation, schemas: Record<string, Json>): OpenApiOperation {
  const { summary, description, method, parameters, query, body, answers, refusals } = operation
  const all = [...parametersOf(parameters, 'path', schemas), ...parametersOf(query, 'query', schemas)]
  return {
    operationId,
    summary,
    description,
    ...(all.length === 0 ? {} : { parameters: all }),
    ...(method === 'GET'
      ? {}
      : { requestBody: { required: true, content: contentOf('application/json', body, 'input', schemas) } }),
    responses: {
      ...Object.fromEntries(
        Object.entries(answers).map(([status, answer]) => [
          status,
          {
            description: answer.description,
            content: contentOf('application/json', answer.schema, 'output', schemas),
          },
        ]),
      ),
      ...Object.fromEntries(
        [...Object.keys(commonRefusals), ...refusals.map(String)].map((status) => [
          status,
          { $ref: `${RESPONSES}${status}` },
        ]),
      ),
    },
  }
}

function parametersOf(schema: z.ZodObject, place: 'path' | 'query', schemas: Record<string, Json>): Json[] {
  const { properties, required } = schemaOf(schema, 'input', schemas) as {
    properties: Record<string, Json>
    required?: readonly string[]
  }
  return Object.entries(properties).map(([name, { description, ...rest }]) => ({
    name,
    in: place,
    required: required?.includes(name) === true,
    description,
    schema: rest,
  }))
}

function contentOf(type: string, schema: z.ZodType, io: 'input' | 'output', schemas: Record<string, Json>) {
  return { [type]: { schema: schemaOf(schema, io, schemas) } }
}

/** The JSON Schema of a schema; those that have a name are put where they are referred to. */
function schemaOf(schema: z.ZodType, io: 'input' | 'output', schemas: Record<string, Json>): Json {
  const made = z.toJSONSchema(schema, { io, target: 'draft-2020-12' }) as Json
  const { $schema: _, $defs = {}, ...own } = relocated(made) as Json
  for (const [name, { id: _id, ...named }] of Object.entries($defs as Record<string, Json>)) schemas[name] = named
  const { id, ...rest } = own
  if (typeof id !== 'string') return rest
  schemas[id] = rest
  return { $ref: `#/components/schemas/${id}` }
}

function relocated(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(relocated)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      key === '$ref' && typeof inner === 'string'
        ? inner.replace(/^#\/\$defs\//, '#/components/schemas/')
        : relocated(inner),
    ]),
  )
}

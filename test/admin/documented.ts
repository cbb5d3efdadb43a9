import { z } from 'zod'
import { type OpenApiResponse, openApi } from '../../scripts/generators/openapi.ts'

type Json = Readonly<Record<string, unknown>>

/** What the listener answered. */
export interface Answered {
  readonly status: number
  readonly type: string | null
  readonly body: unknown
}

const document = openApi()

/**
 * Throws unless the OpenAPI document says that this may be answered, and the body is as its schema says. To a path or method
 * that the document does not name there may only be a refusal.
 */
export function assertDocumented(method: string, target: string, { status, type, body }: Answered): void {
  const [path = ''] = target.split('?')
  const response = responseTo(method, path, status)
  if (response === undefined) throw new Error(`${method} ${path} may not be answered ${status}`)
  const content = response.content[type ?? '']
  if (content === undefined) throw new Error(`${method} ${path}: ${status} may not be of type ${type}`)
  schemaOf(content.schema).parse(body)
}

function responseTo(method: string, path: string, status: number): OpenApiResponse | undefined {
  const [, item] =
    Object.entries(document.paths).find(([template]) =>
      new RegExp(`^${template.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(path),
    ) ?? []
  const operation = item?.[method.toLowerCase()]
  const { responses } = document.components
  if (operation === undefined) return status >= 400 && status < 600 ? responses.Refusal401 : undefined
  const response = operation.responses[String(status)]
  return response !== undefined && '$ref' in response ? responses[response.$ref.split('/').at(-1) ?? ''] : response
}

/** A validator made of the document, not of the schemas that it was made of. */
function schemaOf(schema: Json): z.ZodType {
  const whole = { ...schema, $defs: document.components.schemas }
  return z.fromJSONSchema(JSON.parse(JSON.stringify(whole).replaceAll('#/components/schemas/', '#/$defs/')))
}

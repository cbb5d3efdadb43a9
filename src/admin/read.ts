import type { IncomingMessage } from 'node:http'
import type { z } from 'zod'
import { type AdminAnswer, refusal } from './answer.ts'

/** Largest body that is read, in bytes. */
export const MAX_BODY_BYTES = 64 * 1024
const MAX_ERRORS = 20
const LONGEST_FIELD = 100
const WHOLE_NUMBER = /^(?:0|[1-9]\d{0,8})$/

/** What a reader gives: the value, or the answer that refuses. */
export type Read<Value> = { readonly value: Value } | { readonly refused: AdminAnswer }

/**
 * Puts a value to a schema.
 *
 * @param where what the fields that are wrong stand in, such as `query`
 */
export function readBy<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  where: string,
): Read<z.output<Schema>> {
  const result = schema.safeParse(value)
  if (result.success) return { value: result.data }
  // A text that is too short is of the wrong shape as well: its field is named once.
  const byField = new Map(result.error.issues.flatMap(errorsOf).map((error) => [error.field, error]))
  const errors = [...byField.values()].slice(0, MAX_ERRORS)
  return { refused: refusal(400, 'admin-invalid', `The ${where} is not as it has to be.`, { errors }) }
}

function errorsOf(issue: z.core.$ZodIssue): { field: string; expected: string }[] {
  const path = issue.path.map(String)
  if (issue.code !== 'unrecognized_keys') return [{ field: nameOf(path), expected: issue.message }]
  return issue.keys.slice(0, MAX_ERRORS).map((key) => ({ field: nameOf([...path, key]), expected: 'no such field' }))
}

function nameOf(path: readonly string[]): string {
  const name = path.join('.')
  return name.length <= LONGEST_FIELD ? name : `${name.slice(0, LONGEST_FIELD)}…`
}

/** Reads a query as an object: whole numbers and `true` are what they look like, everything else is text. */
export function readQuery(search: string): Read<Record<string, unknown>> {
  const query: Record<string, unknown> = Object.create(null)
  for (const [name, text] of new URLSearchParams(search)) {
    if (name in query) {
      const errors = [{ field: nameOf([name]), expected: 'one value' }]
      return { refused: refusal(400, 'admin-invalid', 'The query names a field twice.', { errors }) }
    }
    query[name] = typed(name, text)
  }
  return { value: query }
}

function typed(name: string, text: string): unknown {
  if (name === 'limit' && WHOLE_NUMBER.test(text)) return Number(text)
  return name === 'all' && text === 'true' ? true : text
}

/** Reads a body of JSON, and no more of one that is too large than it takes to know that. */
export async function readJson(request: IncomingMessage): Promise<Read<unknown>> {
  const {
    'content-type': type = '',
    'content-encoding': encoding = 'identity',
    'content-length': length,
  } = request.headers
  const isJson = /^application\/json[ \t]*(?:;[ \t]*charset="?utf-8"?[ \t]*)?$/i.test(type)
  if (!isJson || encoding.toLowerCase() !== 'identity') {
    return { refused: refusal(415, 'admin-wrong-content-type', 'The body has to be `application/json`, uncompressed.') }
  }
  const bytes = Number(length ?? 0) > MAX_BODY_BYTES ? undefined : await bodyOf(request)
  if (bytes === undefined) {
    return { refused: refusal(413, 'admin-too-large', `The body has to be at most ${MAX_BODY_BYTES} bytes.`) }
  }
  try {
    return { value: JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) }
  } catch {
    return { refused: refusal(400, 'admin-malformed', 'The body has to be JSON in UTF-8.') }
  }
}

/** The body, or undefined if it is too large; what is left of it then flows by unread. Rejects if the client breaks off. */
function bodyOf(request: IncomingMessage): Promise<Buffer | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer | undefined>()
  let chunks: Buffer[] = []
  let size = 0
  request.on('data', (chunk: Buffer) => {
    size += chunk.length
    if (size <= MAX_BODY_BYTES) chunks.push(chunk)
    else {
      chunks = []
      resolve(undefined)
    }
  })
  request.on('end', () => resolve(Buffer.concat(chunks)))
  request.on('error', reject)
  return promise
}

import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'

const TIMEOUT_MS = 30_000
const MAX_ANSWER_BYTES = 32 * 1024 * 1024

/** Where the admin API is, and by what credentials. */
export interface AdminTarget {
  readonly url: URL
  readonly token: string | undefined
  /** Authorities, in PEM form, in place of the system's. */
  readonly ca: string | undefined
  readonly cert: string | undefined
  readonly key: string | undefined
}

/** One call of the admin API. */
export interface AdminCall {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  readonly body?: object
}

/** What came back, or in a few words why nothing did. */
export type AdminReply =
  | {
      readonly status: number
      readonly body: unknown
      /** `Retry-After`; undefined if it is not there, or no number. */
      readonly retryAfterSeconds: number | undefined
    }
  | { readonly trouble: string }

/** Calls the admin API on a connection of its own, and waits 30 seconds at most. Never rejects. */
export function callAdmin({ url, token, ca, cert, key }: AdminTarget, call: AdminCall): Promise<AdminReply> {
  const { promise, resolve } = Promise.withResolvers<AdminReply>()
  const asked = new URL(call.path, url)
  asked.search = new URLSearchParams(call.query).toString()
  const body = call.body === undefined ? undefined : JSON.stringify(call.body)
  const options = {
    method: call.method,
    agent: false,
    signal: AbortSignal.timeout(TIMEOUT_MS),
    headers: {
      accept: 'application/json, application/problem+json',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
    },
  }
  const unreachable = (error: Error) => resolve({ trouble: `${url.origin} cannot be reached (${wordOf(error)})` })
  try {
    const listen = (response: IncomingMessage) => readReply(response).then(resolve, unreachable)
    const request =
      asked.protocol === 'https:'
        ? httpsRequest(asked, { ...options, ...given({ ca, cert, key }) }, listen)
        : httpRequest(asked, options, listen)
    request.on('error', unreachable)
    request.end(body)
  } catch (error) {
    // A certificate or a key that is none.
    unreachable(error instanceof Error ? error : new Error(String(error)))
  }
  return promise
}

async function readReply(response: IncomingMessage): Promise<AdminReply> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > MAX_ANSWER_BYTES) return { trouble: 'the answer is too large' }
    chunks.push(chunk)
  }
  const text = Buffer.concat(chunks).toString('utf8')
  try {
    const { statusCode: status = 0, headers } = response
    const retryAfter = headers['retry-after'] ?? ''
    const retryAfterSeconds = /^\d{1,6}$/.test(retryAfter) ? Number(retryAfter) : undefined
    return { status, body: JSON.parse(text), retryAfterSeconds }
  } catch {
    return { trouble: `the answer ${response.statusCode} is not one of the admin API` }
  }
}

function wordOf(error: Error): string {
  if (error.name === 'TimeoutError' || error.name === 'AbortError') return 'no answer in 30 seconds'
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message
}

function given(options: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(options).filter((entry): entry is [string, string] => entry[1] !== undefined),
  )
}

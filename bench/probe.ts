import { connect } from 'node:net'
import { type WireRequest, wireText } from './request.ts'

/** One answer, whole. */
export interface Answer {
  readonly status: number
  /** Names and values in turn, as they came. */
  readonly headers: readonly string[]
  /** Head and body together. */
  readonly bytes: number
}

const TIMEOUT_MS = 5_000

/** Sends one request on a connection that stays open, and reads the answer; it must say its length. */
export async function probe(port: number, request: WireRequest): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>()
  const socket = connect(port, '127.0.0.1', () => socket.write(wireText(request), 'latin1'))
  let text = ''
  socket.setEncoding('latin1')
  socket.setTimeout(TIMEOUT_MS, () => reject(new Error(`no answer from port ${port}; so far: ${text}`)))
  socket.on('error', reject)
  socket.on('close', () => reject(new Error(`port ${port} closed the connection; so far: ${text}`)))
  socket.on('data', (chunk: string) => {
    text += chunk
    const answer = readAnswer(text)
    if (answer !== undefined) resolve(answer)
  })
  return promise.finally(() => socket.destroy())
}

function readAnswer(text: string): Answer | undefined {
  const end = text.indexOf('\r\n\r\n')
  if (end === -1) return undefined
  const [first = '', ...lines] = text.slice(0, end).split('\r\n')
  const headers = lines.flatMap((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()])
  const bytes = end + 4 + bodyLength(headers, text.slice(end + 4))
  return text.length < bytes ? undefined : { status: Number(first.split(' ')[1]), headers, bytes }
}

function bodyLength(headers: readonly string[], body: string): number {
  const length = headerValue(headers, 'content-length')
  if (length !== undefined) return Number(length)
  if (headerValue(headers, 'transfer-encoding') === 'chunked') {
    const end = body.indexOf('0\r\n\r\n')
    return end === -1 ? Number.POSITIVE_INFINITY : end + 5
  }
  return 0
}

/** The value of the first header of that name, given in lower case. */
export function headerValue(headers: readonly string[], name: string): string | undefined {
  const index = headers.findIndex((text, at) => at % 2 === 0 && text.toLowerCase() === name)
  return index === -1 ? undefined : headers[index + 1]
}

/** The headers that the server itself chose, without those that Node adds to each answer. */
export function ownHeaders(headers: readonly string[]): string[] {
  const added = new Set(['date', 'connection', 'keep-alive'])
  return headers.filter((_, at) => !added.has((headers[at - (at % 2)] ?? '').toLowerCase()))
}

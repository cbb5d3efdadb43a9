import type { IncomingMessage } from 'node:http'
import { fieldOf } from '../resources/raw-value.ts'
import { AnswerTooLargeError, ApiError, ApiUnreachableError } from './api-error.ts'

const LARGEST_ANSWER_BYTES = 64 * 1024 * 1024
const LARGEST_REFUSAL_BYTES = 256 * 1024
const LONGEST_MESSAGE = 2_000
const LONGEST_LINE_BYTES = 8 * 1024 * 1024
const LINE_FEED = 0x0a

/**
 * Reads an answer as JSON.
 *
 * @throws ApiUnreachableError `garbled` if it is none, or larger than 64 MiB
 */
export async function jsonOf(what: string, answer: IncomingMessage): Promise<unknown> {
  const text = decode(what, await bytesOf(what, answer, LARGEST_ANSWER_BYTES))
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new ApiUnreachableError('garbled', `${what}: the answer is not JSON`, { cause: error })
  }
}

/** Reads an answer that is not a success, be it a Status or anything else. */
export async function refusalOf(what: string, answer: IncomingMessage): Promise<ApiError> {
  const httpStatus = answer.statusCode ?? 0
  const text = (await bytesOf(what, answer, LARGEST_REFUSAL_BYTES)).toString('utf8')
  return statusError(what, statusIn(text) ?? {}, httpStatus, text, answer.headers['retry-after'])
}

/**
 * Makes an error of a Status, which comes as an answer or as an event of a watch.
 *
 * @param httpStatus of the answer; undefined: the Status alone says it
 * @param text said where the Status has no message
 * @param retryAfter the header, in seconds
 */
export function statusError(
  what: string,
  status: unknown,
  httpStatus?: number,
  text = '',
  retryAfter?: string,
): ApiError {
  const code = httpStatus ?? numberOf(fieldOf(status, 'code')) ?? 0
  const statusReason = fieldOf(status, 'reason')
  const message = fieldOf(status, 'message')
  const seconds = numberOf(retryAfter) ?? numberOf(fieldOf(fieldOf(status, 'details'), 'retryAfterSeconds'))
  const said = (typeof message === 'string' ? message : text).trim().slice(0, LONGEST_MESSAGE)
  return new ApiError({
    status: code,
    statusReason: typeof statusReason === 'string' ? statusReason : '',
    message: `${what}: ${code}${said === '' ? '' : `: ${said}`}`,
    retryAfterMs: seconds === undefined ? undefined : seconds * 1000,
  })
}

/**
 * The lines of an answer as they come.
 *
 * @param idleTimeoutMs longest time to wait for a whole line
 * @throws ApiUnreachableError `silent` after that; `garbled` for a line that is cut off, no UTF-8 or longer than 8 MiB
 */
export async function* linesOf(what: string, answer: IncomingMessage, idleTimeoutMs: number): AsyncGenerator<string> {
  const silence = () => answer.destroy(new ApiUnreachableError('silent', `${what}: silent for ${idleTimeoutMs} ms`))
  const timer = setTimeout(silence, idleTimeoutMs)
  let parts: Buffer[] = []
  let bytes = 0
  function add(part: Buffer): void {
    parts.push(part)
    bytes += part.length
    if (bytes > LONGEST_LINE_BYTES) {
      throw new ApiUnreachableError('garbled', `${what}: a line is longer than ${LONGEST_LINE_BYTES} bytes`)
    }
  }
  try {
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      let start = 0
      for (let end = chunk.indexOf(LINE_FEED); end !== -1; end = chunk.indexOf(LINE_FEED, start)) {
        add(chunk.subarray(start, end))
        const line = Buffer.concat(parts, bytes)
        parts = []
        bytes = 0
        start = end + 1
        timer.refresh()
        if (line.length > 0) yield decode(what, line)
      }
      if (start < chunk.length) add(chunk.subarray(start))
    }
    if (bytes > 0) throw new ApiUnreachableError('garbled', `${what}: the answer ends in the middle of a line`)
  } finally {
    clearTimeout(timer)
  }
}

async function bytesOf(what: string, answer: IncomingMessage, most: number): Promise<Buffer> {
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of answer as AsyncIterable<Buffer>) {
    bytes += part.length
    if (bytes > most) throw new AnswerTooLargeError(`${what}: the answer is larger than ${most} bytes`)
    parts.push(part)
  }
  return Buffer.concat(parts, bytes)
}

function decode(what: string, bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (error) {
    throw new ApiUnreachableError('garbled', `${what}: the answer is not UTF-8`, { cause: error })
  }
}

function statusIn(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Proxies in front of an API server answer with pages of their own.
    return undefined
  }
}

function numberOf(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value
  return typeof number === 'number' && Number.isSafeInteger(number) && number >= 0 ? number : undefined
}

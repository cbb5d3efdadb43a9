import type { Events } from '../observe/events.ts'
import { isCallable } from './callable.ts'
import { ProviderError } from './provider.ts'

const MAX_BYTES = 1_048_576

export type ProviderOperation = 'discovery' | 'jwks' | 'token' | 'userinfo'

/** What a call may carry; the same shape as the one that openid-client passes on. */
export interface CallInit {
  readonly method: string
  readonly headers: Record<string, string>
  readonly body?: RequestInit['body'] | null | undefined
}

/**
 * Calls an endpoint of a provider. The answer has been taken in to its end: at most 1 MiB of sound UTF-8, not a redirect,
 * not 429 or 5xx. Anything else, and no answer before the signal, is a `ProviderError`.
 *
 * @param read makes something of the answer; a `ProviderError` that it throws counts as the call's failure
 */
export type ProviderFetch = <T>(
  operation: ProviderOperation,
  address: string,
  init: CallInit,
  signal: AbortSignal,
  read: (response: Response) => T | Promise<T>,
) => Promise<T>

export interface FetchPorts {
  readonly provider: string
  readonly events: Pick<Events, 'providerCalled'>
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** Development mode: http is allowed on localhost. */
  readonly allowHttpLocalhost: boolean
}

/** A guarded `fetch` for one provider; each call is reported to `events.providerCalled`. */
export function providerFetch({ provider, events, now, allowHttpLocalhost }: FetchPorts): ProviderFetch {
  return async (operation, address, init, signal, read) => {
    if (!isCallable(address, allowHttpLocalhost)) {
      throw new ProviderError('provider-address-refused', `${operation}: an address that may not be called`)
    }
    const startedAt = now()
    const report = (outcome: 'ok' | 'failed', detail?: string) =>
      events.providerCalled({
        provider,
        operation,
        outcome,
        seconds: (now() - startedAt) / 1000,
        ...(detail === undefined ? {} : { detail }),
      })
    try {
      const response = await bounded(
        await fetch(address, { ...init, body: init.body ?? null, redirect: 'manual', signal }),
        operation,
      )
      const value = await read(response)
      report(response.ok ? 'ok' : 'failed', response.ok ? undefined : `HTTP ${response.status}`)
      return value
    } catch (error) {
      const failure = error instanceof ProviderError ? error : unreachable(operation, error, signal)
      report('failed', failure.message)
      throw failure
    }
  }
}

/** The promise's outcome, or `provider-unreachable` once the signal says that time is up. */
export function before<T>(signal: AbortSignal, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = () => reject(new ProviderError('provider-unreachable', 'no answer in time'))
    if (signal.aborted) late()
    signal.addEventListener('abort', late, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', late))
  })
}

/** The JSON object that a response holds. Throws `provider-answer-invalid` if it holds none. */
export async function jsonObjectOf(response: Response, operation: ProviderOperation): Promise<Record<string, unknown>> {
  const text = await response.text()
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  } catch (error) {
    // Not kept as cause: its message quotes the answer.
    if (!(error instanceof SyntaxError)) throw error
    throw new ProviderError('provider-answer-invalid', `${operation}: the answer is not JSON`)
  }
  throw new ProviderError('provider-answer-invalid', `${operation}: the answer is not a JSON object`)
}

async function bounded(response: Response, operation: ProviderOperation): Promise<Response> {
  const { status, headers } = response
  if (status === 429 || status >= 500) {
    await response.body?.cancel()
    throw new ProviderError('provider-unreachable', `${operation}: HTTP ${status}`)
  }
  if (status >= 300 && status < 400) {
    await response.body?.cancel()
    throw new ProviderError('provider-answer-invalid', `${operation}: a redirect, which is not followed`)
  }
  const text = await textOf(response, operation)
  const hasNoBody = status === 204 || status === 205
  return new Response(hasNoBody ? null : text, { status, headers: plain(headers) })
}

/** Decoded and of another length than on the wire, so what describes the wire goes. */
function plain(headers: Headers): Headers {
  const kept = new Headers(headers)
  for (const name of ['content-encoding', 'content-length', 'transfer-encoding']) kept.delete(name)
  return kept
}

async function textOf(response: Response, operation: ProviderOperation): Promise<string> {
  if (response.body === null) return ''
  const decoder = new TextDecoder('utf-8', { fatal: true })
  const parts: string[] = []
  let bytes = 0
  for await (const chunk of response.body) {
    bytes += chunk.byteLength
    if (bytes > MAX_BYTES) {
      throw new ProviderError('provider-answer-invalid', `${operation}: the answer is longer than 1 MiB`)
    }
    parts.push(decode(decoder, chunk, operation))
  }
  parts.push(decode(decoder, undefined, operation))
  return parts.join('')
}

function decode(
  decoder: InstanceType<typeof TextDecoder>,
  chunk: Uint8Array | undefined,
  operation: ProviderOperation,
): string {
  try {
    return decoder.decode(chunk, { stream: chunk !== undefined })
  } catch (cause) {
    throw new ProviderError('provider-answer-invalid', `${operation}: the answer is not UTF-8`, { cause })
  }
}

function unreachable(operation: ProviderOperation, error: unknown, signal: AbortSignal): ProviderError {
  const detail = signal.aborted ? 'no answer in time' : (codeOf(error) ?? 'the connection failed')
  return new ProviderError('provider-unreachable', `${operation}: ${detail}`, { cause: error })
}

/** The system's code of a failed connection, such as ECONNREFUSED or CERT_HAS_EXPIRED. */
function codeOf(error: unknown): string | undefined {
  for (let at = error, depth = 0; at instanceof Error && depth < 4; at = at.cause, depth += 1) {
    if ('code' in at && typeof at.code === 'string') return at.code
  }
  return undefined
}

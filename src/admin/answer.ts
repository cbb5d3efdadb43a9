import { STATUS_CODES } from 'node:http'
import type { RevokedScope } from '../observe/events.ts'
import type { Reason } from '../policy/reasons.ts'
import type { Problem } from './messages.ts'
import type { AdminReason } from './reasons.ts'

/** What is answered to a request: a value, until the listener writes it. */
export interface AdminAnswer {
  readonly status: number
  readonly body: object
  readonly headers: Readonly<Record<string, string>>
}

/** What a call came to: its answer, and what the audit log is to say of it. */
export interface Outcome {
  readonly answer: AdminAnswer
  readonly scope?: RevokedScope
  /** How many sessions ended. */
  readonly sessions?: number
  /** Words that the caller gave. */
  readonly note?: string
}

type ProblemReason = AdminReason | Extract<Reason, 'store-unavailable' | 'internal-error'>

/** An answer that carries what was asked for. */
export function found(body: object, status = 200): AdminAnswer {
  return { status, body, headers: { 'content-type': 'application/json' } }
}

/** An answer that says why there is no other, by RFC 9457. */
export function refusal(
  status: number,
  reason: ProblemReason,
  detail: string,
  more: Pick<Problem, 'errors' | 'reference'> & { readonly headers?: Readonly<Record<string, string>> } = {},
): AdminAnswer {
  const { headers = {}, ...members } = more
  const body: Problem = { title: STATUS_CODES[status] ?? 'Error', status, reason, detail, ...members }
  return { status, body, headers: { 'content-type': 'application/problem+json', ...headers } }
}

/** The reason of a refusal; undefined for any other answer. */
export function reasonOf({ body }: AdminAnswer): string | undefined {
  return 'reason' in body && typeof body.reason === 'string' ? body.reason : undefined
}

/** The answer while the store is silent. */
export function storeSilent(detail: string): AdminAnswer {
  return refusal(503, 'store-unavailable', detail, { headers: { 'retry-after': '1' } })
}

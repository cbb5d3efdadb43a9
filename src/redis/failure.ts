import { ReplyError } from 'ioredis'
import { GatehouseError, StoreUnavailableError } from '../policy/errors.ts'

/**
 * What a failed call says of the server:
 * `silent`: no answer (connection lost, refused or timed out); asking again soon would only wait again.
 * `refused`: it answers, and cannot do this now (loading, read-only replica, out of memory, wrong password …).
 * `unreadable`: the key holds another type than we ever write, so somebody else wrote it.
 * `misused`: the command itself is wrong, or the server too old for it.
 */
export interface Failure {
  readonly kind: 'silent' | 'refused' | 'unreadable' | 'misused'
  /** For the log. Never holds an argument of a command, and so no password and no record. */
  readonly detail: string
}

/** A key holds another type than Gatehouse writes: what is there counts as absent. */
export class UnreadableKeyError extends GatehouseError {
  override readonly name = 'UnreadableKeyError'

  constructor(operation: string) {
    super('internal-error', `${operation}: the key holds another type of value`)
  }
}

/** The server does not accept the command as such. Asking again does not help. */
export class StoreCommandError extends GatehouseError {
  override readonly name = 'StoreCommandError'

  constructor(operation: string, detail: string) {
    super('internal-error', `${operation}: the server does not accept the command (${detail})`)
  }
}

const MISUSES = new Set(['ERR', 'CROSSSLOT', 'NOSCRIPT', 'NOPROTO'])

/** What `ioredis` throws when nodes of a Cluster keep sending it elsewhere, as while several keys of one slot are moved. */
const REDIRECTED_TOO_OFTEN = 'Too many Cluster redirections'

/**
 * Reads what `ioredis` threw. Replies are told apart by the code that begins a RESP error; whatever is not a reply means
 * that there was none.
 *
 * @returns undefined if the error is not the server's or the connection's but a fault in the calling code
 * @see https://redis.io/docs/latest/develop/reference/protocol-spec/#simple-errors
 */
export function failureOf(error: unknown): Failure | undefined {
  if (error instanceof ReplyError) return replyFailure(error)
  if (!(error instanceof Error) || isFaultInCode(error)) return undefined
  if (error.message.startsWith(REDIRECTED_TOO_OFTEN)) return { kind: 'refused', detail: 'redirected too often' }
  return { kind: 'silent', detail: connectionDetail(error) }
}

/**
 * The error to throw to callers. That of `ioredis` is not kept as the cause: it carries the command's arguments, records and
 * passwords among them.
 */
export function errorFor(failure: Failure, operation: string): Error {
  if (failure.kind === 'unreadable') return new UnreadableKeyError(operation)
  if (failure.kind === 'misused') return new StoreCommandError(operation, failure.detail)
  return new StoreUnavailableError(`${operation}: ${failure.detail}`)
}

/** Whether the server does not accept the password, or wants one. */
export function isRefusedPassword(error: unknown): boolean {
  return ['WRONGPASS', 'NOAUTH'].includes(replyCode(error))
}

/** The code that begins a RESP error, such as `READONLY`; empty if the error is not a reply. */
export function replyCode(error: unknown): string {
  return error instanceof ReplyError && error instanceof Error ? (/^[A-Z]+/.exec(error.message)?.[0] ?? '') : ''
}

/** How Redis words it, under the code `ERR`, that a script has called what the user has no right to. */
const FORBIDDEN_IN_SCRIPT = /can't (?:run this command|access)|No permission|NOPERM/

function replyFailure(error: unknown): Failure {
  const code = replyCode(error)
  if (code === 'ERR' && FORBIDDEN_IN_SCRIPT.test(String(error))) return { kind: 'refused', detail: 'NOPERM' }
  if (code === 'WRONGTYPE') return { kind: 'unreadable', detail: code }
  return { kind: MISUSES.has(code) ? 'misused' : 'refused', detail: code }
}

function isFaultInCode(error: Error): boolean {
  return [TypeError, RangeError, ReferenceError, SyntaxError].some((type) => error instanceof type)
}

function connectionDetail(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message
}

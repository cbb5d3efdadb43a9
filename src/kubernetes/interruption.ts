import { ApiError, ApiUnreachableError } from './api-error.ts'

/**
 * Why a watch is begun anew.
 * `expired`: the server no longer has the changes since then. `silent`: it said nothing for too long. `short`: it ended too
 * soon. `absent`: the kind is not served. `denied`: we may not. `busy`: it asks for patience. `failing`: it fails.
 * `garbled`: what came is not what an API server says. `unreachable`: there is no connection. `internal`: a fault of ours.
 */
export type InterruptionReason =
  | 'expired'
  | 'silent'
  | 'short'
  | 'absent'
  | 'denied'
  | 'busy'
  | 'failing'
  | 'garbled'
  | 'unreachable'
  | 'internal'

export interface Interruption {
  readonly reason: InterruptionReason
  /** For people. */
  readonly problem: string
  /** How long a busy server asks to be left alone. */
  readonly retryAfterMs: number | undefined
}

/** A watch has ended, as it may, but sooner than it makes sense to ask again. */
export class ShortWatchError extends Error {
  override readonly name = 'ShortWatchError'
}

/** Says what an error means for a watch or a list. */
export function interruptionBy(error: unknown): Interruption {
  const problem = error instanceof Error ? error.message : String(error)
  const reason = reasonOf(error)
  // A server that starts asks for 5 s or 10 s as well, but is there much sooner.
  const retryAfterMs = error instanceof ApiError && reason === 'busy' ? error.retryAfterMs : undefined
  return { reason, problem, retryAfterMs }
}

const REASONS: Readonly<Record<number, InterruptionReason>> = {
  401: 'denied',
  403: 'denied',
  404: 'absent',
  410: 'expired',
  429: 'busy',
}

function reasonOf(error: unknown): InterruptionReason {
  if (error instanceof ApiError) return REASONS[error.status] ?? 'failing'
  if (error instanceof ApiUnreachableError) return error.fault
  return error instanceof ShortWatchError ? 'short' : 'internal'
}

import { GatehouseError } from '../policy/errors.ts'

/**
 * The API server has refused a request.
 *
 * @see https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/
 */
export class ApiError extends GatehouseError {
  override readonly name = 'ApiError'
  /** HTTP status. */
  readonly status: number
  /** The machine-readable `reason` of the server's Status, such as `AlreadyExists`; empty if it gave none. */
  readonly statusReason: string
  /** How long the server asks to be left alone, in milliseconds. */
  readonly retryAfterMs: number | undefined

  constructor(answer: {
    readonly status: number
    readonly statusReason: string
    readonly message: string
    readonly retryAfterMs?: number | undefined
  }) {
    super('internal-error', answer.message)
    this.status = answer.status
    this.statusReason = answer.statusReason
    this.retryAfterMs = answer.retryAfterMs
  }
}

/**
 * Why there is no usable answer.
 * `unreachable`: no connection, none that held, or no answer in time.
 * `silent`: a watch has said nothing for too long.
 * `garbled`: what came is not what an API server says, or too much of it.
 */
export type Unreachability = 'unreachable' | 'silent' | 'garbled'

/** The API server has given no usable answer. What was asked of it may have been done all the same. */
export class ApiUnreachableError extends GatehouseError {
  override readonly name = 'ApiUnreachableError'
  readonly fault: Unreachability

  constructor(fault: Unreachability, message: string, options?: ErrorOptions) {
    super('internal-error', message, options)
    this.fault = fault
  }
}

/** The API server's answer is larger than is read. Less may be asked for at once. */
export class AnswerTooLargeError extends ApiUnreachableError {
  constructor(message: string) {
    super('garbled', message)
  }
}

/**
 * Makes an `ApiUnreachableError` of whatever a connection threw.
 *
 * @param what the request, as `GET /version`
 */
export function unreachable(what: string, error: unknown): ApiUnreachableError | ApiError {
  if (error instanceof ApiUnreachableError || error instanceof ApiError) return error
  return new ApiUnreachableError('unreachable', `${what}: ${detailOf(error)}`, { cause: error })
}

function detailOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  // An attempt at several addresses fails with a message of its own that is empty.
  if (error instanceof AggregateError && error.message === '') return detailOf(error.errors[0])
  return error.message
}

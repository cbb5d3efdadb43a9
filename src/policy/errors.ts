import type { Reason } from './reasons.ts'

/** Base of every error thrown on purpose. `reason` is stable and public; `message` is for logs only. */
export abstract class GatehouseError extends Error {
  abstract override readonly name: string
  readonly reason: Reason

  constructor(reason: Reason, message: string, options?: ErrorOptions) {
    super(message, options)
    this.reason = reason
  }
}

/** The store gave no answer, or none that can be relied on. Never read as "there is no such session". */
export class StoreUnavailableError extends GatehouseError {
  override readonly name = 'StoreUnavailableError'

  constructor(message: string, options?: ErrorOptions) {
    super('store-unavailable', message, options)
  }
}

/** For `catch`: passes over the silence of the store, which its connection reports itself, and throws whatever else it is. */
export function ignoreUnavailable(error: unknown): undefined {
  if (!(error instanceof StoreUnavailableError)) throw error
}

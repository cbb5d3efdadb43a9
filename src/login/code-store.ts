import { GatehouseError } from '../policy/errors.ts'

/** A record cannot be kept: its key is in use, or it is too large. */
export class CodeNotStorableError extends GatehouseError {
  override readonly name = 'CodeNotStorableError'

  constructor(problem: string) {
    super('internal-error', `the code cannot be stored: ${problem}`)
  }
}

/** Most bytes that a record may have. */
export const CODE_RECORD_MAX_BYTES = 65_536

/**
 * Keeps short texts for a while, each until it is taken: what a one-time code stands for, that a logout token is being worked
 * on or has been used, and that somebody has signed in with a session of a provider's. Keys are those of `code-key.ts`. Every
 * method throws `StoreUnavailableError` when the store gives no answer.
 */
export interface CodeStore {
  /**
   * Keeps a record under a key. After `StoreUnavailableError` it may or may not be there.
   *
   * @param ttlSeconds how long it can be taken; more than 0
   * @throws CodeNotStorableError if something lives under the key already, or the record is too large
   */
  put(key: string, record: string, ttlSeconds: number): Promise<void>
  /** As `put`, in place of whatever lives under the key, in one step. */
  replace(key: string, record: string, ttlSeconds: number): Promise<void>
  /**
   * Takes the record away. Of any number of calls at the same time, at most one gets it.
   *
   * @returns undefined if there is none, or it has expired, or was taken, or is not text of a possible size
   */
  take(key: string): Promise<string | undefined>
}

/** @throws CodeNotStorableError if the record is larger than a store keeps */
export function assertCodeRecordSize(record: string): void {
  if (!isCodeRecordSize(record)) throw new CodeNotStorableError('too-large')
}

/** Whether a record may have this size. */
export function isCodeRecordSize(record: string): boolean {
  return Buffer.byteLength(record) <= CODE_RECORD_MAX_BYTES
}

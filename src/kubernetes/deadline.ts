import { ApiUnreachableError } from './api-error.ts'

/** Ends something by a signal: when its time is up, or when one of those who may end it does. */
export interface Deadline {
  readonly signal: AbortSignal
  /** From now on time does not count. */
  stopClock(): void
  /** It will not end any more. */
  dispose(): void
}

/**
 * Starts a deadline. Its signal's reason is an `ApiUnreachableError`.
 *
 * @param what the request, as `GET /version`
 * @param others signals that end it too; they may live longer, so nothing of it stays with them once it is disposed of
 */
export function startDeadline(what: string, timeoutMs: number, others: readonly (AbortSignal | undefined)[]): Deadline {
  const controller = new AbortController()
  const signals = others.filter((signal) => signal !== undefined)
  const end = (problem: string) => controller.abort(new ApiUnreachableError('unreachable', `${what}: ${problem}`))
  const giveUp = () => end('given up')
  const timer = setTimeout(() => end(`no answer within ${timeoutMs} ms`), timeoutMs)
  for (const signal of signals) {
    if (signal.aborted) giveUp()
    else signal.addEventListener('abort', giveUp, { once: true })
  }
  return {
    signal: controller.signal,
    stopClock: () => clearTimeout(timer),
    dispose() {
      clearTimeout(timer)
      for (const signal of signals) signal.removeEventListener('abort', giveUp)
    },
  }
}

/** Waits for a promise, but not beyond the signal. @throws the signal's reason */
export async function orAborted<Result>(promise: Promise<Result>, signal: AbortSignal): Promise<Result> {
  signal.throwIfAborted()
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const onAbort = () => reject(signal.reason)
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await Promise.race([promise, aborted])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

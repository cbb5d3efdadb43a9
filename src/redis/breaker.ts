import type { Events } from '../observe/events.ts'
import { StoreUnavailableError } from '../policy/errors.ts'
import { errorFor, type Failure, failureOf } from './failure.ts'

export interface BreakerSettings {
  /** So many calls in a row without an answer open the breaker. */
  readonly failureThreshold: number
  /** Longest time, in milliseconds, that an open breaker lets pass before it tries one call; the shortest is half of it. */
  readonly pauseMs: number
}

export interface BreakerContext {
  readonly events: Pick<Events, 'storeCalled'>
  /** Milliseconds; fractions are kept, and only differences count. */
  readonly now: () => number
  /** From 0 up to but not including 1. */
  readonly random: () => number
  /** Told when it opens, with the cause, and when it closes. */
  readonly onChange: (isClosed: boolean, detail: string) => void
}

/** Keeps callers from waiting, one after the other, for a server that does not answer. */
export interface Breaker {
  /**
   * Makes a call and reports it by `storeCalled`, under a name of few different values.
   *
   * @throws StoreUnavailableError if the server gives no answer or cannot serve now; at once while the breaker is open
   * @throws UnreadableKeyError if the key holds another type of value
   * @throws StoreCommandError if the server does not accept the command as such
   */
  run<Result>(operation: string, call: () => Promise<Result>): Promise<Result>
  /** Closes it: something else has shown that the server answers. */
  reset(): void
}

/**
 * A circuit breaker. Closed: calls pass, and `failureThreshold` of them in a row without an answer open it. Open: calls fail
 * at once, until after a jittered pause one call is let through. If that is answered the breaker closes, if not the next
 * pause begins. A refusal (read-only, out of memory …) is an answer: reads go on while writes are refused.
 */
export function createBreaker(settings: BreakerSettings, { events, now, random, onChange }: BreakerContext): Breaker {
  let unanswered = 0
  let opensForProbeAt: number | undefined
  let isProbing = false
  // Calls that began before the last change say nothing of the state that came after.
  let epoch = 0

  function close(): void {
    unanswered = 0
    if (opensForProbeAt === undefined) return
    opensForProbeAt = undefined
    isProbing = false
    epoch += 1
    onChange(true, 'the server answers')
  }

  function open(detail: string): void {
    const wasClosed = opensForProbeAt === undefined
    opensForProbeAt = now() + settings.pauseMs * (0.5 + random() / 2)
    isProbing = false
    epoch += 1
    if (wasClosed) onChange(false, detail)
  }

  function admits(): boolean {
    if (opensForProbeAt === undefined) return true
    if (isProbing || now() < opensForProbeAt) return false
    isProbing = true
    return true
  }

  function failed(failure: Failure | undefined): void {
    if (failure === undefined) {
      // A fault in the caller's code says nothing of the server; the next call may try.
      isProbing = false
    } else if (failure.kind === 'silent') {
      unanswered += 1
      if (opensForProbeAt !== undefined || unanswered >= settings.failureThreshold) open(failure.detail)
    } else close()
  }

  return {
    async run(operation, call) {
      const startedAt = now()
      if (!admits()) {
        events.storeCalled({ operation, outcome: 'unavailable', seconds: 0, detail: 'not asked' })
        throw new StoreUnavailableError(`${operation}: not asked, since the server has not been answering`)
      }
      const callEpoch = epoch
      try {
        const result = await call()
        if (callEpoch === epoch) close()
        events.storeCalled({ operation, outcome: 'ok', seconds: (now() - startedAt) / 1000 })
        return result
      } catch (error) {
        const failure = failureOf(error)
        if (callEpoch === epoch) failed(failure)
        const isUnavailable = failure?.kind === 'silent' || failure?.kind === 'refused'
        const seconds = (now() - startedAt) / 1000
        const outcome = isUnavailable ? 'unavailable' : 'ok'
        events.storeCalled({ operation, outcome, seconds, detail: isUnavailable ? failure.detail : undefined })
        throw failure === undefined ? error : errorFor(failure, operation)
      }
    },
    reset: close,
  }
}

import type { Events } from '../observe/events.ts'
import { StoreUnavailableError } from '../policy/errors.ts'
import { RESTORE_BATCH, type RevocationLog } from './log.ts'
import type { FollowedView } from './view.ts'

export interface RepaymentContext {
  readonly log: Pick<RevocationLog, 'restore'>
  readonly view: Pick<FollowedView, 'owed' | 'owedPages'>
  readonly events: Pick<Events, 'revocationsRestored' | 'internalError'>
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>
  readonly signal: AbortSignal
}

/** Gives the store what the view owes it, beside the reading. */
export interface Repayment {
  /** The set has been read: whatever is owed now is missing there. */
  reloaded(): void
  /** The stream has been read to its end. */
  caughtUp(): void
  /** Resolves when nothing is under way. */
  ended(): Promise<void>
}

/**
 * What was given back stays owed until it is seen on the stream or in the set. So a failure needs no record of its own: what
 * is still owed at the next look is given again. A revocation of this replica's own is owed for a moment, too, until it comes
 * back on the stream; only what is owed at two looks in a row is taken for missing.
 */
export function createRepayment({ log, view, events, pause, signal }: RepaymentContext): Repayment {
  let running: Promise<void> | undefined
  let wasOwing = false

  async function repay(): Promise<void> {
    let count = 0
    try {
      for (const page of view.owedPages(RESTORE_BATCH)) {
        if (signal.aborted) return
        if (page.length === 0) await pause(0, signal)
        else await log.restore(page)
        count += page.length
      }
    } catch (error) {
      if (!(error instanceof StoreUnavailableError)) events.internalError({ where: 'revocation', error })
    } finally {
      if (count > 0) events.revocationsRestored({ count })
    }
  }

  function begin(): void {
    wasOwing = false
    running ??= repay().finally(() => {
      running = undefined
    })
  }

  return {
    reloaded() {
      if (view.owed() > 0) begin()
    },
    caughtUp() {
      const isOwing = view.owed() > 0 && running === undefined
      if (isOwing && wasOwing) begin()
      else wasOwing = isOwing
    },
    ended: () => running ?? Promise.resolve(),
  }
}

import { setTimeout as timer } from 'node:timers/promises'
import type { Events } from '../observe/events.ts'
import { StoreUnavailableError } from '../policy/errors.ts'
import type { LogBatch, LogEntry, LogPosition, RevocationLog } from './log.ts'
import { createRepayment } from './repayment.ts'
import type { Revocation } from './revocation.ts'
import type { StoreClock } from './store-clock.ts'
import type { FollowedView } from './view.ts'

/** Told of what the log says beside revocations. None may throw; one that does is an internal error, and the next goes on. */
export interface FollowHooks {
  /** Changes of sessions may have been missed: whatever was read of them before now has to be read again. */
  readonly onGap: () => void
  readonly onSessionChanged: (sid: string) => void
  /** Of every revocation on the stream, also one that the view has known before. */
  readonly onRevoked: (revocation: Revocation) => void
}

export interface FollowContext extends FollowHooks {
  readonly log: Pick<RevocationLog, 'end' | 'read' | 'load' | 'restore'>
  readonly view: FollowedView
  readonly clock: Pick<StoreClock, 'sample'>
  readonly events: Pick<Events, 'revocationViewReloaded' | 'revocationsRestored' | 'internalError'>
  /** Milliseconds; only differences count. */
  readonly monotonicMs: () => number
  /** From 0 up to but not including 1. */
  readonly random: () => number
  /** Resolves after so many milliseconds, or when the signal fires. Default: a timer. */
  readonly pause?: ((ms: number, signal: AbortSignal) => Promise<void>) | undefined
}

/** Keeps a view true until it is disposed of. */
export interface Follower extends AsyncDisposable {
  /** Resolves when the view has been proven whole for the first time. Never rejects. */
  whenSynced(): Promise<void>
}

const SHORTEST_PAUSE_MS = 50
const LONGEST_PAUSE_MS = 1000

/**
 * Follows a log for ever. At the start, and whenever it cannot tell what it has missed, it takes the stream's end, reads the
 * whole set, and goes on from that end; so nothing falls between the two. What the view knows and the store lacks is given
 * back, again and again until the store is seen to have it. The view counts as fresh from the beginning of each request whose
 * answer was authoritative, and no later than what others know of that server. Whatever goes wrong, it goes on after a moment.
 */
export function followRevocations(context: FollowContext): Follower {
  const { log, view, clock, events, monotonicMs, random, onGap, onSessionChanged, onRevoked } = context
  const pause = context.pause ?? pauseByTimer
  const stopping = new AbortController()
  const { signal } = stopping
  const synced = Promise.withResolvers<void>()
  const repayment = createRepayment({ log, view, events, pause, signal })
  /** Where to go on reading; undefined: the set has to be read. */
  let position: LogPosition | undefined
  let isFirst = true
  let failures = 0
  /** In a row. */
  let gaps = 0

  function safely(call: () => void): void {
    try {
      call()
    } catch (error) {
      events.internalError({ where: 'revocation', error })
    }
  }

  function takeEntry(entry: LogEntry): void {
    if (entry.kind === 'session-changed') {
      safely(() => onSessionChanged(entry.sid))
      return
    }
    view.addHeld(entry.revocation)
    safely(() => onRevoked(entry.revocation))
  }

  /** @param startedAt when the request was sent whose answer proves the view */
  function prove({ isAuthoritative, vouchedAtMs }: LogBatch, startedAt: number): void {
    if (!isAuthoritative) return
    view.confirmed(Math.min(startedAt, vouchedAtMs ?? startedAt))
    synced.resolve()
  }

  async function reload(): Promise<void> {
    // One that follows upon another is due to data that somebody else keeps changing.
    if (gaps > 1) await pause(pauseMs(gaps, random()), signal)
    const startedAt = monotonicMs()
    const end = await log.end()
    clock.sample(end)
    // Copies that are read from here on are read after that end, so whatever changes them later comes behind it.
    safely(onGap)
    view.forgetHeld()
    let entries = 0
    for await (const page of log.load(end.position)) {
      for (const revocation of page) view.addHeld(revocation)
      entries += page.length
      if (signal.aborted) return
    }
    prove(end, startedAt)
    position = end.position
    events.revocationViewReloaded({ reason: isFirst ? 'start' : 'gap', entries })
    isFirst = false
    repayment.reloaded()
  }

  async function readOn(from: LogPosition): Promise<void> {
    const startedAt = monotonicMs()
    const batch = await log.read(from, signal)
    if (batch === 'gap') {
      position = undefined
      gaps += 1
      return
    }
    gaps = 0
    clock.sample(batch)
    for (const entry of batch.entries) takeEntry(entry)
    position = batch.position
    prove(batch, startedAt)
    view.sweep()
    if (batch.isAuthoritative) repayment.caughtUp()
  }

  async function run(): Promise<void> {
    while (!signal.aborted) {
      try {
        if (position === undefined) await reload()
        else await readOn(position)
        failures = 0
      } catch (error) {
        if (signal.aborted) return
        if (!(error instanceof StoreUnavailableError)) events.internalError({ where: 'revocation', error })
        await pause(pauseMs(failures++, random()), signal)
      }
    }
  }

  const running = run().catch((error: unknown) => events.internalError({ where: 'revocation', error }))
  return {
    whenSynced: () => synced.promise,
    async [Symbol.asyncDispose]() {
      stopping.abort()
      await running
      await repayment.ended()
    },
  }
}

/** Jittered, so that replicas do not come all at once. */
function pauseMs(failures: number, random: number): number {
  return Math.min(SHORTEST_PAUSE_MS * 2 ** Math.min(failures, 10), LONGEST_PAUSE_MS) * (0.5 + random / 2)
}

async function pauseByTimer(ms: number, signal: AbortSignal): Promise<void> {
  // Rejects when the signal fires, which is no failure here.
  await timer(ms, undefined, { signal }).catch(() => undefined)
}

import type { Events } from '../observe/events.ts'
import { GatehouseError } from '../policy/errors.ts'
import { ProviderError, type SignIn } from '../providers/provider.ts'
import type { Refreshing } from './copy.ts'
import { endSession } from './ending.ts'
import type { SessionLocks } from './lock.ts'
import { createBackoff } from './refresh-backoff.ts'
import { type RenewalOutcome, type RenewalPorts, renewUnderLock } from './refresh-renewal.ts'
import { believedUntilMs, dueAt, sealRefreshToken } from './refresh-times.ts'
import { type KnownSession, knownOf, type SessionRefresh } from './session.ts'

/** The provider has not vouched for the identity for longer than it may count, and cannot be asked now. */
export class IdentityUnconfirmedError extends GatehouseError {
  override readonly name = 'IdentityUnconfirmedError'

  constructor(message: string, options?: ErrorOptions) {
    super('identity-unconfirmed', message, options)
  }
}

/** Keeps identities true while sessions last. */
export interface Refresher extends Refreshing {
  /** What a new session keeps for its first refresh; undefined if the provider gives nothing to ask with. */
  begin(
    signIn: Pick<SignIn, 'refreshToken' | 'expiresAtMs'>,
    sessionExpiresAtMs: number,
  ): Promise<SessionRefresh | undefined>
  /** How many sessions wait for their refresh or are being refreshed. */
  size(): number
  /** Takes no more on, and resolves when what is under way has ended, or after 5 s. */
  close(): Promise<void>
}

export interface RefresherPorts extends Omit<RenewalPorts, 'pause'> {
  readonly locks: SessionLocks
  readonly events: Pick<Events, 'sessionRefreshed' | 'internalError'>
  /** Runs something once after so many milliseconds, and gives what calls that off. */
  readonly later: (ms: number, run: () => void) => () => void
  /** Most sessions whose failures are remembered; default 100,000. */
  readonly maxSessions?: number | undefined
}

/** How many providers' answers are awaited at once, in the background and by checks. */
const MAX_PARALLEL = 8
const MAX_PARALLEL_CHECKS = 64
const MAX_QUEUE = 200_000
/** How long a check waits for a provider, which is left more time in the background. */
const CHECK_PATIENCE_MS = 4500
const LOCK_PATIENCE_MS = 4000
const LOCK_PAUSE_MS = 200
const CLOSE_PATIENCE_MS = 5000
/** Over how long those are spread that wait for a provider to be back. */
const SPREAD_MS = 15_000

type Outcome = RenewalOutcome | { readonly kind: 'elsewhere' } | { readonly kind: 'failed'; readonly error: unknown }

/** Asks providers in the background, one replica at a time for each session, a bounded number at once. */
export function createRefresher(ports: RefresherPorts): Refresher {
  const { settings, now, random, locks, events, later } = ports
  const pause = (ms: number) => new Promise<void>((resolve) => void later(ms, resolve))
  const renewal: RenewalPorts = { ...ports, pause }
  const backoff = createBackoff({ now, random, maxSessions: ports.maxSessions })
  const confirmationBoundMs = settings.isEnabled ? settings.boundMs : Number.POSITIVE_INFINITY
  const isUnconfirmed = ({ refresh }: Pick<KnownSession, 'refresh'>, atMs: number) =>
    atMs >= believedUntilMs(refresh, confirmationBoundMs)
  /** Sessions whose time has come, in their order. */
  const queue = new Map<string, KnownSession>()
  const flights = new Map<string, Promise<Outcome>>()
  const timers = new Map<string, () => void>()
  let inBackground = 0
  let ofChecks = 0
  let isClosed = false

  async function attempt(session: KnownSession, patienceMs: number): Promise<Outcome> {
    const giveUpAtMs = now() + patienceMs
    try {
      let lock = await locks.acquire(session.sid)
      while (lock === undefined && now() < giveUpAtMs) {
        await pause(LOCK_PAUSE_MS * (0.5 + random() / 2))
        lock = await locks.acquire(session.sid)
      }
      if (lock === undefined) return { kind: 'elsewhere' }
      try {
        return await renewUnderLock(renewal, session.sid, lock)
      } finally {
        await lock.release()
      }
    } catch (error) {
      return { kind: 'failed', error }
    }
  }

  function fly(session: KnownSession, patienceMs: number): Promise<Outcome> {
    const underWay = flights.get(session.sid)
    if (underWay !== undefined) return underWay
    queue.delete(session.sid)
    timers.get(session.sid)?.()
    timers.delete(session.sid)
    const flight = attempt(session, patienceMs)
      .then((outcome) => {
        report(session, outcome)
        return outcome
      })
      .finally(() => flights.delete(session.sid))
    flights.set(session.sid, flight)
    return flight
  }

  function report({ sid, identity }: KnownSession, outcome: Outcome): void {
    const { provider, subject } = identity
    if (outcome.kind === 'failed') backoff.failed(sid, provider, outcome.error)
    else if (outcome.kind === 'impossible') backoff.failed(sid, undefined, undefined)
    else if (outcome.kind !== 'elsewhere') backoff.succeeded(sid, provider)
    const told = toldOf(outcome)
    if (told === undefined) return
    events.sessionRefreshed({ provider, subject, sid, ...told })
    if (told.reason === 'internal-error' && outcome.kind === 'failed') {
      events.internalError({ where: 'session-refresh', error: outcome.error })
    }
  }

  function pump(): void {
    for (const session of queue.values()) {
      if (inBackground >= MAX_PARALLEL || isClosed) return
      queue.delete(session.sid)
      const waitMs = backoff.waitMs(session.sid, session.identity.provider)
      if (waitMs > 0) {
        again(session, waitMs + random() * SPREAD_MS)
        continue
      }
      inBackground += 1
      void fly(session, 0).then((outcome) => {
        inBackground -= 1
        // Nobody says again that it is due, so whatever has come to nothing has to be tried again from here.
        if (outcome.kind === 'failed' || outcome.kind === 'elsewhere') again(session, retryMs(session))
        pump()
      })
    }
  }

  function retryMs(session: KnownSession): number {
    return Math.max(backoff.waitMs(session.sid, session.identity.provider), LOCK_PATIENCE_MS * (0.5 + random() / 2))
  }

  /** Later on, unless by then only a check can tell whether the session is used at all. */
  function again(session: KnownSession, waitMs: number): void {
    const atMs = now() + waitMs
    const isLeftToChecks = atMs >= session.expiresAtMs || isUnconfirmed(session, atMs)
    if (isClosed || isLeftToChecks || timers.size >= MAX_QUEUE || timers.has(session.sid)) return
    const callOff = later(waitMs, () => {
      timers.delete(session.sid)
      enqueue(session)
    })
    timers.set(session.sid, callOff)
  }

  function enqueue(session: KnownSession): void {
    const isKnown = flights.has(session.sid) || queue.has(session.sid) || timers.has(session.sid)
    if (!settings.isEnabled || isClosed || isKnown || queue.size >= MAX_QUEUE) return
    queue.set(session.sid, session)
    pump()
  }

  /** What a session that has to be confirmed is worth after the provider has been asked. */
  async function judged(session: KnownSession, outcome: Outcome): Promise<KnownSession | undefined> {
    if (outcome.kind === 'ended') return undefined
    if (outcome.kind === 'impossible') {
      const by = { actor: 'provider', name: session.identity.provider, reason: outcome.reason } as const
      await endSession(ports, session.sid, by, session.expiresAtMs)
      return undefined
    }
    if (outcome.kind === 'current' && !isUnconfirmed(outcome.session, now())) return knownOf(outcome.session)
    const error = outcome.kind === 'failed' ? outcome.error : undefined
    if (error instanceof GatehouseError) throw error
    throw new IdentityUnconfirmedError(`the provider does not vouch for the session now (${outcome.kind})`)
  }

  return {
    confirmationBoundMs,
    onDue: enqueue,
    async ensureConfirmed(session) {
      if (!isUnconfirmed(session, now())) return session
      const waitMs = backoff.waitMs(session.sid, session.identity.provider)
      if (isClosed || (!flights.has(session.sid) && (waitMs > 0 || ofChecks >= MAX_PARALLEL_CHECKS))) {
        throw new IdentityUnconfirmedError('the provider could not be asked a moment ago')
      }
      ofChecks += 1
      try {
        const flight = fly(session, LOCK_PATIENCE_MS)
        const outcome = await Promise.race([flight, pause(CHECK_PATIENCE_MS)])
        if (outcome === undefined) throw new IdentityUnconfirmedError('the provider takes too long')
        return await judged(session, outcome)
      } finally {
        ofChecks -= 1
      }
    },
    async begin({ refreshToken, expiresAtMs }, sessionExpiresAtMs) {
      if (refreshToken === undefined || !settings.isEnabled) return undefined
      const at = now()
      return {
        sealedToken: await sealRefreshToken(ports.sealer, refreshToken, sessionExpiresAtMs),
        dueAtMs: dueAt(at, expiresAtMs, random(), settings),
        confirmedAtMs: at,
      }
    },
    size: () => queue.size + flights.size + timers.size,
    async close() {
      isClosed = true
      for (const callOff of timers.values()) callOff()
      timers.clear()
      queue.clear()
      await Promise.race([Promise.all(flights.values()), pause(CLOSE_PATIENCE_MS)])
    },
  }
}

/** What is worth an event: that the provider was asked, or could not be. */
function toldOf(outcome: Outcome) {
  switch (outcome.kind) {
    case 'failed': {
      const { error } = outcome
      const isExpected = error instanceof ProviderError || error instanceof GatehouseError
      return isExpected
        ? { outcome: 'failed' as const, reason: error.reason, detail: error.message }
        : { outcome: 'failed' as const, reason: 'internal-error' }
    }
    case 'impossible':
      return { outcome: 'failed' as const, reason: outcome.reason }
    case 'current':
      return outcome.isOurs ? { outcome: 'renewed' as const, reason: 'renewed' } : undefined
    case 'ended':
      return outcome.isRefused ? { outcome: 'ended' as const, reason: 'refresh-refused' } : undefined
    case 'elsewhere':
      return undefined
  }
}

import type { Revocation, RevocationScope } from './revocation.ts'

/** What the stream tells every replica. */
export type LogEntry =
  | { readonly kind: 'revoked'; readonly revocation: Revocation }
  /** A session's record has changed: copies of it count no more. */
  | { readonly kind: 'session-changed'; readonly sid: string }

/** Where a reader stands. Valid for one server's data alone. */
export interface LogPosition {
  /** Names the server's data: another process, another replication history or another data set has another name. */
  readonly server: string
  /** Id of the last entry read. */
  readonly cursor: string
  /** Entries are numbered without a gap; the number of the last one read. */
  readonly sequence: number
}

/** What the store's clocks said when it answered, in milliseconds since 1970. */
export interface ClockSample {
  /** The clock of issues and revocations, which never goes back: see `store-clock.ts`. */
  readonly clockMs: number
  /** The server's own wall clock. */
  readonly timeMs: number
}

/** One look at the log. */
export interface LogBatch extends ClockSample {
  readonly entries: readonly LogEntry[]
  readonly position: LogPosition
  /**
   * Whether this is known to be all there is: the server was known to be the master when it answered, and there was nothing
   * behind `position`. Otherwise the entries are worth having, since a revocation only ever shuts; but the answer says
   * nothing about what there is besides.
   */
  readonly isAuthoritative: boolean
  /**
   * As of which moment, in milliseconds of the monotonic clock, others than the server vouch for it; undefined: nobody has
   * to. The batch proves nothing about later than that.
   */
  readonly vouchedAtMs?: number | undefined
}

/** What became of a revocation. */
export interface Recorded {
  readonly revocation: Revocation
  /**
   * `accepted`: the master has it, and every replica that is online, and at least as many as are asked for.
   * `pending`: the master has it; a failover right now could lose it, until a replica of Gatehouse has given it back.
   */
  readonly status: 'accepted' | 'pending'
  /** How many replicas of the store are known to have it, and how many were to have it. */
  readonly holders: number
  readonly wanted: number
}

/**
 * The store's side of revocation: a set of revocations and the stream of what changes. Every method throws
 * `StoreUnavailableError` when the store gives no answer.
 */
export interface RevocationLog {
  /**
   * Records a revocation in one atomic step: into the set until it expires, and onto the stream. Its moment is the store's,
   * never earlier than a moment that anything has been issued at. After `StoreUnavailableError` it may or may not be there;
   * doing it again does no harm.
   *
   * @param lifeMs how long anything that it hits can live from now on, by the wall clock
   * @throws ScopeNotStorableError
   */
  record(scope: RevocationScope, lifeMs: number): Promise<Recorded>
  /** Tells every replica that a session's record has changed. */
  announce(sid: string): Promise<void>
  /** The stream's end, from where to read on once the set has been loaded. It brings no entries. */
  end(): Promise<LogBatch>
  /**
   * What has come after a position; waits up to a second for something to come. Rejects when the signal fires.
   *
   * @returns 'gap' if what came in between cannot be told: other server, trimmed stream, lost or restored data
   */
  read(after: LogPosition, signal: AbortSignal): Promise<LogBatch | 'gap'>
  /**
   * The whole set, in pages, by the data that the position names; with other data it throws `StoreUnavailableError`. What is
   * recorded meanwhile may be missing, and comes behind the position.
   */
  load(at: LogPosition): AsyncIterable<readonly Revocation[]>
  /**
   * Gives the store back what it lost: each is kept with its own moment unless the store knows a later one, and what is news
   * to the store comes on the stream. Only what has come back on the stream, or by a load, is known to be there.
   *
   * @param revocations at most `RESTORE_BATCH`
   */
  restore(revocations: readonly Revocation[]): Promise<void>
}

/** Most revocations that are given back in one step. */
export const RESTORE_BATCH = 500

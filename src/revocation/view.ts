import type { RevocableSession, Revocation } from './revocation.ts'

/** How old the view may get before it no longer counts: see `state`. */
export type ViewState =
  /** Read from the store within the longest staleness. */
  | 'current'
  /** Nothing that is known can be confirmed any more. */
  | 'stale'
  /** The first whole view has not been read yet. */
  | 'never-read'

/** All revocations that can hit anything alive, in this process's memory. Asking it does no I/O and allocates nothing. */
export interface RevocationView {
  /** Whether the session was begun no later than a revocation that hits it. */
  hitsSession(session: RevocableSession): boolean
  /** Whether an app token of an application was issued no later than a revocation of the application or of everybody. */
  hitsToken(application: string, issuedAtMs: number): boolean
  state(): ViewState
  /** Milliseconds since the beginning of the last read that proves the view whole; undefined before the first. */
  ageMs(): number | undefined
  /** How many revocations it holds. */
  size(): number
  /** Takes a revocation into account at once. True if it is news: none of its scope with as late a moment was known. */
  add(revocation: Revocation): boolean
}

/**
 * The side of the view that whoever keeps it true works with. Of each revocation it knows whether the store is known to hold
 * it: what the store does not hold is owed to it.
 */
export interface FollowedView extends RevocationView {
  /** As `add`, of what the store holds. */
  addHeld(revocation: Revocation): boolean
  /** From now on nothing counts as held by the store, until `addHeld` says so. */
  forgetHeld(): void
  /** The view is whole, as of a moment of the monotonic clock. */
  confirmed(atMonotonicMs: number): void
  /** Everything it holds. */
  entries(): Iterable<Revocation>
  /** How many revocations are owed to the store. */
  owed(): number
  /**
   * What is owed, in pages of at most so many; some are empty, so that looking for them never takes long at a time. What has
   * expired is dropped on the way.
   */
  owedPages(size: number): Iterable<readonly Revocation[]>
  /** Drops some of what has expired; so few at a time that nothing waits for it. */
  sweep(): void
}

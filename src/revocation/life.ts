/** The longest that a session can be configured to last: the upper bound of `sessions.duration`. */
export const LONGEST_SESSION_MS = 30 * 24 * 3_600_000

/**
 * Clocks that disagree, and the leeway with which tokens are read, may let something live a little longer than it says; a
 * revocation outlasts it by this.
 */
export const LEEWAY_MS = 5 * 60_000

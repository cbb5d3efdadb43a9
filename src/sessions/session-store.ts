import type { Session } from './session.ts'

/**
 * Keeps sessions under the hash of their id. Every method throws `StoreUnavailableError` when the store gives no answer;
 * that never means that there is no such session.
 */
export interface SessionStore {
  /**
   * Keeps a session until it expires, in place of one with the same `sid`; an expired one is not kept. After
   * `StoreUnavailableError` it may or may not be there.
   *
   * @throws SessionNotStorableError if the session is too large or could not be read back
   */
  save(session: Session): Promise<void>
  /** The session, or undefined if there is none, or it has expired, or its record cannot be read. */
  find(sid: string): Promise<Session | undefined>
  /** Ends a session. True if there was one that `find` would have given; of calls at the same time only one is told so. */
  remove(sid: string): Promise<boolean>
  /** A person's live sessions, newest first. A convenience for people: it may miss one that is being saved. */
  listBySubject(subject: string): Promise<readonly Session[]>
  /** Ends a person's live sessions and names those it ended. One that is being saved at the same time may stay. */
  removeBySubject(subject: string): Promise<readonly string[]>
}

/** The order in which a person's sessions are listed: the newest first. */
export function newestFirst(a: Session, b: Session): number {
  return b.createdAtMs - a.createdAtMs || (a.sid < b.sid ? -1 : 1)
}

import { GatehouseError } from '../policy/errors.ts'
import type { Session, StoredSession } from './session.ts'

/** Which live sessions are meant. */
export type SessionFilter =
  | { readonly subject: string }
  /** In lower case, as in an identity. */
  | { readonly email: string }
  | { readonly provider: string }
  /** Those that have been let into the application, by its key `namespace/name`. */
  | { readonly application: string }
  | { readonly all: true }

/** Which part of a list is asked for. */
export interface SessionPage {
  /** Most sessions to give: a whole number from 1 to 1000. */
  readonly limit: number
  /** The `next` of the page before; undefined for the first. */
  readonly after?: string | undefined
}

/** A part of a list. */
export interface SessionList {
  /** Fewer than the limit, or none, does not mean that there are no more. */
  readonly sessions: readonly StoredSession[]
  /** Opaque; leads to the part that follows. Undefined: this is the last one. */
  readonly next?: string | undefined
}

export interface TouchOptions {
  /** When the session expires, and the note with it. */
  readonly expiresAtMs: number
  /** Nothing is written if the session is known to have been seen later than this. */
  readonly unlessSeenAfterMs: number
}

/** The most sessions that one call lists. */
export const LIST_LIMIT = 1000

/** A page was asked for that there is not: a limit out of range, or a cursor that no list has given. */
export class SessionPageError extends GatehouseError {
  override readonly name = 'SessionPageError'

  constructor(problem: string) {
    super('internal-error', problem)
  }
}

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
  /**
   * Replaces a session's record only if there still is one, in one atomic step: a session that has been ended does not come
   * back. When it was last seen is left as it is.
   *
   * @param held sealed refresh tokens of which the record has to have one: otherwise somebody else's is newer; undefined:
   * whatever it has
   * @returns false if there is none any more, or a newer one, or the session has expired
   * @throws SessionNotStorableError if the session is too large or could not be read back
   */
  update(session: Session, held?: readonly string[]): Promise<boolean>
  /** The session, or undefined if there is none, or it has expired, or its record cannot be read. */
  find(sid: string): Promise<StoredSession | undefined>
  /**
   * Notes that a session has been seen, if that is news. How often it is worth asking is for the caller to say.
   *
   * @param atMs milliseconds since 1970
   */
  touch(sid: string, atMs: number, options: TouchOptions): Promise<void>
  /** Notes that a session has been let into an application, so that it is listed by it until it expires. */
  noteApplication(sid: string, application: string, expiresAtMs: number): Promise<void>
  /** Ends a session. True if there was one that `find` would have given; of calls at the same time only one is told so. */
  remove(sid: string): Promise<boolean>
  /**
   * Live sessions, page by page: those that expire last come first, and within a page the newest. A convenience for people,
   * on which no promise of security rests: it may miss one that is being saved.
   *
   * @throws SessionPageError if there is no such page
   */
  list(filter: SessionFilter, page: SessionPage): Promise<SessionList>
  /** About how many live sessions a person has: never fewer than `list` gives, possibly more. */
  countBySubject(subject: string): Promise<number>
}

/** The order of sessions within a page: the newest first. */
export function newestFirst(a: Session, b: Session): number {
  return b.createdAtMs - a.createdAtMs || (a.sid < b.sid ? -1 : 1)
}

/**
 * One request to a protected app, as the proxy in front of it describes it. A dialect makes exactly one of these out of a
 * check or refuses the check; nothing later repairs or completes it.
 */
export interface AccessRequest {
  /** Upper-case, as the client sent it. */
  readonly method: string
  /** In the form of `canonicalHost`: lower case, no port. */
  readonly host: string
  /** Raw and unambiguous: `readTarget` has accepted it. */
  readonly path: string
  /** Raw, without the question mark; empty when there is none. */
  readonly query: string
  /** The address that the proxy vouches for; undefined when it named none that can be read. */
  readonly clientAddress: string | undefined
  /** Whether a redirect to a login page makes sense to the client: a browser opening a page. */
  readonly isNavigation: boolean
  readonly credentials: Credentials
}

/** What the client offered to prove who it is, unverified. */
export interface Credentials {
  /** All `Cookie` lines, joined with `; `; empty when there is none. */
  readonly cookies: string
  /** The `Gatehouse-Token` header. */
  readonly token: string | undefined
}

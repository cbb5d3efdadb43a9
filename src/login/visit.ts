/** One request of a visitor to the portal, read once by the listener. */
export interface Visit {
  readonly method: string
  /** Canonical host. */
  readonly host: string
  readonly path: string
  readonly query: URLSearchParams
  /** Path and query as they stood in the request line. */
  readonly target: string
  /** All `Cookie` lines, joined. */
  readonly cookies: string
  /** The body of a posted form, unread; undefined if there is none. */
  readonly form: string | undefined
  readonly origin: string | undefined
  readonly secFetchSite: string | undefined
  readonly isNavigation: boolean
  readonly clientAddress: string | undefined
  readonly userAgent: string
}

/**
 * Whether a form was posted by a page of the same origin. Browsers say so by `Origin`, and where they leave it out by
 * `Sec-Fetch-Site`; a request that says neither was not sent by a browser's form.
 */
export function isSameOrigin(visit: Visit, origin: string): boolean {
  return visit.origin === undefined ? visit.secFetchSite === 'same-origin' : visit.origin === origin
}

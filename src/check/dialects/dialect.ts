import type { Reason } from '../../policy/reasons.ts'

/** A check as it arrived: nothing of it has been believed yet. */
export interface ProxyCall {
  /** The query of the check's own URL, without the question mark. */
  readonly query: string
  /** Names and values in turn, as they stood on the wire. */
  readonly rawHeaders: readonly string[]
}

/** What a proxy says about the request that it asks about, still unread. */
export interface Reported {
  readonly method: string | undefined
  readonly host: string | undefined
  /** Path and query. */
  readonly target: string | undefined
}

/** How one family of proxies words a check and reads the answer. A new one is one file and one line in `index.ts`. */
export interface Dialect {
  /** The first segment of the check's URL. */
  readonly name: string
  /** The headers that carry method, host and target, where headers do. The proxy overwrites each of them. */
  readonly headers: { readonly method?: string; readonly host?: string; readonly target?: string }
  /** Takes method, host and target from the check's own URL instead. */
  readonly fromQuery?: (query: string) => Reported | Reason
  /** Whether the proxy hands a redirect on to the browser; if not, 401 tells it where to redirect to by `Location`. */
  readonly relaysRedirects: boolean
  /** Whether the browser gets to see the body of a refusal. */
  readonly relaysBodies: boolean
  /** The largest answer, all headers together, that the proxy takes when it is set up as our guide says. */
  readonly maxAnswerBytes: number
}

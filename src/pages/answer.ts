import type { Html } from './html.ts'
import { STYLESHEET_HASH } from './stylesheet.ts'

export type Header = readonly [name: string, value: string]

/** What a browser is to be answered, ready for any listener to write. */
export interface Answer {
  readonly status: number
  readonly headers: readonly Header[]
  readonly body: string
}

export interface PageOptions {
  /** Origins besides our own that a form's answer may redirect to: browsers hold redirects to `form-action` too. */
  readonly formOrigins?: readonly string[] | undefined
  /** Whole seconds until it makes sense to ask again. */
  readonly retryAfterSeconds?: number | undefined
  /** Added to the page's own, such as one `Set-Cookie` line per cookie. */
  readonly headers?: readonly Header[] | undefined
}

/**
 * Answers a whole document. Nothing on it may run, be framed or be kept, and nothing but its one stylesheet is loaded.
 *
 * @throws {TypeError} if one of `formOrigins` is not an origin as `URL.origin` spells it
 */
export function page(status: number, document: Html, options: PageOptions = {}): Answer {
  const { formOrigins = [], retryAfterSeconds, headers: more = [] } = options
  const retryAfter: Header[] =
    retryAfterSeconds === undefined ? [] : [['Retry-After', String(Math.max(1, Math.ceil(retryAfterSeconds)))]]
  const headers: Header[] = [
    ['Content-Type', 'text/html; charset=utf-8'],
    ...COMMON,
    ['X-Frame-Options', 'DENY'],
    ['Content-Security-Policy', contentSecurityPolicy(formOrigins)],
    ...retryAfter,
    ...more,
  ]
  return { status, headers, body: `${document}` }
}

/** Answers JSON. `headers` are added to the usual ones, such as `WWW-Authenticate`. */
export function jsonAnswer(
  status: number,
  body: Readonly<Record<string, unknown>>,
  headers: readonly Header[] = [],
): Answer {
  return {
    status,
    headers: [['Content-Type', 'application/json'], ...COMMON, ...headers],
    body: `${JSON.stringify(body)}\n`,
  }
}

/**
 * Sends the browser elsewhere, with more headers such as one `Set-Cookie` line per cookie. Where it may be sent is the
 * caller's to settle; this only keeps the header line whole.
 *
 * @throws {TypeError} if the location has anything but printable ASCII in it; `URL.href` never does
 */
export function redirect(status: 302 | 303, location: string, headers: readonly Header[] = []): Answer {
  if (location === '' || UNPRINTABLE.test(location)) throw new TypeError('a location has to be printable ASCII')
  return { status, headers: [['Location', location], ...COMMON, ...headers], body: '' }
}

/** The same answer with more headers, such as one `Set-Cookie` line per cookie. */
export function withHeaders(answer: Answer, headers: readonly Header[]): Answer {
  return { ...answer, headers: [...answer.headers, ...headers] }
}

function contentSecurityPolicy(formOrigins: readonly string[]): string {
  for (const origin of formOrigins) {
    if (URL.parse(origin)?.origin !== origin) throw new TypeError('a form origin has to be an origin')
  }
  return [
    "default-src 'none'",
    `style-src '${STYLESHEET_HASH}'`,
    'img-src data:',
    ["form-action 'self'", ...new Set(formOrigins)].join(' '),
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
}

const UNPRINTABLE = /[^\x21-\x7e]/

const COMMON: readonly Header[] = [
  ['Cache-Control', 'no-store'],
  ['Referrer-Policy', 'same-origin'],
  ['X-Content-Type-Options', 'nosniff'],
]

import type { Reason } from '../../policy/reasons.ts'
import type { Dialect, Reported } from './dialect.ts'

const NAMES = ['m', 'h', 'u'] as const

/**
 * The `auth-url` annotation of ingress-nginx, ending in `?m=$request_method&h=$host&u=$escaped_request_uri`. The headers
 * that the controller sends are not read: other controllers emulate the annotation and relay the client's own
 * `X-Original-URL`. A controller that does not fill in the variables is told so.
 */
export const ingressNginx = {
  name: 'ingress-nginx',
  headers: {},
  fromQuery: readQuery,
  relaysRedirects: false,
  relaysBodies: false,
  maxAnswerBytes: 15 * 1024,
} as const satisfies Dialect

function readQuery(query: string): Reported | Reason {
  if (query.includes('$')) return 'annotations-unsupported'
  const values = new Map<string, string>()
  for (const pair of query.split('&')) {
    const [name = '', value] = pair.split(/=(.*)/s)
    // Host and method stand there unescaped, so a client could write further parameters into them.
    if (value === undefined || !NAMES.some((known) => known === name) || values.has(name))
      return 'request-field-doubled'
    values.set(name, value)
  }
  const target = unescaped(values.get('u'))
  if (target === 'request-path-invalid') return target
  return { method: values.get('m'), host: values.get('h'), target }
}

/** Undoes nginx's escaping, once. What is not ASCII afterwards was never a request target. */
function unescaped(text: string | undefined): string | undefined | 'request-path-invalid' {
  if (text === undefined) return undefined
  try {
    return decodeURIComponent(text)
  } catch {
    return 'request-path-invalid'
  }
}

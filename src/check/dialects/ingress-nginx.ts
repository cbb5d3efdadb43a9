import type { Reason } from '../../policy/reasons.ts'
import type { Dialect, Reported } from './dialect.ts'

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
  let method: string | undefined
  let host: string | undefined
  let target: string | undefined
  for (const pair of query.split('&')) {
    // Host and method stand there unescaped, so a client could write further parameters into them.
    if (pair.startsWith('m=') && method === undefined) method = pair.slice(2)
    else if (pair.startsWith('h=') && host === undefined) host = pair.slice(2)
    else if (pair.startsWith('u=') && target === undefined) target = pair.slice(2)
    else return 'request-field-doubled'
  }
  const unescapedTarget = unescaped(target)
  return unescapedTarget === 'request-path-invalid' ? unescapedTarget : { method, host, target: unescapedTarget }
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

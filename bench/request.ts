/** A request as it goes over the wire: request line and headers, names and values in turn. */
export interface WireRequest {
  readonly target: string
  readonly headers: readonly string[]
}

/** The port of the public URLs in the benchmark's configuration. Nobody listens there. */
export const PUBLIC_PORT = 8000
export const NAMESPACE = 'bench'
export const DIALECTS = ['nginx', 'ingress-nginx', 'forward'] as const
export type DialectName = (typeof DIALECTS)[number]

const PAGE = '/dashboards/42?from=now-6h&to=now'
const CLIENT = '203.0.113.7'

/** What Chromium sends when somebody opens a page. */
const BROWSER = [
  ['Upgrade-Insecure-Requests', '1'],
  [
    'User-Agent',
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36',
  ],
  ['Accept', 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8'],
  ['Sec-Fetch-Site', 'none'],
  ['Sec-Fetch-Mode', 'navigate'],
  ['Sec-Fetch-User', '?1'],
  ['Sec-Fetch-Dest', 'document'],
  ['Accept-Encoding', 'gzip, deflate, br, zstd'],
  ['Accept-Language', 'en-GB,en;q=0.9'],
] as const

export function hostOf(application: string): string {
  return `${application}.localhost`
}

/** A browser's request for a page, as it reaches the proxy. */
export function pageRequest(application: string, credential: string | undefined): WireRequest {
  return { target: PAGE, headers: ['Host', `${hostOf(application)}:${PUBLIC_PORT}`, ...browserHeaders(credential)] }
}

/**
 * The check that a proxy makes of that request: the browser's headers and the proxy's own.
 *
 * @param credential the cookie that says who asks, name and value; undefined: nobody is signed in
 */
export function checkRequest(dialect: DialectName, application: string, credential: string | undefined): WireRequest {
  const path = `/${dialect}/app/${NAMESPACE}/${application}`
  const host = `${hostOf(application)}:${PUBLIC_PORT}`
  const { target, headers } = wording[dialect](path, host)
  return { target, headers: ['Host', 'gatehouse:8181', ...headers, ...browserHeaders(credential)] }
}

const wording: Readonly<Record<DialectName, (path: string, host: string) => WireRequest>> = {
  nginx: (path, host) => ({
    target: path,
    headers: ['X-Original-Method', 'GET', 'X-Original-Host', host, 'X-Original-URI', PAGE, 'X-Real-IP', CLIENT],
  }),
  'ingress-nginx': (path, host) => ({
    target: `${path}?m=GET&h=${host}&u=${encodeURIComponent(PAGE)}`,
    headers: [
      ...['X-Original-URL', `https://${host}${PAGE}`, 'X-Original-Method', 'GET'],
      ...['X-Sent-From', 'nginx-ingress-controller', 'X-Real-IP', CLIENT, 'X-Forwarded-For', CLIENT],
      ...['X-Auth-Request-Redirect', PAGE],
    ],
  }),
  forward: (path, host) => ({
    target: path,
    headers: [
      ...['X-Forwarded-Method', 'GET', 'X-Forwarded-Proto', 'https', 'X-Forwarded-Host', host],
      ...['X-Forwarded-Uri', PAGE, 'X-Forwarded-For', CLIENT, 'X-Forwarded-Port', '443'],
    ],
  }),
}

function browserHeaders(credential: string | undefined): string[] {
  const cookies = ['theme=dark', ...(credential === undefined ? [] : [credential]), 'grafana_session=0123456789abcdef']
  return [...BROWSER.flat(), 'Cookie', cookies.join('; ')]
}

/** The request's bytes, as text of one byte per character. */
export function wireText({ target, headers }: WireRequest): string {
  const lines = headers.flatMap((text, index) => (index % 2 === 0 ? [`${text}: ${headers[index + 1]}`] : []))
  return `GET ${target} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`
}

import type { Question } from '../../src/check/check.ts'
import type { DialectName } from '../../src/check/dialects/index.ts'
import type { ClientAddressSource } from '../../src/policy/client-address.ts'

export type { DialectName }

/** How proxies word the checks that a test puts. */

export const DIALECTS: readonly DialectName[] = ['nginx', 'ingress-nginx', 'forward']

export type Headers = readonly (readonly [name: string, value: string])[]

/** The headers that each dialect reads, which its proxy overwrites. */
export const TRUSTED: Readonly<Record<DialectName, readonly string[]>> = {
  nginx: ['X-Original-Method', 'X-Original-Host', 'X-Original-URI', 'X-Real-IP'],
  'ingress-nginx': ['X-Real-IP'],
  forward: ['X-Forwarded-Method', 'X-Forwarded-Host', 'X-Forwarded-Uri', 'X-Forwarded-For'],
}

/** Where each proxy writes the address of its client, as the configuration has it by default. */
export const ADDRESS_SOURCES: Readonly<Record<DialectName, ClientAddressSource>> = {
  nginx: { header: 'X-Real-IP', trustedHops: 0 },
  'ingress-nginx': { header: 'X-Real-IP', trustedHops: 0 },
  forward: { header: 'X-Forwarded-For', trustedHops: 0 },
}

/** One request of a client, as it came to the proxy. */
export interface ClientRequest {
  readonly method?: string
  readonly host: string
  readonly target?: string
  readonly address?: string
  readonly headers?: Headers
}

/** What a browser sends along when it opens a page. */
export const NAVIGATION: Headers = [
  ['Accept', 'text/html,application/xhtml+xml'],
  ['Sec-Fetch-Mode', 'navigate'],
]

/** The headers that the proxy sets about a request. */
export function proxyHeaders(dialect: DialectName, request: ClientRequest): Headers {
  const { method = 'GET', host, target = '/', address = '192.0.2.7' } = request
  const values = dialect === 'ingress-nginx' ? [address] : [method, host, target, address]
  return TRUSTED[dialect].map((name, index) => [name, values[index] ?? ''] as const)
}

/** The URL of the check, with the query that ingress-nginx fills in. */
export function checkUrl(dialect: DialectName, request: ClientRequest, application?: { readonly key: string }): string {
  const path = `/${dialect}/${application === undefined ? 'host' : `app/${application.key}`}`
  if (dialect !== 'ingress-nginx') return path
  const { method = 'GET', host, target = '/' } = request
  return `${path}?m=${method}&h=${host}&u=${escaped(target)}`
}

/** The check that a proxy makes of a request. */
export function questionAbout(
  dialect: DialectName,
  request: ClientRequest,
  application?: { readonly key: string },
): Question {
  const headers = [...(request.headers ?? NAVIGATION), ...proxyHeaders(dialect, request)]
  return { url: checkUrl(dialect, request, application), rawHeaders: headers.flat() }
}

/** What nginx makes of bytes in `$escaped_request_uri`. */
export function escaped(text: string): string {
  return Array.from(Buffer.from(text, 'latin1'), (byte) => {
    const character = String.fromCharCode(byte)
    return /[A-Za-z0-9\-._~]/.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
  }).join('')
}

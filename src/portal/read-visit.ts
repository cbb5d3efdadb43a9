import type { Request } from 'express'
import type { Visit } from '../login/visit.ts'
import { type ClientAddressSource, clientAddress } from '../policy/client-address.ts'
import { canonicalHost } from '../policy/host.ts'
import { isNavigation } from '../policy/navigation.ts'

/** How the portal reads what stands in front of it. */
export interface VisitSettings {
  /** The port that apps are published on. */
  readonly publicPort: number
  readonly clientAddress: ClientAddressSource
}

/**
 * Reads a request to the portal. Of the headers that proxies add, only the one with the client's address is looked at.
 *
 * @returns undefined if the request does not name exactly one host, or has no path of its own
 */
export function readVisit(request: Request, settings: VisitSettings): Visit | undefined {
  const host = canonicalHost(only(request, 'host') ?? '', settings.publicPort)
  if (host === undefined || !request.url.startsWith('/')) return undefined
  const { header, trustedHops } = settings.clientAddress
  const mark = request.url.indexOf('?')
  return {
    method: request.method,
    host,
    path: mark === -1 ? request.url : request.url.slice(0, mark),
    query: new URLSearchParams(mark === -1 ? '' : request.url.slice(mark)),
    target: request.url,
    cookies: request.headers.cookie ?? '',
    form: typeof request.body === 'string' ? request.body : undefined,
    origin: only(request, 'origin'),
    secFetchSite: only(request, 'sec-fetch-site'),
    isNavigation: isNavigation(request.method, {
      accept: request.headers.accept,
      secFetchMode: only(request, 'sec-fetch-mode'),
      requestedWith: only(request, 'x-requested-with'),
      webSocketKey: request.headers['sec-websocket-key'],
      contentType: request.headers['content-type'],
    }),
    clientAddress: clientAddress(request.headersDistinct[header.toLowerCase()]?.join(','), trustedHops),
    userAgent: request.headers['user-agent'] ?? '',
  }
}

/** The header's value if it stands there once. Twice is as good as not at all: nobody can say which one counts. */
function only(request: Request, name: string): string | undefined {
  const values = request.headersDistinct[name]
  return values?.length === 1 ? values[0] : undefined
}

import { once } from 'node:events'
import {
  Agent,
  type ClientRequest,
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo } from 'node:net'
import { pipeline } from 'node:stream/promises'

/** Where requests go; ports of 127.0.0.1. */
export interface Routes {
  /** The host of Gatehouse itself, without port. */
  readonly authHost: string
  readonly portal: number
  readonly check: number
  /** The app behind each host, without port. */
  readonly apps: ReadonlyMap<string, number>
}

/** What Gatehouse tells the app: deleted from every request, then copied from the answer to the check. */
const AUTH_RESPONSE_HEADERS: ReadonlySet<string> = new Set([
  'gatehouse-jwt-assertion',
  'x-auth-request-user',
  'x-auth-request-email',
  'x-auth-request-groups',
  'x-auth-request-preferred-username',
  'cookie',
])
const HOP_BY_HOP: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'upgrade',
])
/** Say where a body ends. Nobody may talk us out of passing them on together with the body. */
const FRAMING: ReadonlySet<string> = new Set(['content-length', 'transfer-encoding'])
const FORWARDED = /^x-(?:forwarded-.*|real-ip|scheme)$/
const CHECK_TIMEOUT_MS = 30_000
const agent = new Agent({ keepAlive: false })

/** Names and values in turn, as on the wire. */
type RawHeaders = readonly string[]

/**
 * A reverse proxy as small as can be that asks Gatehouse about each request, in the words of Traefik's ForwardAuth with
 * `trustForwardHeader: false`. Whatever fails on the way to a clear yes keeps the app shut.
 *
 * @param routes asked at each request; undefined answers 503
 */
export async function startProxy(port: number, routes: () => Routes | undefined) {
  const server = createServer((request, response) => {
    serve(request, response, routes()).catch(() => {
      if (response.headersSent) response.destroy()
      else refuse(response, 500, 'The proxy got no answer.')
    })
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

async function serve(request: IncomingMessage, response: ServerResponse, routes: Routes | undefined): Promise<void> {
  if (routes === undefined) return refuse(response, 503, 'Not ready yet.')
  const { url = '', headersDistinct } = request
  const hosts = headersDistinct.host ?? []
  if (hosts.length !== 1 || !url.startsWith('/')) return refuse(response, 400, 'Which host?')
  const host = (hosts[0] ?? '').toLowerCase().replace(/:\d+$/, '')
  const app = routes.apps.get(host)

  const isForPortal = host === routes.authHost || (app !== undefined && url.startsWith('/.gatehouse/'))
  if (isForPortal) return forward(request, response, routes.portal, clientHeaders(request))
  if (app === undefined) return refuse(response, 404, 'Nobody lives here.')

  const verdict = await ask(request, routes.check)
  const { statusCode = 500, rawHeaders } = verdict
  if (statusCode < 200 || statusCode > 299) return relay(verdict, response)
  verdict.resume()
  await forward(request, response, app, [
    ...filtered(clientHeaders(request), (name) => !AUTH_RESPONSE_HEADERS.has(name)),
    ...filtered(rawHeaders, (name) => AUTH_RESPONSE_HEADERS.has(name)),
  ])
}

/** The check: a GET without a body, with all that the client sent and what it is about. Resolves with the answer's head. */
async function ask(request: IncomingMessage, port: number): Promise<IncomingMessage> {
  const check = httpRequest({
    ...{ host: '127.0.0.1', port, path: '/forward/host', agent },
    headers: [
      ...filtered(clientHeaders(request), (name) => name !== 'host' && !FRAMING.has(name)),
      ...['Host', `127.0.0.1:${port}`],
      ...['X-Forwarded-Method', request.method ?? ''],
      ...['X-Forwarded-Uri', request.url ?? ''],
    ],
  })
  check.setTimeout(CHECK_TIMEOUT_MS, () => check.destroy(new Error('the check took too long')))
  check.end()
  return answerTo(check)
}

/** Passes a request on and its answer back, both as they come. */
async function forward(request: IncomingMessage, response: ServerResponse, port: number, headers: RawHeaders) {
  const { method, url: path } = request
  const onward = httpRequest({ host: '127.0.0.1', port, method, path, agent, headers })
  const answer = answerTo(onward)
  pipeline(request, onward).catch(() => onward.destroy())
  await relay(await answer, response)
}

async function answerTo(request: ClientRequest): Promise<IncomingMessage> {
  const [answer] = await once(request, 'response')
  return answer as IncomingMessage
}

async function relay(answer: IncomingMessage, response: ServerResponse): Promise<void> {
  const isKept = (name: string) => !HOP_BY_HOP.has(name) && name !== 'transfer-encoding'
  response.writeHead(answer.statusCode ?? 502, [...filtered(answer.rawHeaders, isKept)])
  await pipeline(answer, response)
}

/** The client's headers without those that end here, and with who it is in our own words, whatever it said itself. */
function clientHeaders({ headers, rawHeaders, socket }: IncomingMessage): RawHeaders {
  const named = new Set(headers.connection?.toLowerCase().split(/[\s,]+/))
  const isKept = (name: string) =>
    FRAMING.has(name) ||
    name === 'host' ||
    !(HOP_BY_HOP.has(name) || named.has(name) || FORWARDED.test(name.replaceAll('_', '-')))
  return [
    ...filtered(rawHeaders, isKept),
    ...['X-Forwarded-For', socket.remoteAddress ?? ''],
    ...['X-Forwarded-Host', headers.host ?? ''],
    ...['X-Forwarded-Port', String(socket.localPort)],
    ...['X-Forwarded-Proto', 'http'],
  ]
}

/** @param isKept given each name in lower case */
function filtered(headers: RawHeaders, isKept: (name: string) => boolean): RawHeaders {
  return headers.filter((_, index) => isKept((headers[index - (index % 2)] ?? '').toLowerCase()))
}

function refuse(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain' }).end(`${text}\n`)
}

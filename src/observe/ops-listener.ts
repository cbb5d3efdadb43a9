import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { isIPv6 } from 'node:net'
import type { Events } from './events.ts'
import type { Metrics } from './metrics.ts'

export interface Readiness {
  readonly isReady: boolean
  /** Why not; empty when ready. */
  readonly reasons: readonly string[]
}

/** The listener for kubelet and Prometheus, while it listens. */
export interface OpsListener {
  /** `address:port`, as bound. */
  readonly address: string
  /** Stops at once: nothing here is worth waiting for. */
  close(): Promise<void>
}

interface Answer {
  readonly status: number
  readonly body: string
  readonly type?: string
}

const TIMEOUT_MS = 5_000
const TEXT = 'text/plain; charset=utf-8'

/**
 * Serves `/livez` (200 as long as the event loop turns; depends on nothing else), `/readyz` (200, or 503 with the reasons
 * why not) and `/metrics`. Rejects with the system's error if it cannot listen.
 *
 * @param options.readiness asked at each `/readyz`
 */
export async function startOpsListener(options: {
  readonly host: string
  readonly port: number
  readonly readiness: () => Readiness
  readonly metrics: Pick<Metrics, 'text' | 'contentType'>
  readonly events: Pick<Events, 'internalError'>
}): Promise<OpsListener> {
  const routes: Readonly<Record<string, () => Answer | Promise<Answer>>> = {
    '/livez': () => ({ status: 200, body: 'live\n' }),
    '/readyz': () => readyz(options.readiness()),
    '/metrics': async () => ({ status: 200, body: await options.metrics.text(), type: options.metrics.contentType }),
  }
  const server = createServer(
    {
      headersTimeout: TIMEOUT_MS,
      requestTimeout: TIMEOUT_MS,
      keepAliveTimeout: TIMEOUT_MS,
      connectionsCheckingInterval: TIMEOUT_MS / 2,
      maxHeaderSize: 16 * 1024,
    },
    async (request, response) => send(response, await answer(request)),
  )

  async function answer(request: IncomingMessage): Promise<Answer> {
    const path = pathOf(request)
    const route = Object.hasOwn(routes, path) ? routes[path] : undefined
    if (route === undefined) return { status: 404, body: 'not found\n' }
    if (request.method !== 'GET' && request.method !== 'HEAD') return { status: 405, body: 'only GET and HEAD\n' }
    try {
      return await route()
    } catch (error) {
      options.events.internalError({ where: 'ops', error })
      return { status: 500, body: 'internal error\n' }
    }
  }

  server.listen(options.port, options.host)
  await once(server, 'listening')
  return {
    address: addressOf(server.address()),
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error === undefined ? resolve() : reject(error)))
        server.closeAllConnections()
      }),
  }
}

function readyz({ isReady, reasons }: Readiness): Answer {
  if (isReady) return { status: 200, body: 'ready\n' }
  return { status: 503, body: `${['not ready', ...reasons].join('\n')}\n` }
}

function send(response: ServerResponse, { status, body, type = TEXT }: Answer): void {
  const allow = status === 405 ? { allow: 'GET, HEAD' } : {}
  response.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...allow,
  })
  response.end(body)
}

function pathOf({ url = '' }: IncomingMessage): string {
  const query = url.indexOf('?')
  return query === -1 ? url : url.slice(0, query)
}

function addressOf(bound: ReturnType<ReturnType<typeof createServer>['address']>): string {
  if (bound === null || typeof bound === 'string') return bound ?? ''
  return isIPv6(bound.address) ? `[${bound.address}]:${bound.port}` : `${bound.address}:${bound.port}`
}

import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { exchange } from '../../faults/exchange.ts'

/** A request that somebody has made of the auth host. */
export interface Passing {
  readonly path: string
  readonly body: string
}

/** Stands where a proxy stands before the auth host, for a provider that cannot find it by its name. */
export interface Ingress extends AsyncDisposable {
  readonly origin: string
  /** What has come by so far. */
  readonly passed: readonly Passing[]
}

/**
 * @param authHost what the auth host is called, with its port
 * @param portOf which portal gets a request; undefined: nobody, and the answer is 502
 */
export async function startIngress(authHost: string, portOf: () => number | undefined): Promise<Ingress> {
  const passed: Passing[] = []

  async function forward(request: IncomingMessage): Promise<{ status: number; body: string }> {
    const passing = { path: request.url ?? '/', body: await text(request) }
    passed.push(passing)
    const port = portOf()
    return port === undefined ? { status: 502, body: '' } : postForm(port, authHost, passing)
  }

  const server = createServer((request, response) => {
    forward(request).then(
      ({ status, body }) => response.writeHead(status).end(body),
      (error: unknown) => response.destroy(error instanceof Error ? error : undefined),
    )
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    passed,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/** Posts a form to a portal as the auth host. */
export function postForm(port: number, authHost: string, { path, body }: Passing) {
  const headers = { host: authHost, 'content-type': 'application/x-www-form-urlencoded' }
  return exchange({ port, path, method: 'POST', headers, body, timeoutMs: 10_000 })
}

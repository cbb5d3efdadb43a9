import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What an app was asked. */
export interface Received {
  readonly method: string
  readonly url: string
  readonly headers: IncomingHttpHeaders
}

/** The app behind every host. */
export interface Origin extends AsyncDisposable {
  readonly port: number
}

/** Starts an app that answers every request with a page that shows it, as JSON in `#received`. */
export async function startOrigin(): Promise<Origin> {
  const server = createServer((request, response) => {
    const { method = '', url = '', headers } = request
    const received = JSON.stringify({ method, url, headers } satisfies Received).replaceAll('<', '\\u003c')
    request.resume()
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' })
    response.end(`<!doctype html><html lang="en"><title>An app</title><link rel="icon" href="data:,">
<a href="/.gatehouse/logout">Sign out</a><pre id="received">${received}</pre></html>`)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

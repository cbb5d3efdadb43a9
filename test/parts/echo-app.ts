import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A request as the app received it. */
export interface Received {
  readonly method: string
  /** The request target, raw. */
  readonly url: string
  /** Names in lower case; several lines of one name are kept apart. */
  readonly headers: Readonly<Record<string, readonly string[]>>
}

/** A protected app: answers every request with a JSON object of what it received, a `Received`. */
export interface EchoApp extends AsyncDisposable {
  readonly port: number
  /** Everything that has reached it, oldest first. */
  readonly received: readonly Received[]
  stop(): Promise<void>
}

/**
 * Starts an app on 127.0.0.1 that tells what reaches it. A web socket's handshake is accepted (without frames: the text
 * `echo` follows and the connection ends); `/status/NNN` answers with that status.
 */
export async function startEchoApp(): Promise<EchoApp> {
  const received: Received[] = []
  const server = createServer({ maxHeaderSize: 128 * 1024 }, (request, response) => {
    const seen = receivedOf(request)
    received.push(seen)
    const status = Number(/^\/status\/(\d{3})/.exec(seen.url)?.[1] ?? 200)
    request.resume()
    response.writeHead(status, { 'content-type': 'application/json', 'x-app': 'echo' }).end(`${JSON.stringify(seen)}\n`)
  })
  server.on('upgrade', (request, socket) => {
    received.push(receivedOf(request))
    socket.on('error', () => socket.destroy())
    socket.end(
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nX-App: echo\r\n\r\necho',
    )
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')

  const stop = async () => {
    if (!server.listening) return
    server.close()
    server.closeAllConnections()
    await once(server, 'close')
  }
  return { port: (server.address() as AddressInfo).port, received, stop, [Symbol.asyncDispose]: stop }
}

function receivedOf({ method = '', url = '', headersDistinct }: IncomingMessage): Received {
  return { method, url, headers: { ...headersDistinct } as Record<string, string[]> }
}

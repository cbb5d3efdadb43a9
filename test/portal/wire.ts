import { once } from 'node:events'
import { type AddressInfo, connect } from 'node:net'
import { portalServer } from '../../src/portal/listener.ts'
import { createPortal } from '../../src/portal/portal.ts'
import type { LoginWorld } from '../login/world.ts'

/** An answer as it came over the wire. */
export interface WireAnswer {
  readonly status: number
  /** In the order sent, names as written. */
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: string
}

export interface PortalOnPort {
  readonly port: number
  /** Sends these very bytes and reads until the portal closes; the text ought to ask for `Connection: close`. */
  raw(text: string): Promise<WireAnswer>
  /** A request with these header lines, `Host` and `Connection` added. */
  ask(method: string, address: string, options?: AskOptions): Promise<WireAnswer>
  [Symbol.asyncDispose](): Promise<void>
}

export interface AskOptions {
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Buffer
}

/** What every browser sends when it opens a page. */
export const NAVIGATION = { 'Sec-Fetch-Mode': 'navigate', Accept: 'text/html' }

/** The portal over a world, on a real port of 127.0.0.1. */
export async function portalOnPort({ ports }: LoginWorld): Promise<PortalOnPort> {
  const app = createPortal(ports, {
    publicPort: ports.urls.port,
    clientAddress: { header: 'X-Forwarded-For', trustedHops: 0 },
  })
  const server = portalServer(app)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo

  async function exchange(bytes: string | Buffer): Promise<WireAnswer> {
    const socket = connect(port, '127.0.0.1')
    const chunks: Buffer[] = []
    socket.on('data', (chunk) => chunks.push(chunk))
    socket.on('error', () => undefined)
    socket.write(bytes)
    await once(socket, 'close')
    return readAnswer(Buffer.concat(chunks).toString())
  }

  return {
    port,
    raw: exchange,
    ask(method, address, { headers = {}, body } = {}) {
      const url = new URL(address)
      const lines = { Host: url.host, Connection: 'close', ...NAVIGATION, ...headers }
      const length = body === undefined ? [] : [`Content-Length: ${Buffer.byteLength(body)}`]
      const head = [
        `${method} ${url.pathname}${url.search} HTTP/1.1`,
        ...Object.entries(lines).map(([name, value]) => `${name}: ${value}`),
        ...length,
      ]
      return exchange(Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), Buffer.from(body ?? '')]))
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

export function header(answer: WireAnswer, name: string): string | undefined {
  return answer.headers.find(([one]) => one.toLowerCase() === name.toLowerCase())?.[1]
}

function readAnswer(text: string): WireAnswer {
  const end = text.indexOf('\r\n\r\n')
  const [first = '', ...lines] = text.slice(0, end).split('\r\n')
  return {
    status: Number(/^HTTP\/1\.1 (\d{3})/.exec(first)?.[1]),
    headers: lines.map((line) => {
      const colon = line.indexOf(':')
      return [line.slice(0, colon), line.slice(colon + 1).trim()] as const
    }),
    body: text.slice(end + 4),
  }
}

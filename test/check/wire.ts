import { once } from 'node:events'
import type { Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { checkServer } from '../../src/check/listener.ts'
import type { Headers } from './calls.ts'
import type { World } from './world.ts'

const unexpected = {
  internalError({ error }: { readonly error: unknown }): never {
    throw error
  },
}

/** The check listener and raw bytes: what no HTTP client would send. */

/** An answer as it stood on the wire; texts have one character for each byte. */
export interface WireAnswer {
  readonly status: number
  /** In the order sent, names in lower case. */
  readonly headers: readonly (readonly [string, string])[]
  readonly body: string
  readonly header: (name: string) => string | undefined
}

export interface Wire {
  readonly server: Server
  readonly port: number
  /**
   * Sends bytes (text: one character for each byte) on a connection of its own, and gives all answers until the server
   * closes it or so many are complete.
   */
  exchange(sent: string | Buffer, options?: { answers?: number; isHead?: boolean }): Promise<WireAnswer[]>
  close(): Promise<void>
}

export async function startWire({ check, seen }: Pick<World, 'check'> & Partial<Pick<World, 'seen'>>): Promise<Wire> {
  const server = checkServer(check, seen?.events ?? unexpected)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    server,
    port,
    exchange: (sent, options = {}) => exchange(port, sent, options),
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

function exchange(
  port: number,
  sent: string | Buffer,
  { answers = Number.POSITIVE_INFINITY, isHead = false }: { answers?: number; isHead?: boolean },
): Promise<WireAnswer[]> {
  const { promise, resolve, reject } = Promise.withResolvers<WireAnswer[]>()
  const socket = connect(port, '127.0.0.1')
  let received = ''
  let found: WireAnswer[] = []
  socket.setTimeout(10_000, () => reject(new Error(`no end after ${JSON.stringify(received.slice(0, 2000))}`)))
  socket.on('data', (bytes) => {
    received += bytes.toString('latin1')
    found = answersIn(received, isHead)
    if (found.length >= answers) resolve(found)
  })
  socket.on('close', () => resolve(found))
  // A server that has refused may close before it has read all: what it has answered still counts.
  socket.on('error', () => resolve(found))
  socket.write(Buffer.isBuffer(sent) ? sent : Buffer.from(sent, 'latin1'))
  return promise.finally(() => socket.destroy())
}

/** The answers that are complete. Throws if what is received is no HTTP. */
function answersIn(received: string, isHead: boolean): WireAnswer[] {
  const found: WireAnswer[] = []
  for (let start = 0; start < received.length; ) {
    const end = received.indexOf('\r\n\r\n', start)
    if (end === -1) break
    const [statusLine = '', ...lines] = received.slice(start, end).split('\r\n')
    const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(statusLine)?.[1])
    if (Number.isNaN(status)) throw new Error(`no status line: ${JSON.stringify(statusLine)}`)
    const headers = lines.map((line) => {
      const colon = line.indexOf(':')
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).replace(/^[ \t]+|[ \t]+$/g, '')] as const
    })
    const header = (name: string) => headers.find(([one]) => one === name)?.[1]
    // Node's own refusals are chunked and empty.
    const length =
      isHead || status < 200 ? 0 : Number(header('content-length') ?? (header('transfer-encoding') ? 5 : 0))
    if (received.length < end + 4 + length) break
    found.push({ status, headers, header, body: received.slice(end + 4, end + 4 + length) })
    start = end + 4 + length
  }
  return found
}

/** A request as text, with a `Host` of its own; closed after it unless the headers say otherwise. */
export function requestText(url: string, headers: Headers, { method = 'GET', body = '', isLast = true } = {}): string {
  const lines = [['Host', 'gatehouse:8181'], ...headers, ...(isLast ? [['Connection', 'close']] : [])]
  return `${method} ${url} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body}`
}

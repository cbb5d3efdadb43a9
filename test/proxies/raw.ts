import { connect } from 'node:tls'

/**
 * Sends bytes as they are over TLS and gives back everything that comes until the server closes; requests had better ask
 * for that (`Connection: close`, or HTTP/1.0).
 *
 * @param settings.servername the name in the TLS handshake, which need not be the one in the bytes
 * @returns the whole answer as text of one byte per character; empty if the connection was closed without one
 */
export function sendRaw({
  port,
  servername,
  bytes,
}: {
  readonly port: number
  readonly servername: string
  readonly bytes: string
}): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>()
  let answer = ''
  const socket = connect({ host: '127.0.0.1', port, servername, rejectUnauthorized: false }, () =>
    socket.write(Buffer.from(bytes, 'latin1')),
  )
  socket.setTimeout(5_000, () => socket.destroy())
  socket.on('data', (chunk) => {
    answer += chunk.toString('latin1')
  })
  socket.on('error', () => socket.destroy())
  socket.on('close', () => resolve(answer))
  return promise
}

/** The status of a raw answer; 0 if there is none. */
export function statusOf(answer: string): number {
  return Number(/^HTTP\/1\.[01] (\d{3})/.exec(answer)?.[1] ?? 0)
}

import { connect } from 'node:net'

/**
 * Sends bytes on a connection of their own and gives what comes back until the server closes it, or `isEnough` says so. Texts
 * have one character for each byte.
 */
export function exchange(
  port: number,
  sent: string | Buffer,
  isEnough: (received: string) => boolean = () => false,
): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const socket = connect(port, '127.0.0.1')
  let received = ''
  socket.setTimeout(15_000, () => reject(new Error(`no end after ${JSON.stringify(received.slice(0, 500))}`)))
  socket.on('data', (bytes) => {
    received += bytes.toString('latin1')
    if (isEnough(received)) resolve(received)
  })
  socket.on('close', () => resolve(received))
  // A server that has refused may close before it has read all: what it has answered still counts.
  socket.on('error', () => resolve(received))
  socket.write(Buffer.isBuffer(sent) ? sent : Buffer.from(sent, 'latin1'))
  return promise.finally(() => socket.destroy())
}

/** The statuses of the answers that a text holds. */
export function statusesIn(received: string): number[] {
  return [...received.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status))
}

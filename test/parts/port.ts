import { createSocket } from 'node:dgram'
import { connect, createServer } from 'node:net'

/** Below the range from which systems choose ports for outgoing connections, so that nobody takes one by accident. */
const FIRST = 20_000
const COUNT = 12_000

const handedOut = new Set<number>()

/**
 * A port of 127.0.0.1 that nobody listens on now, and that neither this process nor another one that runs has been given: it
 * stays free until somebody is started there, and while they are down.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = FIRST + Math.floor(Math.random() * COUNT)
    if (handedOut.has(port)) continue
    handedOut.add(port)
    if ((await claimPort(port)) && (await canListen(port))) return port
  }
}

/**
 * Has no other process be given this port for as long as this one runs. The claim is a UDP port of its own, which the system
 * gives to one process at a time and takes back when that ends.
 *
 * @returns false if another process has claimed it
 */
export function claimPort(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const socket = createSocket('udp4')
  socket.once('error', () => socket.close(() => resolve(false)))
  socket.bind({ port: port - COUNT, address: '127.0.0.1', exclusive: true }, () => resolve(true))
  socket.unref()
  return promise
}

/** One free port for each name. */
export async function freePorts<Name extends string>(names: readonly Name[]): Promise<Record<Name, number>> {
  const entries = await Promise.all(names.map(async (name) => [name, await freePort()] as const))
  return Object.fromEntries(entries) as Record<Name, number>
}

/** Whether something accepts connections on this port of 127.0.0.1. */
export function isListening(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const socket = connect(port, '127.0.0.1')
  socket.once('connect', () => resolve(true))
  socket.once('error', () => resolve(false))
  return promise.finally(() => socket.destroy())
}

function canListen(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const server = createServer()
  server.once('error', () => resolve(false))
  server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  return promise
}

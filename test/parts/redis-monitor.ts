import { connect, type Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { Redis } from 'ioredis'
import type { RedisLogin } from './redis-command.ts'
import { until } from './until.ts'

/** Commands that a server was sent, each as its words; those that a script gives are not among them. */
export type Commands = readonly (readonly string[])[]

interface Watched {
  readonly port: number
  readonly login?: RedisLogin
}

/** Gives what a server is sent while something is being done, by whoever is connected. */
export async function commandsDuring(server: Watched, work: () => Promise<void>): Promise<Commands> {
  const { port, login = {} } = server
  const marker = new Redis({ port, ...login })
  // Whatever goes wrong comes out of the commands.
  marker.on('error', () => undefined)
  try {
    // Before anything is watched, so that what connecting takes is not taken for somebody's work.
    await marker.ping()
    const seen: (readonly string[])[] = []
    using _monitor = await monitor({ port, login }, (words) => seen.push(words))
    await work()
    // What was sent before this has been seen when this is seen.
    const mark = `end ${Math.random()}`
    await marker.echo(mark)
    const isMark = ([, text]: readonly string[]) => text === mark
    await until('the monitor has caught up', () => seen.some(isMark))
    return seen.filter((words) => !isMark(words))
  } finally {
    marker.disconnect()
  }
}

/**
 * Has a server tell of all that it is sent, from when this resolves. The monitor of `ioredis` fails where a command comes in
 * one packet with the answer to its own.
 */
async function monitor(
  { port, login = {} }: Watched,
  onCommand: (words: readonly string[]) => void,
): Promise<Disposable> {
  const socket = connect(port, '127.0.0.1')
  const { promise: started, resolve, reject } = Promise.withResolvers<void>()
  socket.once('error', reject)
  socket.once('close', () => reject(new Error('the server has closed the connection')))
  const answers = login.password === undefined ? ['+OK'] : ['+OK', '+OK']
  createInterface({ input: socket }).on('line', (line) => {
    const expected = answers.shift()
    if (expected === undefined) {
      if (!/^\S+ \[\d+ lua\]/.test(line)) onCommand(wordsOf(line))
    } else if (line !== expected) reject(new Error(line))
    else if (answers.length === 0) resolve()
  })
  if (login.password !== undefined) send(socket, ['AUTH', login.username ?? 'default', login.password])
  send(socket, ['MONITOR'])
  try {
    await started
  } catch (error) {
    socket.destroy()
    throw error
  }
  return { [Symbol.dispose]: () => void socket.destroy() }
}

function send(socket: Socket, words: readonly string[]): void {
  const parts = words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`)
  socket.write(`*${words.length}\r\n${parts.join('')}`)
}

/** The words of a command as the server shows it, each in quotation marks. */
function wordsOf(line: string): readonly string[] {
  return Array.from(line.matchAll(/"((?:[^"\\]|\\.)*)"/g), ([, word = '']) => word)
}

/** What replicas ask anyhow, in order to know of every revocation, and that the server is still the one it was. */
const CONSTANT: ReadonlySet<string> = new Set([
  ...['xread', 'evalsha', 'eval', 'ping', 'info', 'role', 'client', 'config'],
  // A connection that is made anew, as on a machine that stood still for a while.
  ...['hello', 'auth', 'select'],
])

/** Names of the commands that somebody's request has caused, in small letters. */
export function causedBy(commands: Commands): readonly string[] {
  const isConstant = (words: readonly string[]) =>
    CONSTANT.has(words[0]?.toLowerCase() ?? '') && !words.some((word) => word.includes(':session:'))
  return commands.filter((words) => !isConstant(words)).map(([name = '']) => name.toLowerCase())
}

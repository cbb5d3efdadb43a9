import { Redis } from 'ioredis'
import type { RedisLogin } from './redis-command.ts'
import { until } from './until.ts'

/** Commands that a server was sent, each as its words; those that a script gives are not among them. */
export type Commands = readonly (readonly string[])[]

/** Gives what a server is sent while something is being done, by whoever is connected. */
export async function commandsDuring(
  { port, login = {} }: { readonly port: number; readonly login?: RedisLogin },
  work: () => Promise<void>,
): Promise<Commands> {
  const client = new Redis({ port, ...login })
  const seen: string[][] = []
  try {
    const monitor = await client.monitor()
    monitor.on('monitor', (_time: string, words: string[], source: string) => {
      if (source !== 'lua') seen.push(words)
    })
    try {
      await work()
      // What was sent before this has been seen when this is seen.
      const mark = `end ${Math.random()}`
      await client.echo(mark)
      await until('the monitor has caught up', () => seen.some((words) => words[1] === mark))
      return seen.filter(([name, text]) => name?.toLowerCase() !== 'echo' || text !== mark)
    } finally {
      monitor.disconnect()
    }
  } finally {
    client.disconnect()
  }
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

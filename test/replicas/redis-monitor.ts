import { Redis } from 'ioredis'
import type { RedisLogin } from '../parts/redis-command.ts'
import { until } from '../parts/until.ts'

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

/** Those about sessions' own records. */
export function aboutSessions(commands: Commands): Commands {
  return commands.filter((words) => words.some((word) => word.includes(':session:')))
}

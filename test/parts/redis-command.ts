import { Redis } from 'ioredis'

/** How to log in to a Redis server, if it asks for that. */
export interface RedisLogin {
  readonly username?: string | undefined
  readonly password?: string | undefined
}

/**
 * Sends one command to one server of 127.0.0.1 on a connection of its own, which follows no redirection.
 *
 * @returns the reply as `ioredis` reads it; an error reply is thrown
 */
export async function redisCommand(
  port: number,
  command: readonly (string | number)[],
  { username, password, timeoutMs = 1_000 }: RedisLogin & { readonly timeoutMs?: number } = {},
): Promise<unknown> {
  const [name = '', ...args] = command
  const client = new Redis({
    host: '127.0.0.1',
    port,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    lazyConnect: true,
    enableReadyCheck: false,
    disableClientInfo: true,
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
    connectTimeout: timeoutMs,
    commandTimeout: timeoutMs,
  })
  // Whatever goes wrong comes out of the command.
  client.on('error', () => undefined)
  try {
    await client.connect()
    return await client.call(...([name, ...args] as [string, ...string[]]))
  } finally {
    client.disconnect()
  }
}

/** A reply that is a flat list of names and values, as a record. */
export function pairs(reply: unknown): Readonly<Record<string, string>> {
  const flat = reply as readonly string[]
  return Object.fromEntries(flat.flatMap((name, index) => (index % 2 === 0 ? [[name, flat[index + 1] ?? '']] : [])))
}

/** The fields of an `INFO` or `CLUSTER INFO` reply. */
export function infoFields(reply: unknown): Readonly<Record<string, string>> {
  const lines = String(reply)
    .split('\r\n')
    .filter((line) => line.includes(':'))
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]))
}

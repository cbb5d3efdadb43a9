import type { RedisConnection } from '../../src/redis/connection.ts'
import type { RedisLink } from '../../src/redis/link.ts'

/** Asks a connection for nothing but an answer, which is PONG. */
export function ping(redis: RedisConnection): Promise<unknown> {
  return redis.call('ping', (commands) => commands.eval("return 'PONG'", 0))
}

/** Asks a link for nothing but an answer, which is PONG. */
export function pingLink(link: Pick<RedisLink, 'run'>, timeoutMs = 500): Promise<unknown> {
  return link.run('ping', timeoutMs, (commands) => commands.eval("return 'PONG'", 0))
}

/** The text under a key; empty if there is none. */
export async function find(redis: RedisConnection, key: string): Promise<string> {
  return (await redis.call('find', (commands) => commands.getrangeBuffer(key, 0, -1))).toString()
}

/** Which process a link leads to. */
export async function runIdOf(link: Pick<RedisLink, 'run'>): Promise<string | undefined> {
  const info = await link.run('who', 1000, (commands) => commands.eval("return redis.call('INFO', 'server')", 0))
  return /run_id:(\w+)/.exec(String(info))?.[1]
}

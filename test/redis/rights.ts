import { redisCommand } from '../parts/redis-command.ts'

/** What the settings of a connection say that its user needs. */
export const RIGHTS = [
  ...['get', 'set', 'getdel', 'getrange', 'del', 'pexpire', 'type', 'hget', 'hset', 'hmget', 'hdel', 'hscan', 'hlen'],
  ...['zadd', 'zrange', 'zrem', 'zcount', 'xadd', 'xread', 'xrange', 'xrevrange', 'eval', 'evalsha', 'wait', 'time'],
  ...['info', 'role', 'client|setname', 'select'],
].map((command) => `+${command}`)

/** And in a Cluster besides. */
export const CLUSTER_RIGHTS = ['exists', 'cluster|slots', 'cluster|info', 'asking', 'readonly', 'readwrite'].map(
  (command) => `+${command}`,
)

/** What a server has refused to users for want of rights. */
export async function refusals({ port }: { readonly port: number }): Promise<(string | undefined)[]> {
  const log = (await redisCommand(port, ['ACL', 'LOG'])) as unknown[]
  return log.map((entry) => /object,([^,]+)/.exec(String(entry))?.[1])
}

import { startRedisSentinels } from '../../test/parts/redis-sentinel.ts'
import type { StoreForm } from './store-form.ts'

/** A master, two replicas and three Sentinels. */
export async function startSentinelSet(args: readonly string[] = []): Promise<StoreForm> {
  const set = await startRedisSentinels({ isProxied: true, args })
  return {
    settings: { sentinel: { masterName: set.masterName, addresses: set.addresses.map(textOf) } },
    login: set.login,
    servers: set.servers,
    sentinels: set.sentinels,
    master: set.master,
    masterOf: set.master,
    replicas: set.replicas,
    command: set.command,
    failover: async () => void (await set.failover()),
    settled: async () => void (await set.settled(60_000)),
    [Symbol.asyncDispose]: set.stop,
  }
}

/** An address as a configuration has it. */
export function textOf({ host, port }: { readonly host: string; readonly port: number }): string {
  return `${host}:${port}`
}

import { startRedisCluster } from '../../test/parts/redis-cluster.ts'
import { textOf } from './sentinel-set.ts'
import { REVOCATION_KEY, type StoreForm } from './store-form.ts'

/** A store whose slots can be moved. */
export interface ClusterForm extends StoreForm {
  /** Moves the revocations to another master. @param halfway runs when half of the keys have moved */
  migrateRevocations(halfway: () => Promise<void>): Promise<void>
}

/** Three masters with a replica each. */
export async function startClusterForm(args: readonly string[] = []): Promise<ClusterForm> {
  const cluster = await startRedisCluster({ isProxied: true, args })
  const master = () => cluster.masterOf(REVOCATION_KEY)
  return {
    settings: { cluster: { addresses: cluster.addresses.map(textOf) } },
    login: {},
    servers: cluster.nodes,
    sentinels: [],
    master,
    masterOf: cluster.masterOf,
    replicas: async () => cluster.replicasOf(await master()),
    command: cluster.command,
    failover: async () => void (await cluster.failover(REVOCATION_KEY)),
    settled: () => cluster.settled(60_000),
    async migrateRevocations(halfway) {
      const source = await master()
      const others = await Promise.all(['a', 'b', 'c', 'd', 'e'].map((key) => cluster.masterOf(key)))
      const target = others.find((node) => node !== source)
      if (target === undefined) throw new Error('the cluster has no other master')
      await cluster.migrateSlot(await cluster.slotOf(REVOCATION_KEY), target, halfway)
    },
    [Symbol.asyncDispose]: cluster.stop,
  }
}

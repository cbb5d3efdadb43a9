import { setTimeout as pause } from 'node:timers/promises'
import type { ClusterForm } from '../stores/cluster.ts'
import type { StoreForm } from '../stores/store-form.ts'
import type { Scenario } from './scenario.ts'

export const clusterMigration: Scenario = {
  name: 'cluster-migration',
  what: 'the slot of the revocations moves to another master, with a pause halfway (ASK, MOVED)',
  store: 'Cluster',
  holdMs: 0,
  rounds: 1,
  async begin({ scene: { store } }) {
    if (!isCluster(store)) throw new Error('only a Cluster has slots')
    await store.migrateRevocations(() => pause(1_500))
    return { end: () => store.settled() }
  },
}

function isCluster(store: StoreForm): store is ClusterForm {
  return 'migrateRevocations' in store
}

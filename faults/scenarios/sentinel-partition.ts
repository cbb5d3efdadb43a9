import { partition } from '../stores/store-form.ts'
import { oneOf, type Trial } from '../trial.ts'
import { lostByFailover, type Scenario } from './scenario.ts'

/** The old master keeps a replica of Gatehouse and, where there are some, one Sentinel; all others are on the other side. */
async function begin(trial: Trial) {
  const { store, replicas } = trial.scene
  const loss = lostByFailover(trial)
  const master = await store.master()
  const inside = [master, oneOf(trial.random, replicas), ...store.sentinels.slice(0, 1)].map(({ address }) => address)
  const heal = partition(store, inside)
  return {
    loss,
    async end() {
      heal()
      await store.settled()
    },
  }
}

export const sentinelPartition: Scenario = {
  name: 'sentinel-partition',
  what: 'the master, one Sentinel and a replica of Gatehouse are cut off from all others, which go on with a new master',
  store: 'Sentinel',
  holdMs: 12_000,
  rounds: 1,
  begin,
}

export const clusterPartition: Scenario = {
  name: 'cluster-partition',
  what: 'the master of the revocations and a replica of Gatehouse are cut off from all others, which go on with a new master',
  store: 'Cluster',
  holdMs: 12_000,
  rounds: 1,
  begin,
}

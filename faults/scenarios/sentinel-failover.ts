import type { Trial } from '../trial.ts'
import { lostByFailover, type Scenario } from './scenario.ts'

async function begin(trial: Trial) {
  const loss = lostByFailover(trial)
  await trial.scene.store.failover()
  return { loss, end: () => trial.scene.store.settled() }
}

export const sentinelFailover: Scenario = {
  name: 'sentinel-failover',
  what: 'Sentinel is told to promote a replica (SENTINEL FAILOVER)',
  store: 'Sentinel',
  holdMs: 500,
  rounds: 1,
  begin,
}

export const clusterFailover: Scenario = {
  name: 'cluster-failover',
  what: 'a replica is told to take its master’s place (CLUSTER FAILOVER)',
  store: 'Cluster',
  holdMs: 500,
  rounds: 1,
  begin,
}

import type { Trial } from '../trial.ts'
import { lostByFailover, type Scenario } from './scenario.ts'

async function begin(trial: Trial) {
  const { store } = trial.scene
  const loss = lostByFailover(trial)
  const master = await store.master()
  await master.kill9()
  return {
    loss,
    async end() {
      await master.restart()
      await store.settled()
    },
  }
}

export const sentinelKill: Scenario = {
  name: 'sentinel-kill',
  what: 'the master is killed, and comes back when Sentinel has promoted another',
  store: 'Sentinel',
  holdMs: 4_000,
  rounds: 2,
  begin,
}

export const clusterKill: Scenario = {
  name: 'cluster-kill',
  what: 'the master of the revocations is killed, and comes back when its replica has taken over',
  store: 'Cluster',
  holdMs: 6_000,
  rounds: 2,
  begin,
}

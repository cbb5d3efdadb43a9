import type { Trial } from '../trial.ts'
import { lostByFailover, type Scenario } from './scenario.ts'

async function begin(trial: Trial) {
  const { store } = trial.scene
  const loss = lostByFailover(trial)
  const master = await store.master()
  master.pause()
  return {
    loss,
    async end() {
      master.resume()
      await store.settled()
    },
  }
}

export const sentinelPause: Scenario = {
  name: 'sentinel-pause',
  what: 'the master is stopped for 5 s (SIGSTOP), and wakes believing that it still is one',
  store: 'Sentinel',
  holdMs: 5_000,
  rounds: 1,
  begin,
}

export const sentinelLongPause: Scenario = {
  ...sentinelPause,
  name: 'sentinel-pause-60s',
  what: 'the master is stopped for 60 s (SIGSTOP), and wakes believing that it still is one',
  holdMs: 60_000,
  rounds: 0,
}

export const clusterPause: Scenario = {
  name: 'cluster-pause',
  what: 'the master of the revocations is stopped for 6 s (SIGSTOP), and wakes believing that it still is one',
  store: 'Cluster',
  holdMs: 6_000,
  rounds: 1,
  begin,
}

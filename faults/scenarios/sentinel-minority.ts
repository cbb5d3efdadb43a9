import type { Scenario } from './scenario.ts'

export const sentinelMinority: Scenario = {
  name: 'sentinel-minority',
  what: 'two of three Sentinels are killed: nobody can tell who the master is',
  store: 'Sentinel',
  holdMs: 12_000,
  rounds: 1,
  async begin({ scene: { store } }) {
    const lost = store.sentinels.slice(1)
    await Promise.all(lost.map((sentinel) => sentinel.kill9()))
    return {
      async end() {
        await Promise.all(lost.map((sentinel) => sentinel.restart()))
        await store.settled()
      },
    }
  },
}

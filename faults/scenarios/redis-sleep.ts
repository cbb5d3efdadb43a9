import type { Scenario } from './scenario.ts'

const SECONDS = 3

export const redisSleep: Scenario = {
  name: 'redis-sleep',
  what: `the only Redis is busy for ${SECONDS} s (DEBUG SLEEP)`,
  store: 'one server',
  holdMs: 0,
  rounds: 1,
  async begin({ scene: { store } }) {
    const awake = store.command(await store.master(), 'DEBUG', 'SLEEP', SECONDS)
    return { end: async () => void (await awake) }
  },
}

import { setTimeout as pause } from 'node:timers/promises'
import type { Scenario } from './scenario.ts'

const TIMES = 8

export const redisReset: Scenario = {
  name: 'redis-reset',
  what: `all connections to Redis are reset, ${TIMES} times in 3 s`,
  store: 'one server',
  holdMs: 0,
  rounds: 1,
  async begin({ scene: { store }, random }) {
    const { proxy } = await store.master()
    const resets = async () => {
      for (let time = 0; time < TIMES; time += 1) {
        proxy?.disturb({ kind: 'cut' })()
        await pause((random() * 2 * 3_000) / TIMES)
      }
    }
    const over = resets()
    return { end: () => over }
  },
}

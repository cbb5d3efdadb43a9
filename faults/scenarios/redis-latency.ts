import { setTimeout as pause } from 'node:timers/promises'
import type { Scenario } from './scenario.ts'

const STEPS_MS = [1, 10, 50, 200, 1_000, 2_000]
const EACH_MS = 1_500

export const redisLatency: Scenario = {
  name: 'redis-latency',
  what: 'every byte to and from Redis is late: by 1, 10, 50, 200, 1,000 and 2,000 ms',
  store: 'one server',
  holdMs: 0,
  rounds: 1,
  async begin({ scene: { store } }) {
    const { proxy } = await store.master()
    const steps = async () => {
      for (const ms of STEPS_MS) {
        const heal = proxy?.disturb({ kind: 'late', ms })
        await pause(EACH_MS)
        heal?.()
      }
    }
    const over = steps()
    return { end: () => over }
  },
}

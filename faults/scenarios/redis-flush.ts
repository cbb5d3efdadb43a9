import { crash } from '../replica.ts'
import { anyReplica } from '../trial.ts'
import type { Scenario } from './scenario.ts'

export const redisFlush: Scenario = {
  name: 'redis-flush',
  what: 'somebody empties Redis (FLUSHALL), and a second later a replica of Gatehouse is killed and started again',
  store: 'one server',
  holdMs: 1_000,
  rounds: 1,
  async begin(trial) {
    const { store } = trial.scene
    await store.command(await store.master(), 'FLUSHALL')
    return { end: () => crash(anyReplica(trial)), loss: { cause: 'FLUSHALL', writtenSinceMs: 0 } }
  },
}

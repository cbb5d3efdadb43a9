import type { Scenario } from './scenario.ts'

export const redisFlush: Scenario = {
  name: 'redis-flush',
  what: 'somebody empties Redis (FLUSHALL)',
  store: 'one server',
  holdMs: 1_000,
  rounds: 1,
  async begin({ scene: { store } }) {
    await store.command(await store.master(), 'FLUSHALL')
    return { end: async () => undefined, loss: { cause: 'FLUSHALL', writtenSinceMs: 0 } }
  },
}

import type { Scenario } from './scenario.ts'

/** What it has answered for is on disk. */
export const redisKill: Scenario = {
  name: 'redis-kill',
  what: 'the only Redis is killed, and comes back with its data',
  store: 'one server',
  holdMs: 2_000,
  rounds: 1,
  async begin({ scene: { store } }) {
    const server = await store.master()
    await server.kill9()
    return { end: () => server.restart() }
  },
}

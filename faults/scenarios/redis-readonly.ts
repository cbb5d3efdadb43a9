import { freePort } from '../../test/parts/port.ts'
import type { Scenario } from './scenario.ts'

export const redisReadonly: Scenario = {
  name: 'redis-readonly',
  what: 'Redis is made a replica by hand (READONLY), and then a master again',
  store: 'one server',
  holdMs: 2_000,
  rounds: 1,
  async begin({ scene: { store } }) {
    const server = await store.master()
    // Of a master that nobody can reach, so that it keeps its data.
    await store.command(server, 'REPLICAOF', '127.0.0.1', await freePort())
    return { end: async () => void (await store.command(server, 'REPLICAOF', 'NO', 'ONE')) }
  },
}

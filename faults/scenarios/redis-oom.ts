import type { Scenario } from './scenario.ts'

export const redisOom: Scenario = {
  name: 'redis-oom',
  what: 'Redis has no memory left for anything new (OOM)',
  store: 'one server',
  holdMs: 2_000,
  rounds: 1,
  async begin({ scene: { store } }) {
    const server = await store.master()
    const limit = async (bytes: number) => void (await store.command(server, 'CONFIG', 'SET', 'maxmemory', bytes))
    await limit(1)
    return { end: () => limit(0) }
  },
}

import type { Scenario } from './scenario.ts'

/** Enough commands in the file to make a restart take a while, with a pause after each. */
const KEYS = 1_000
const MICROSECONDS_EACH = 3_000
const FILL = "for key = 1, ARGV[1] do redis.call('SET', 'ballast:' .. key, key) end"

export const redisLoading: Scenario = {
  name: 'redis-loading',
  what: 'Redis is killed, and takes more than 3 s to load its data (LOADING)',
  store: 'one server',
  holdMs: 0,
  rounds: 1,
  async begin({ scene: { store } }) {
    const server = await store.master()
    const slowness = async (microseconds: number) => {
      await store.command(server, 'CONFIG', 'SET', 'key-load-delay', microseconds)
      await store.command(server, 'CONFIG', 'SET', 'loading-process-events-interval-bytes', 1_024)
      await store.command(server, 'CONFIG', 'REWRITE')
    }
    await store.command(server, 'EVAL', FILL, 0, KEYS)
    await slowness(MICROSECONDS_EACH)
    await server.kill9()
    return {
      async end() {
        await server.restart()
        await slowness(0)
      },
    }
  },
}

import type { Scenario } from './scenario.ts'

function pausedFor(seconds: number, rounds: number): Scenario {
  return {
    name: `redis-pause-${seconds}s`,
    what: `the only Redis is stopped for ${seconds} s (SIGSTOP): it accepts and never answers`,
    store: 'one server',
    holdMs: seconds * 1000,
    rounds,
    async begin({ scene: { store } }) {
      const server = await store.master()
      server.pause()
      return { end: async () => server.resume() }
    },
  }
}

export const redisPause = pausedFor(5, 1)
export const redisLongPause = pausedFor(60, 0)

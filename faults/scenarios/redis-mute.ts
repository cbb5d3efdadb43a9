import type { Scenario } from './scenario.ts'

export const redisMute: Scenario = {
  name: 'redis-mute',
  what: 'Redis hears everything, and none of its answers arrive until the end',
  store: 'one server',
  holdMs: 3_000,
  rounds: 1,
  async begin({ scene: { store } }) {
    const { proxy } = await store.master()
    const heal = proxy?.disturb({ kind: 'silent', direction: 'down' })
    return { end: async () => heal?.() }
  },
}

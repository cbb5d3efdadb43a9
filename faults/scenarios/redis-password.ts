import type { OneServer } from '../stores/one-server.ts'
import type { StoreForm } from '../stores/store-form.ts'
import type { Scenario } from './scenario.ts'

export const redisPassword: Scenario = {
  name: 'redis-password',
  what: 'Redis asks for another password, and the file that has it follows 3 s later',
  store: 'one server',
  holdMs: 3_000,
  rounds: 1,
  async begin({ scene: { store } }) {
    if (!isOneServer(store)) throw new Error('only the one server changes its password')
    await store.changePassword()
    return { end: () => store.tellPassword() }
  },
}

function isOneServer(store: StoreForm): store is OneServer {
  return 'changePassword' in store
}

import { anyReplica } from '../trial.ts'
import type { Scenario } from './scenario.ts'

export const replicaPause: Scenario = {
  name: 'replica-pause',
  what: 'a replica of Gatehouse is stopped for 6 s (SIGSTOP)',
  store: 'one server',
  holdMs: 6_000,
  rounds: 1,
  async begin(trial) {
    const replica = anyReplica(trial)
    replica.pause()
    return { end: async () => replica.resume() }
  },
}

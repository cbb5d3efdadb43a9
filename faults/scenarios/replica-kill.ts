import { anyReplica } from '../trial.ts'
import type { Scenario } from './scenario.ts'

export const replicaKill: Scenario = {
  name: 'replica-kill',
  what: 'a replica of Gatehouse is killed and started again',
  store: 'one server',
  holdMs: 500,
  rounds: 1,
  async begin(trial) {
    const replica = anyReplica(trial)
    await replica.kill9()
    return { end: () => replica.restart() }
  },
}

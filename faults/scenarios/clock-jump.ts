import { anyReplica } from '../trial.ts'
import type { Scenario } from './scenario.ts'

const HOUR_MS = 3_600_000

function jump(name: string, hours: number): Scenario {
  return {
    name,
    what: `the wall clock of a replica of Gatehouse jumps ${hours < 0 ? 'back' : 'ahead'} by ${Math.abs(hours)} h`,
    store: 'one server',
    holdMs: 8_000,
    rounds: 1,
    async begin(trial) {
      const replica = anyReplica(trial)
      await replica.setClock(hours * HOUR_MS)
      return { end: () => replica.setClock(0) }
    },
  }
}

export const clockAhead = jump('clock-ahead', 2)
export const clockBack = jump('clock-back', -2)

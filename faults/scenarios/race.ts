import type { Trial } from '../trial.ts'
import type { Scenario } from './scenario.ts'

/** How many try at the same moment. */
export const AT_ONCE = 100
const RACES = 10

/**
 * A scenario without any fault, in which many clients want the same thing at the same moment, several times a round.
 *
 * @param what what a race is, for the table
 * @param race one of them. Resolves to what was wrong, if anything was
 */
export function raced(name: string, what: string, race: (trial: Trial) => Promise<string | undefined>): Scenario {
  return {
    name,
    what: `${what}, ${RACES} times a round`,
    store: 'one server',
    holdMs: 0,
    rounds: 1,
    isHarmless: true,
    begin: async () => ({ end: async () => undefined }),
    async during(trial) {
      const problems: string[] = []
      for (let number = 1; number <= RACES; number += 1) {
        const problem = await race(trial)
        if (problem !== undefined) problems.push(`race ${number}: ${problem}`)
      }
      return problems
    },
  }
}

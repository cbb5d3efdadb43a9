import { pursue } from '../pursue.ts'
import { revoke } from '../revoke.ts'
import { signInAtLast } from '../sign-in-at-last.ts'
import { anyReplica, type Trial } from '../trial.ts'
import type { Scenario } from './scenario.ts'

const CLIENT = 'stopwatch'
const REVOCATIONS = 100

/** Somebody signs in, is revoked, and asks every replica without a pause. */
async function one(trial: Trial): Promise<string | undefined> {
  const signedIn = await signInAtLast(trial, CLIENT, 'one')
  if (signedIn === undefined) return 'nobody could sign in'
  const { token, visitor } = signedIn
  const answer = await revoke(trial, CLIENT, anyReplica(trial), { kind: 'session', sid: visitor.sid })
  // Pending is an answer, too: a replica of the store that lags for a moment is enough for it.
  if (answer !== 'accepted') return undefined
  await pursue(trial, CLIENT, token, { forMs: 5_000, pauseMs: 0 })
  return undefined
}

function calm(name: string, store: Scenario['store'], rounds: number): Scenario {
  return {
    name,
    what: `nothing is wrong; ${REVOCATIONS} revocations a round are timed`,
    store,
    holdMs: 0,
    rounds,
    isHarmless: true,
    begin: async () => ({ end: async () => undefined }),
    async during(trial) {
      const problems: string[] = []
      for (let number = 0; number < REVOCATIONS; number += 1) {
        const problem = await one(trial)
        if (problem !== undefined) problems.push(problem)
      }
      return problems
    },
  }
}

export const calmSentinel = calm('calm', 'Sentinel', 1)

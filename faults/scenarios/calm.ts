import { createBrowser } from '../browser.ts'
import { pursue } from '../pursue.ts'
import { revoke } from '../revoke.ts'
import { signIn } from '../sign-in.ts'
import { anyReplica, type Trial } from '../trial.ts'
import type { Scenario } from './scenario.ts'

const CLIENT = 'stopwatch'
const REVOCATIONS = 100

/** Somebody signs in, is revoked, and asks every replica without a pause. */
async function one(trial: Trial): Promise<string | undefined> {
  const login = trial.scene.people.at(-2) ?? ''
  const pick = () => anyReplica(trial)
  const signedIn = await signIn(trial, createBrowser(), { client: CLIENT, application: 'one', login, pick })
  if (signedIn === undefined) return 'nobody could sign in'
  const { token, visitor } = signedIn
  const answer = await revoke(trial, CLIENT, pick(), { kind: 'session', sid: visitor.sid })
  if (answer !== 'accepted') return `a revocation is ${answer}`
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

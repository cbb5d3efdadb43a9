import { setTimeout as pause } from 'node:timers/promises'
import { createBrowser } from './browser.ts'
import type { Replica } from './replica.ts'
import { revoke } from './revoke.ts'
import { show } from './show.ts'
import { signIn } from './sign-in.ts'
import type { Trial } from './trial.ts'

const CLIENT = 'canary'
const MOST_MS = 60_000

/** Everything did not work again in a minute. */
export class NotRecoveredError extends Error {
  override readonly name = 'NotRecoveredError'
}

/**
 * Tries until everything works at every replica: it is ready, somebody signs in, every replica lets them in, a revocation is
 * accepted, and every replica refuses. Records the moment.
 *
 * @returns milliseconds that it took
 * @throws NotRecoveredError that says what did not work in the last try
 */
export async function untilAllIsWell(trial: Trial, person: string): Promise<number> {
  const { recorder } = trial
  const sinceMs = recorder.now()
  for (;;) {
    const problem = await firstProblem(trial, person)
    if (problem === undefined) {
      recorder.record({ kind: 'recovered', atMs: recorder.now() })
      return recorder.now() - sinceMs
    }
    if (recorder.now() - sinceMs > MOST_MS) throw new NotRecoveredError(`after ${MOST_MS / 1000} s: ${problem}`)
    await pause(25)
  }
}

async function firstProblem(trial: Trial, person: string): Promise<string | undefined> {
  for (const replica of trial.scene.replicas) {
    const problem = await problemAt(trial, replica, person)
    if (problem !== undefined) return `${replica.name}: ${problem}`
  }
  return undefined
}

async function problemAt(trial: Trial, replica: Replica, login: string): Promise<string | undefined> {
  if (!(await replica.isReady())) return 'not ready'
  const wanted = { client: CLIENT, application: 'one', login, pick: () => replica } as const
  const signedIn = await signIn(trial, createBrowser(), wanted)
  if (signedIn === undefined) return 'nobody can sign in'
  const { token, visitor } = signedIn
  const answers = () => Promise.all(trial.scene.replicas.map((other) => show(trial, CLIENT, token, other)))
  const letIn = await answers()
  if (letIn.some((answer) => answer !== 'allow')) return `a new token is answered ${letIn.join(', ')}`
  const answer = await revoke(trial, CLIENT, replica, { kind: 'session', sid: visitor.sid })
  if (answer !== 'accepted') return `a revocation is ${answer}`
  const sinceMs = trial.recorder.now()
  for (;;) {
    const refused = await answers()
    if (refused.every((one) => one === 'challenge')) return undefined
    if (trial.recorder.now() - sinceMs > 1_000) return `a revoked token is answered ${refused.join(', ')}`
    await pause(5)
  }
}

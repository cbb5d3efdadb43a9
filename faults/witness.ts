import { setTimeout as pause } from 'node:timers/promises'
import { show } from './show.ts'
import type { Token, Trial } from './trial.ts'

/** After the end of its bound a revocation is looked at so much later, once for each. */
const LATER_MS = [50, 500, 2_000]
const EVERY_MS = 20

/** Has a token that was just revoked shown to every replica when the bound of its revocation is over. */
export function witness({ recorder, due, revocationMs }: Trial, token: Token): void {
  const boundMs = recorder.now() + revocationMs
  due.push(...LATER_MS.map((later) => ({ atMs: boundMs + later, token })))
}

/** Shows what is due until it is told to stop, and waits for the answers. */
export async function runWitness(trial: Trial, signal: AbortSignal): Promise<void> {
  const { scene, recorder, due } = trial
  const asking = new Set<Promise<unknown>>()
  while (!signal.aborted) {
    const now = recorder.now()
    const ready = due.filter(({ atMs }) => atMs <= now)
    const left = due.filter(({ atMs }) => atMs > now)
    due.splice(0, due.length, ...left)
    for (const { token } of ready) {
      const answers = Promise.all(scene.replicas.map((replica) => show(trial, 'witness', token, replica)))
      asking.add(answers)
      void answers.finally(() => asking.delete(answers))
    }
    await pause(EVERY_MS)
  }
  await Promise.all(asking)
}

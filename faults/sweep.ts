import type { Replica } from './replica.ts'
import { show } from './show.ts'
import type { Token, Trial } from './trial.ts'

const AT_ONCE = 6

/** Shows every token of the history to every replica, so that what holds in the end is on record. */
export async function sweep(trial: Trial): Promise<void> {
  const left = trial.tokens.flatMap((token) => trial.scene.replicas.map((replica) => ({ token, replica })))
  const work = async () => {
    for (let next = left.pop(); next !== undefined; next = left.pop()) await showOnce(trial, next)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
}

async function showOnce(trial: Trial, { token, replica }: { token: Token; replica: Replica }): Promise<void> {
  await show(trial, 'sweep', token, replica)
}

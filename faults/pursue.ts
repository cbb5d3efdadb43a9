import { setTimeout as pause } from 'node:timers/promises'
import { show } from './show.ts'
import type { Token, Trial } from './trial.ts'

/** Asks every replica again and again, from the moment that a revocation was accepted, until each has refused. */
export async function pursue(
  trial: Trial,
  client: string,
  token: Token,
  { forMs, pauseMs }: { readonly forMs: number; readonly pauseMs: number },
): Promise<void> {
  const { recorder, scene, pursuits } = trial
  const acceptedAtMs = recorder.now()
  const refusals = await Promise.all(
    scene.replicas.map(async (replica) => {
      while (recorder.now() - acceptedAtMs < forMs) {
        if ((await show(trial, client, token, replica)) === 'challenge') return recorder.now() - acceptedAtMs
        await pause(pauseMs)
      }
      return undefined
    }),
  )
  const known = refusals.filter((afterMs) => afterMs !== undefined)
  pursuits.push({ acceptedAtMs, refusedAfterMs: known.length === refusals.length ? Math.max(...known) : undefined })
}

import { type KeyEnvironment, newSealingKey, newSigningKey, type SigningAlgorithm } from './key-set.ts'
import type { Rotation } from './rotation.ts'

const DAY_MS = 86_400_000
const ROTATE_EVERY_MS = 42 * DAY_MS
const PUBLISH_AHEAD_MS = DAY_MS
const LEEWAY_MS = 3_600_000

/**
 * How an installation turns its keys: every six weeks, the next one published a day ahead, an earlier one kept for an hour
 * longer than anything that it made can count.
 *
 * @param longestLifeSeconds of anything that is signed or sealed
 */
export function standardRotation(
  algorithm: SigningAlgorithm,
  longestLifeSeconds: number,
  environment: KeyEnvironment,
): Omit<Rotation, 'now'> {
  return {
    rotateEveryMs: ROTATE_EVERY_MS,
    publishAheadMs: PUBLISH_AHEAD_MS,
    keepMs: longestLifeSeconds * 1000 + LEEWAY_MS,
    algorithm,
    newSigningKey: (wanted) => newSigningKey(wanted, environment),
    newSealingKey: () => newSealingKey(environment),
  }
}

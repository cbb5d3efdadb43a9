import { expect } from 'vitest'
import { replayCommand, simulate } from '../../../faults/simulation/run.ts'

/** Plays one run after the other; fails with what played the first one wrong, and how to see it again. */
export async function expectAllKept(from: number, count: number): Promise<void> {
  for (let seed = from; seed < from + count; seed += 1) {
    const { problems } = await simulate(seed)
    expect(problems, `seed ${seed}; replay with: ${replayCommand(seed)}`).toEqual([])
  }
}

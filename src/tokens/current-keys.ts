import type { Events } from '../observe/events.ts'
import { type KeyRing, keyRing } from './key-ring.ts'
import type { KeySet } from './key-set.ts'
import type { KeySetReading } from './key-set-text.ts'

/** The keys in use by this process, which somebody else may change at any time. */
export interface CurrentKeys {
  /** The keys; undefined before there were any. The same object until they change. */
  readonly ring: () => KeyRing | undefined
  /** The set that the ring was made of: the last one that was good. */
  readonly set: () => KeySet | undefined
  /**
   * Takes what there is now. A sound set is swapped in whole; of anything else only the problem is reported, once.
   *
   * @returns what is wrong with it; undefined once it is in use
   */
  readonly replace: (reading: KeySetReading) => Promise<string | undefined>
}

/** @param options.source what holds the keys, for people */
export function createCurrentKeys({
  source,
  events,
}: {
  readonly source: string
  readonly events: Pick<Events, 'keysReplaced' | 'keysUnreadable'>
}): CurrentKeys {
  let current: { readonly text: string; readonly set: KeySet; readonly ring: KeyRing } | undefined
  let reported: string | undefined
  let queue: Promise<unknown> = Promise.resolve()

  function fail(problem: string): string {
    if (problem !== reported) events.keysUnreadable({ source, problem })
    reported = problem
    return problem
  }

  async function imported(set: KeySet): Promise<KeyRing | string> {
    try {
      return await keyRing(set)
    } catch (error) {
      return `has a key that cannot be used: ${error instanceof Error ? error.message : String(error)}`
    }
  }

  async function take({ set, problem }: KeySetReading): Promise<string | undefined> {
    if (set === undefined) return fail(problem)
    const text = JSON.stringify(set)
    const ring = text === current?.text ? current.ring : await imported(set)
    if (typeof ring === 'string') return fail(ring)
    reported = undefined
    if (ring === current?.ring) return undefined
    current = { text, set, ring }
    const { signing, sealing, verifying } = ring
    const createdAtMs = Date.parse(set.signing[0]?.createdAt ?? '')
    const names = { signing: signing.kid, sealing: sealing.kid }
    events.keysReplaced({ source, ...names, accepted: verifying.size, createdAtMs })
    return undefined
  }

  return {
    ring: () => current?.ring,
    set: () => current?.set,
    replace(reading) {
      // Importing takes time: one after the other, so that what came last counts in the end.
      const taken = queue.then(() => take(reading))
      queue = taken
      return taken
    },
  }
}

import type { StoreName } from '../stores/index.ts'
import type { Trial } from '../trial.ts'

/** A fault that has been brought about. */
export interface Brought {
  /** Takes it away, and waits until the store is as it was but for its data. */
  end(): Promise<void>
  /** What the store loses by it: whatever was written from this moment of the recorder's clock until its end. */
  readonly loss?: { readonly cause: string; readonly writtenSinceMs: number }
}

/** One kind of fault. */
export interface Scenario {
  /** The file's name; `--only` is compared with it. */
  readonly name: string
  /** What happens, for the table. */
  readonly what: string
  readonly store: StoreName
  /** Further arguments of the Redis servers. */
  readonly storeArgs?: readonly string[]
  /** Top-level settings of Gatehouse's configuration. */
  readonly config?: Readonly<Record<string, unknown>>
  /** How long the fault lasts, once it has been brought about. */
  readonly holdMs: number
  /** Rounds in the bounded run; 0: it is in the long one only. */
  readonly rounds: number
  /** Nothing is wrong with what the promises rest on: whatever is amiss meanwhile counts as if there were no fault. */
  readonly isHarmless?: true
  /** Brings it about while the clients go on. */
  begin(trial: Trial): Promise<Brought>
  /** What else has to hold meanwhile. @returns what did not */
  during?(trial: Trial): Promise<readonly string[]>
}

/** How far a replica of the store may be behind its master when that is lost. */
const LAG_MS = 2_000

/** What a failover loses: what was written just before, and to the old master since. */
export function lostByFailover({ recorder }: Trial): { readonly cause: string; readonly writtenSinceMs: number } {
  return { cause: 'failover', writtenSinceMs: Math.max(0, recorder.now() - LAG_MS) }
}

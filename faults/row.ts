import { spreadOf } from './history-figures.ts'
import type { Outcome } from './run-scenario.ts'

/** What came of a scenario, all its histories together. */
export interface Row {
  readonly name: string
  readonly what: string
  readonly store: string
  readonly rounds: number
  readonly checks: number
  readonly unavailable: number
  readonly accepted: number
  readonly pending: number
  readonly signOuts: number
  /** Revocations that got no answer. */
  readonly unknown: number
  readonly violations: readonly string[]
  readonly forcedByLoss: number
  /** The longest after an accepted revocation that somebody whom it hits was let in. */
  readonly lastLetInMs: number
  /** The longest from the end of a fault until everything worked again. */
  readonly recoveryMs: number | undefined
  readonly refusedAfterMs: readonly number[]
}

/** Adds up the histories of one scenario. */
export function rowOf(outcomes: readonly [Outcome, ...Outcome[]]): Row {
  const { scenario } = outcomes[0]
  const sum = (of: (outcome: Outcome) => number) => outcomes.reduce((total, outcome) => total + of(outcome), 0)
  const most = (of: (outcome: Outcome) => number | undefined) => spreadOf(outcomes.flatMap((one) => of(one) ?? [])).max
  return {
    name: scenario.name,
    what: scenario.what,
    store: scenario.store,
    rounds: sum(({ rounds }) => rounds),
    checks: sum(({ figures }) => Object.values(figures.checks).reduce((total, count) => total + count, 0)),
    unavailable: sum(({ figures }) => figures.checks.unavailable + figures.checks.none),
    accepted: sum(({ figures }) => figures.revocations.accepted),
    pending: sum(({ figures, signOuts }) => figures.revocations.pending - signOuts),
    signOuts: sum(({ signOuts }) => signOuts),
    unknown: sum(({ figures }) => figures.revocations.unknown),
    violations: outcomes.flatMap(({ violations }) => violations),
    forcedByLoss: sum(({ figures }) => Object.values(figures.loginsForcedByDataLoss).reduce((a, b) => a + b, 0)),
    lastLetInMs: most(({ lastLetInMs }) => lastLetInMs.max) ?? 0,
    recoveryMs: spreadOf(outcomes.flatMap(({ recoveries }) => recoveries)).max,
    refusedAfterMs: outcomes.flatMap(({ refusedAfterMs }) => refusedAfterMs),
  }
}

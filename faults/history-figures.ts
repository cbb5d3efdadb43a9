import type { Bounds } from './bounds.ts'
import { isLostBetween, isRefusal } from './check-history.ts'
import type { CheckEntry, History, OneTimeEntry, RevocationEntry } from './history.ts'
import { type Case, type Judge, judgeOf } from './judge.ts'

/** How durations in milliseconds are spread. Undefined where there are none. */
export interface Spread {
  readonly count: number
  readonly p50: number | undefined
  readonly p99: number | undefined
  readonly max: number | undefined
}

/** What a history amounts to, beside the violations. */
export interface HistoryFigures {
  readonly sessions: number
  readonly tokens: number
  readonly checks: Readonly<Record<CheckEntry['answer'], number>>
  readonly revocations: Readonly<Record<RevocationEntry['answer'], number>>
  /** Pending revocations of something issued before, and those of them that every replica holds to in the end. */
  readonly pending: { readonly count: number; readonly heldInTheEnd: number }
  /** From the answer that a revocation is accepted until the last replica refuses the first time, as the checks saw it. */
  readonly acceptedToRefused: { readonly quiet: Spread; readonly troubled: Spread }
  /** From the end of a fault to the mark that all is well again. */
  readonly recovery: Spread
  /** Logins that the loss of a session's only copy forced, by the cause of the loss: distinct sessions. */
  readonly loginsForcedByDataLoss: Readonly<Record<string, number>>
  /** Things that succeeded again after the store had lost that they had been used. */
  readonly repeatedAfterDataLoss: number
  /** One-time things, and how many of them succeeded for nobody. */
  readonly oneTime: { readonly things: number; readonly succeededNever: number }
}

/** Counts and measures a history. Throws a HistoryError if it contradicts itself. */
export function figuresOfHistory(history: History, bounds: Bounds): HistoryFigures {
  const judge = judgeOf(history, bounds)
  const checks = { allow: 0, challenge: 0, forbid: 0, unavailable: 0, none: 0 }
  const revocations = { accepted: 0, pending: 0, unknown: 0 }
  let sessions = 0
  for (const entry of history) {
    if (entry.kind === 'check') checks[entry.answer] += 1
    if (entry.kind === 'revocation') revocations[entry.answer] += 1
    if (entry.kind === 'session') sessions += 1
  }
  return {
    sessions,
    tokens: judge.cases.length,
    checks,
    revocations,
    pending: pendingOnes(judge),
    acceptedToRefused: acceptedToRefused(judge),
    recovery: spreadOf(recoveries(history, judge)),
    loginsForcedByDataLoss: forcedByDataLoss(history, judge),
    ...oneTimeThings(history, judge),
  }
}

/** The median and the like, by the nearest rank. */
export function spreadOf(durations: readonly number[]): Spread {
  const sorted = durations.toSorted((a, b) => a - b)
  const rank = (share: number) => sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)]
  return { count: sorted.length, p50: rank(0.5), p99: rank(0.99), max: sorted.at(-1) }
}

function acceptedToRefused({ cases, replicas, timeline }: Judge): { quiet: Spread; troubled: Spread } {
  const slowest = new Map<RevocationEntry, { tookMs: number; isQuiet: boolean }>()
  for (const one of cases) {
    const [revocation] = one.surely
    // Where another one may have been the reason, a refusal says nothing about this one.
    if (revocation === undefined || one.possibly[0] !== revocation) continue
    for (const replica of replicas) {
      const refusal = firstLastingRefusal(one, replica, revocation)
      if (refusal === undefined) continue
      const tookMs = Math.max(0, refusal.answeredAtMs - revocation.answeredAtMs)
      const isQuiet = timeline.quietSince(revocation.invokedAtMs, refusal.answeredAtMs) !== undefined
      const before = slowest.get(revocation)
      if (before === undefined || tookMs > before.tookMs) slowest.set(revocation, { tookMs, isQuiet })
    }
  }
  const of = (wanted: boolean) =>
    spreadOf([...slowest.values()].filter(({ isQuiet }) => isQuiet === wanted).map(({ tookMs }) => tookMs))
  return { quiet: of(true), troubled: of(false) }
}

/** The first refusal after which this replica let nobody in any more. */
function firstLastingRefusal({ checks }: Case, replica: string, { invokedAtMs }: RevocationEntry) {
  const since = checks.filter((check) => check.replica === replica && check.answeredAtMs >= invokedAtMs)
  const lastAllow = since.findLastIndex(({ answer }) => answer === 'allow')
  return since.slice(lastAllow + 1).find(isRefusal)
}

function pendingOnes({ cases, replicas }: Judge): { count: number; heldInTheEnd: number } {
  const held = new Map<RevocationEntry, boolean>()
  for (const one of cases) {
    const pending = one.possibly.filter(({ answer }) => answer === 'pending')
    if (pending.length === 0) continue
    const isRefused = replicas.every((replica) => {
      const last = one.checks.findLast((check) => check.replica === replica)
      return last !== undefined && isRefusal(last)
    })
    for (const revocation of pending) {
      const { scope, invokedAtMs } = revocation
      const issued = scope.kind === 'application' ? one.token : one.session
      if (issued.answeredAtMs < invokedAtMs) held.set(revocation, (held.get(revocation) ?? true) && isRefused)
    }
  }
  return { count: held.size, heldInTheEnd: [...held.values()].filter(Boolean).length }
}

function recoveries(history: History, { timeline }: Judge): number[] {
  return history.flatMap((entry) => {
    if (entry.kind !== 'recovered') return []
    const ends = timeline.faults.map(({ endedAtMs }) => endedAtMs).filter((endedAtMs) => endedAtMs <= entry.atMs)
    return ends.length === 0 ? [] : [entry.atMs - Math.max(...ends)]
  })
}

function forcedByDataLoss(history: History, judge: Judge): Record<string, number> {
  const lost = new Map<string, string>()
  for (const one of judge.cases) {
    for (const check of one.checks) {
      const excuse = isRefusal(check) ? judge.excuseFor(one, check) : undefined
      if (excuse?.kind === 'lost') lost.set(one.session.sid, excuse.loss.cause)
    }
  }
  for (const entry of history) {
    const excuse = entry.kind === 'forced-login' ? judge.excuseForLogin(entry) : undefined
    if (entry.kind === 'forced-login' && excuse?.kind === 'lost') lost.set(entry.sid, excuse.loss.cause)
  }
  const counts: Record<string, number> = {}
  for (const cause of lost.values()) counts[cause] = (counts[cause] ?? 0) + 1
  return counts
}

function oneTimeThings(history: History, judge: Judge): Pick<HistoryFigures, 'repeatedAfterDataLoss' | 'oneTime'> {
  const tries = history.filter((entry) => entry.kind === 'one-time').sort((a, b) => a.answeredAtMs - b.answeredAtMs)
  const first = new Map<string, OneTimeEntry>()
  let repeatedAfterDataLoss = 0
  for (const tried of tries.filter(({ succeeded }) => succeeded)) {
    const before = first.get(tried.thing)
    if (before === undefined) first.set(tried.thing, tried)
    else if (isLostBetween(before, tried, judge)) repeatedAfterDataLoss += 1
  }
  const things = new Set(tries.map(({ thing }) => thing)).size
  return { repeatedAfterDataLoss, oneTime: { things, succeededNever: things - first.size } }
}

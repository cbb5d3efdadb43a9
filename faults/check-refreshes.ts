import type { Bounds } from './bounds.ts'
import type { CheckEntry, RefreshEntry } from './history.ts'
import type { Case, Judge } from './judge.ts'

/** What a session's refreshes must not come to. */
export type RefreshViolationKind =
  /** A refresh token was used twice, although nothing was wrong. */
  | 'refreshed-twice'
  /** Let in although the provider had long refused to renew the session. */
  | 'ended-grant-honoured'
  /** Let in with what the provider said before, although it had long said something else. */
  | 'identity-stale'

export interface RefreshViolation {
  readonly kind: RefreshViolationKind
  readonly text: string
}

/** Holds what the provider saw of refreshes, and what the replicas made of them, against the promises. */
export function refreshViolations(judge: Judge, bounds: Bounds): readonly RefreshViolation[] {
  return [
    ...judge.refreshes.flatMap((refresh) => repeated(refresh, judge)),
    ...judge.cases.flatMap((one) => one.checks.flatMap((check) => wrongIdentity(check, one, judge, bounds))),
  ]
}

/** A token that was good once, and was used again; with the one that used it up. */
function repeated(again: RefreshEntry, judge: Judge): RefreshViolation[] {
  const first = judge.refreshes.find(({ token, answer }) => token === again.token && answer === 'renewed')
  if (first === undefined || first === again || again.answeredAtMs < first.answeredAtMs) return []
  const isQuiet = judge.timeline.quietSince(first.invokedAtMs, again.answeredAtMs) !== undefined
  const isLost = judge.losses.some(
    ({ endedAtMs, writtenSinceMs }) => first.answeredAtMs >= writtenSinceMs && first.invokedAtMs <= endedAtMs,
  )
  if (!isQuiet || isLost) return []
  const text = `refresh token ${again.token} at ${at(first.answeredAtMs)}, and again at ${at(again.answeredAtMs)}`
  return [{ kind: 'refreshed-twice', text }]
}

/** What is allowed long after the provider has said otherwise, with nothing wrong in between. */
function wrongIdentity(check: CheckEntry, { refreshes }: Case, judge: Judge, bounds: Bounds): RefreshViolation[] {
  if (check.answer !== 'allow') return []
  const shown = `${check.replica} lets token ${check.token} in at ${at(check.invokedAtMs)}`
  const isOwed = ({ invokedAtMs, answeredAtMs }: RefreshEntry, withinMs: number) =>
    check.invokedAtMs > answeredAtMs + withinMs &&
    judge.timeline.quietSince(invokedAtMs, check.answeredAtMs) !== undefined
  const refusal = refreshes.find((one) => one.answer === 'refused' && isOwed(one, bounds.endedGrantMs))
  if (refusal !== undefined) {
    const text = `${shown}; the provider refused to renew it at ${at(refusal.answeredAtMs)}`
    return [{ kind: 'ended-grant-honoured', text }]
  }
  const { version } = check
  if (version === undefined) return []
  const newer = refreshes.find(
    (one) => one.answer === 'renewed' && one.version > version && isOwed(one, bounds.quietRevocationMs),
  )
  if (newer === undefined) return []
  const text = `${shown} with version ${version}; the provider said ${newer.version} at ${at(newer.answeredAtMs)}`
  return [{ kind: 'identity-stale', text }]
}

function at(moment: number): string {
  return `${Math.round(moment * 1000) / 1000} ms`
}

import type { Bounds } from './bounds.ts'
import { type RefreshViolationKind, refreshViolations } from './check-refreshes.ts'
import type { CheckEntry, History, OneTimeEntry, RevocationEntry } from './history.ts'
import { type Case, type Judge, judgeOf } from './judge.ts'

export type ViolationKind =
  /** Let in although an accepted revocation had long been answered. */
  | 'allowed-after-revocation'
  /** Let in although a replica had already refused on account of an accepted revocation, or after all faults were over. */
  | 'revocation-forgotten'
  | 'allowed-after-expiry'
  /** A browser was told to forget a cookie that was still good. */
  | 'cookie-cleared'
  /** Somebody with a valid session or token was asked to sign in. */
  | 'login-forced'
  /** Somebody with a valid token was forbidden to enter. */
  | 'refused-without-cause'
  | 'one-time-repeated'
  /** No answer, or none that can be used, when everything had to work again; or it took longer than promised. */
  | 'not-recovered'
  /** The history does not show what it would have to show for the promises to count as kept. */
  | 'unproven'
  | RefreshViolationKind

export interface Violation {
  readonly kind: ViolationKind
  /** What shows it, in one line with its moments. */
  readonly text: string
}

/**
 * Holds a history against the promises. Where several operations overlap, so that either order is possible, the one is taken
 * that speaks for the system.
 *
 * @returns what breaks a promise beyond doubt, and what is missing for a proof; empty if all promises are proven kept
 * @throws HistoryError if the history contradicts itself
 */
export function checkHistory(history: History, bounds: Bounds): readonly Violation[] {
  const judge = judgeOf(history, bounds)
  return [
    ...judge.cases.flatMap((one) => one.checks.flatMap((check) => violationsOf(check, one, judge, bounds))),
    ...forcedLogins(history, judge),
    ...repeatedThings(history, judge),
    ...refreshViolations(judge, bounds),
    ...lateRecoveries(history, judge, bounds),
    ...missingProofs(judge, bounds),
  ]
}

function violationsOf(check: CheckEntry, one: Case, judge: Judge, bounds: Bounds): Violation[] {
  const violations: Violation[] = []
  const add = (kind: ViolationKind, text: string) => violations.push({ kind, text: `${checkText(check)}: ${text}` })
  const hasNoAnswer = check.answer === 'none' || check.answer === 'unavailable'
  const isQuiet = judge.timeline.quietSince(check.invokedAtMs, check.answeredAtMs) !== undefined

  if (check.answer === 'allow') {
    const wrong = wrongAllow(check, one, judge, bounds)
    if (wrong !== undefined) add(wrong.kind, wrong.text)
  } else if (hasNoAnswer) {
    if (isQuiet) add('not-recovered', 'no fault is left to blame')
  } else if (judge.excuseFor(one, check) === undefined) {
    add(check.answer === 'challenge' ? 'login-forced' : 'refused-without-cause', 'the token was valid')
  }
  if (check.clearedCookie && (hasNoAnswer || judge.excuseFor(one, check) === undefined)) {
    add('cookie-cleared', hasNoAnswer ? 'trouble is no reason' : 'the token was valid')
  }
  return violations
}

function wrongAllow(check: CheckEntry, one: Case, judge: Judge, bounds: Bounds): Violation | undefined {
  const expiresAtMs = Math.min(one.token.expiresAtMs, one.session.expiresAtMs)
  if (check.invokedAtMs > expiresAtMs + bounds.expiryToleranceMs) {
    return { kind: 'allowed-after-expiry', text: `expired at ${ms(expiresAtMs)}` }
  }
  for (const revocation of one.surely) {
    const { heldFromMs, isOver } = deadlineOf(revocation, check, judge, bounds)
    const isLate = check.invokedAtMs > heldFromMs
    const refusal = refusalBefore(check, one, revocation, isLate)
    const text = `${revocationText(revocation)} is to hold from ${ms(heldFromMs)} on`
    if (refusal !== undefined) return { kind: 'revocation-forgotten', text: `${text}; ${checkText(refusal)} before` }
    if (isLate) return { kind: isOver ? 'revocation-forgotten' : 'allowed-after-revocation', text }
  }
  return undefined
}

/** From when on the revocation has to hold, as far as a check is concerned. `isOver`: some trouble since has passed. */
function deadlineOf(
  { answeredAtMs }: RevocationEntry,
  check: CheckEntry,
  { timeline }: Judge,
  bounds: Bounds,
): { heldFromMs: number; isOver: boolean } {
  const latest = answeredAtMs + bounds.revocationMs
  const quietSinceMs = timeline.quietSince(check.invokedAtMs, check.answeredAtMs)
  if (quietSinceMs === undefined) return { heldFromMs: latest, isOver: false }
  const heldFromMs = Math.min(latest, Math.max(answeredAtMs, quietSinceMs) + bounds.quietRevocationMs)
  return { heldFromMs, isOver: quietSinceMs > answeredAtMs }
}

/**
 * A refusal that only this revocation explains. A replica that has refused once may never let in again; that another one has
 * refused counts once the bound is over.
 */
function refusalBefore(
  check: CheckEntry,
  one: Case,
  revocation: RevocationEntry,
  isLate: boolean,
): CheckEntry | undefined {
  const isUnclear = one.losses.length > 0 || one.possibly.some(({ answer }) => answer !== 'accepted')
  if (isUnclear) return undefined
  return one.checks.find(
    (other) =>
      isRefusal(other) &&
      other.invokedAtMs >= revocation.invokedAtMs &&
      other.answeredAtMs < check.invokedAtMs &&
      (isLate || other.replica === check.replica),
  )
}

function forcedLogins(history: History, judge: Judge): Violation[] {
  return history.flatMap((entry): Violation[] => {
    if (entry.kind !== 'forced-login' || judge.excuseForLogin(entry) !== undefined) return []
    const text = `${entry.client} had to sign in again at ${entry.replica} at ${ms(entry.answeredAtMs)}: session ${entry.sid} was valid`
    return [{ kind: 'login-forced', text }]
  })
}

function repeatedThings(history: History, judge: Judge): Violation[] {
  const first = new Map<string, OneTimeEntry>()
  const successes = history.filter((entry) => entry.kind === 'one-time').filter(({ succeeded }) => succeeded)
  return successes
    .sort((a, b) => a.answeredAtMs - b.answeredAtMs)
    .flatMap((success): Violation[] => {
      const before = first.get(success.thing)
      if (before === undefined) {
        first.set(success.thing, success)
        return []
      }
      if (isLostBetween(before, success, judge)) return []
      const text = `${success.thing} at ${success.replica} at ${ms(success.answeredAtMs)}, and at ${before.replica} at ${ms(before.answeredAtMs)}`
      return [{ kind: 'one-time-repeated', text }]
    })
}

/** Whether the store may have lost what the first try wrote before the second one was over. */
export function isLostBetween(first: OneTimeEntry, second: OneTimeEntry, judge: Pick<Judge, 'losses'>): boolean {
  return judge.losses.some(
    ({ beganAtMs, endedAtMs, writtenSinceMs }) =>
      first.answeredAtMs >= writtenSinceMs && first.invokedAtMs <= endedAtMs && second.answeredAtMs >= beganAtMs,
  )
}

function lateRecoveries(history: History, { timeline }: Judge, bounds: Bounds): Violation[] {
  return history.flatMap((entry): Violation[] => {
    if (entry.kind !== 'recovered') return []
    const ends = timeline.faults.map(({ endedAtMs }) => endedAtMs).filter((endedAtMs) => endedAtMs <= entry.atMs)
    const tookMs = entry.atMs - Math.max(...ends)
    if (tookMs <= bounds.recoveryMs || ends.length === 0) return []
    return [{ kind: 'not-recovered', text: `all was well only ${ms(tookMs)} after the last fault` }]
  })
}

/** Every revoked token has to be refused, and some valid one let in, by every replica once all is over. */
function missingProofs(judge: Judge, bounds: Bounds): Violation[] {
  const { cases, replicas, timeline } = judge
  const quietFromMs = timeline.finallyQuietFromMs
  if (quietFromMs === Number.POSITIVE_INFINITY) {
    const lasting = timeline.faults.filter(({ endedAtMs }) => endedAtMs === quietFromMs).map(({ fault }) => fault)
    return [{ kind: 'unproven', text: `faults that never end: ${lasting.join(', ')}` }]
  }
  const isWrong = (check: CheckEntry, one: Case) =>
    check.answer === 'allow' && wrongAllow(check, one, judge, bounds) !== undefined
  const violations: Violation[] = []
  for (const replica of replicas) {
    const isSeen = (one: Case, fromMs: number, isWanted: (check: CheckEntry) => boolean) =>
      one.checks.some((check) => check.replica === replica && check.invokedAtMs >= fromMs && isWanted(check))
    for (const one of cases) {
      const [revocation] = one.surely
      if (revocation === undefined) continue
      const fromMs = Math.max(quietFromMs, revocation.answeredAtMs)
      // What is let in wrongly is a violation of its own.
      if (isSeen(one, fromMs, (check) => isRefusal(check) || isWrong(check, one))) continue
      violations.push({
        kind: 'unproven',
        text: `token ${one.token.token} is not shown to ${replica} after ${ms(fromMs)}, when ${revocationText(revocation)} has to hold`,
      })
    }
    if (!cases.some((one) => isSeen(one, quietFromMs, ({ answer }) => answer === 'allow'))) {
      violations.push({ kind: 'unproven', text: `${replica} lets nobody in after ${ms(quietFromMs)}` })
    }
  }
  return violations
}

/** Whether the check says that the token does not count. */
export function isRefusal({ answer }: CheckEntry): boolean {
  return answer === 'challenge' || answer === 'forbid'
}

function checkText({ replica, token, answer, invokedAtMs, answeredAtMs }: CheckEntry): string {
  return `${replica} answers ${answer} to token ${token} at ${ms(invokedAtMs)} to ${ms(answeredAtMs)}`
}

function revocationText({ scope, answeredAtMs }: RevocationEntry): string {
  const { kind, ...of } = scope
  return `the revocation of ${[kind, ...Object.values(of)].join(' ')}, accepted at ${ms(answeredAtMs)},`
}

function ms(moment: number): string {
  return `${Math.round(moment * 1000) / 1000} ms`
}

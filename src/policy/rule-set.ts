import type { RuleErrorReason } from './reasons.ts'
import { FAILS, HOLDS, type Rule, type RuleInput, UNKNOWN, type Verdict } from './rule.ts'

export const RULE_LISTS = ['include', 'require', 'exclude'] as const
export type RuleList = (typeof RULE_LISTS)[number]

/** The three lists of a policy or a group. It holds if at least one include holds, every require does and no exclude does. */
export interface RuleSet {
  readonly include: readonly Rule[]
  readonly require: readonly Rule[]
  readonly exclude: readonly Rule[]
}

/** Called for every rule that is tested, with its verdict. */
export type RuleObserver = (list: RuleList, rule: Rule, verdict: Verdict) => void

/**
 * Evaluates a rule set. A verdict that settles the question wins, whatever an error or a login might have made of the
 * rest: an include that holds, a require that fails, an exclude that holds. What is left says exactly what a login may
 * still make of the set, taking the rules as independent of each other.
 */
export function verdictOf(set: RuleSet, input: RuleInput, observe?: RuleObserver): Verdict {
  const required = allOf(set.require, input, observe)
  if (required.outcome === 'fails' && observe === undefined) return FAILS
  const excluded = anyOf(set.exclude, 'exclude', input, observe)
  if (excluded.outcome === 'holds' && observe === undefined) return FAILS
  const included = anyOf(set.include, 'include', input, observe)

  if (required.outcome === 'fails' || excluded.outcome === 'holds' || included.outcome === 'fails') return FAILS
  if (required.outcome === 'holds' && excluded.outcome === 'fails') return included
  return mixed(
    canHold(required) && canFail(excluded) && canHold(included),
    canFail(required) || canHold(excluded) || canFail(included),
    reasonOf(required) ?? reasonOf(excluded) ?? reasonOf(included),
  )
}

function allOf(rules: readonly Rule[], input: RuleInput, observe: RuleObserver | undefined): Verdict {
  let result = HOLDS
  for (const rule of rules) {
    const verdict = rule.test(input)
    observe?.('require', rule, verdict)
    if (verdict.outcome === 'fails' && observe === undefined) return FAILS
    result = both(result, verdict)
  }
  return result
}

function anyOf(
  rules: readonly Rule[],
  list: 'include' | 'exclude',
  input: RuleInput,
  observe: RuleObserver | undefined,
): Verdict {
  let result = FAILS
  for (const rule of rules) {
    const verdict = rule.test(input)
    observe?.(list, rule, verdict)
    if (verdict.outcome === 'holds' && observe === undefined) return HOLDS
    result = either(result, verdict)
  }
  return result
}

function both(left: Verdict, right: Verdict): Verdict {
  if (left.outcome === 'fails' || right.outcome === 'holds') return left
  if (right.outcome === 'fails' || left.outcome === 'holds') return right
  return mixed(canHold(left) && canHold(right), canFail(left) || canFail(right), reasonOf(left) ?? reasonOf(right))
}

function either(left: Verdict, right: Verdict): Verdict {
  if (left.outcome === 'holds' || right.outcome === 'fails') return left
  if (right.outcome === 'holds' || left.outcome === 'fails') return right
  return mixed(canHold(left) || canHold(right), canFail(left) && canFail(right), reasonOf(left) ?? reasonOf(right))
}

function mixed(holdable: boolean, failable: boolean, reason: RuleErrorReason | undefined): Verdict {
  if (reason === undefined) return UNKNOWN
  return { outcome: holdable ? 'unknown' : 'error', canFail: failable, reason }
}

function canHold({ outcome }: Verdict): boolean {
  return outcome === 'holds' || outcome === 'unknown'
}

/** Whether the verdict is `fails`, or a login may make it so. */
export function canFail(verdict: Verdict): boolean {
  return verdict.outcome === 'fails' || (verdict.outcome !== 'holds' && verdict.canFail)
}

/** The error that decides, whoever signs in: the verdict is one, or would be one if it were not for a login that holds. */
export function errorOf(verdict: Verdict): RuleErrorReason | undefined {
  return verdict.outcome === 'unknown' && verdict.canFail ? undefined : reasonOf(verdict)
}

function reasonOf(verdict: Verdict): RuleErrorReason | undefined {
  return verdict.outcome === 'holds' || verdict.outcome === 'fails' ? undefined : verdict.reason
}

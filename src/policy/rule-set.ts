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
 * Evaluates a rule set. Within a list the verdict that settles the question wins whatever an error might have been: an
 * include that holds, a require that fails, an exclude that holds. What is left follows from "could a login still make it
 * hold": among includes `unknown` outweighs `error`, among the others `error` outweighs `unknown`.
 */
export function verdictOf(set: RuleSet, input: RuleInput, observe?: RuleObserver): Verdict {
  const required = allOf(set.require, input, observe)
  if (required.outcome === 'fails' && observe === undefined) return FAILS
  const excluded = anyOf(set.exclude, 'exclude', input, observe)
  if (excluded.outcome === 'holds' && observe === undefined) return FAILS
  const included = anyOf(set.include, 'include', input, observe)

  if (required.outcome === 'fails' || excluded.outcome === 'holds' || included.outcome === 'fails') return FAILS
  if (required.outcome === 'error') return required
  if (excluded.outcome === 'error') return excluded
  if (included.outcome === 'error') return included
  const unknown = required.outcome === 'unknown' || excluded.outcome === 'unknown' || included.outcome === 'unknown'
  return unknown ? UNKNOWN : HOLDS
}

function allOf(rules: readonly Rule[], input: RuleInput, observe: RuleObserver | undefined): Verdict {
  let result = HOLDS
  for (const rule of rules) {
    const verdict = rule.test(input)
    observe?.('require', rule, verdict)
    if (verdict.outcome === 'fails') {
      result = verdict
      if (observe === undefined) return result
    } else if (result.outcome !== 'fails' && verdict.outcome !== 'holds' && result.outcome !== 'error') result = verdict
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
    if (verdict.outcome === 'holds') {
      result = verdict
      if (observe === undefined) return result
    } else if (result.outcome !== 'holds') result = stronger(result, verdict, list)
  }
  return result
}

function stronger(left: Verdict, right: Verdict, list: 'include' | 'exclude'): Verdict {
  const order = list === 'include' ? (['unknown', 'error', 'fails'] as const) : (['error', 'unknown', 'fails'] as const)
  for (const outcome of order) {
    if (left.outcome === outcome) return left
    if (right.outcome === outcome) return right
  }
  return left
}

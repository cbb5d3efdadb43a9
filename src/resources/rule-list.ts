import { errorVerdict, type Rule, type RuleContext } from '../policy/rule.ts'
import { RULE_LISTS, type RuleSet } from '../policy/rule-set.ts'
import { ruleKinds } from '../policy/rules/index.ts'
import type { Reference } from './references.ts'
import type { RuleManifest } from './v1alpha1/rules.ts'

/** The rules of a policy or a group as the manifest has them. */
export interface RuleLists {
  readonly include: readonly RuleManifest[]
  readonly require: readonly RuleManifest[]
  readonly exclude: readonly RuleManifest[]
}

const kindsByName = new Map(ruleKinds.map((kind) => [kind.name, kind]))
const UNRESOLVED = errorVerdict('access-group-unresolved')

/**
 * What a reference to a group that does not resolve compiles to. It counts as needing an identity, since nobody can tell
 * that it does not: mending or removing a group must never open a Bypass policy.
 */
export const unresolvedGroup: Pick<Rule, 'needsIdentity' | 'test'> = { needsIdentity: true, test: () => UNRESOLVED }

/** Compiles three lists of valid rules. */
export function compileRules(lists: RuleLists, context: RuleContext): RuleSet {
  const compiled = (rules: readonly RuleManifest[]) => rules.map((rule) => compileRule(rule, context))
  return { include: compiled(lists.include), require: compiled(lists.require), exclude: compiled(lists.exclude) }
}

/** Whether any rule looks at the identity. */
export function needsIdentity(rules: RuleSet): boolean {
  return RULE_LISTS.some((list) => rules[list].some((rule) => rule.needsIdentity))
}

/** Every reference to a group in valid rules. */
export function groupReferences(lists: RuleLists): Reference[] {
  return RULE_LISTS.flatMap((list) => lists[list])
    .filter((rule) => Object.hasOwn(rule, 'accessGroup'))
    .map(({ accessGroup }) => accessGroup as Reference)
}

export function countRules(lists: RuleLists): number {
  return RULE_LISTS.reduce((sum, list) => sum + lists[list].length, 0)
}

function compileRule(rule: RuleManifest, context: RuleContext): Rule {
  const [[name, setting] = ['', undefined]] = Object.entries(rule)
  const kind = kindsByName.get(name)
  const compiled = kind === undefined ? unresolvedGroup : kind.compile(setting as never, context)
  return { kind: name, setting, ...compiled }
}

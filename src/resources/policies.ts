import { definePolicy, type Policy } from '../policy/policy.ts'
import type { Groups } from './groups.ts'
import type { EntryOf } from './inventory.ts'
import { compileRules, groupReferences, needsIdentity } from './rule-list.ts'
import type { Flaw } from './status.ts'
import { durationSeconds } from './v1alpha1/duration.ts'

/** A policy after compilation. */
export interface CompiledPolicy {
  /** Undefined: broken, and so is every application that uses it. */
  readonly policy: Policy | undefined
  readonly accepted: readonly Flaw[]
  /** References that do not resolve; the rules that have them answer error. Undefined: not looked at. */
  readonly references: readonly Flaw[] | undefined
}

/**
 * Compiles one policy. A policy that asks for no login may use only rules that need no identity, through groups too. One
 * that is for machines is refused as long as no rule reads a machine's credential: it would open to everybody.
 */
export function compilePolicy(key: string, { object, flaws }: EntryOf<'AccessPolicy'>, groups: Groups): CompiledPolicy {
  if (object === undefined) return { policy: undefined, accepted: flaws, references: undefined }
  const { spec, metadata } = object
  const references = groups.flawsOf(groupReferences(spec), metadata.namespace)
  const rules = compileRules(spec, groups.contextOf(metadata.namespace))
  const asksForLogin = spec.action === 'Allow' || spec.action === 'Deny'
  if (!asksForLogin && needsIdentity(rules)) {
    const message = `${spec.action} asks nobody to sign in, and a rule needs somebody signed in or does not resolve`
    return { policy: undefined, accepted: [{ reason: 'IdentityRuleNotAllowed', message }], references }
  }
  if (spec.action === 'ServiceAuth') {
    const message =
      'ServiceAuth needs a rule that a machine’s credential fulfils, and there is none yet; see Bypass with ip'
    return { policy: undefined, accepted: [{ reason: 'MachineRuleMissing', message }], references }
  }
  const sessionSeconds = spec.session === undefined ? undefined : durationSeconds(spec.session.duration)
  const policy = definePolicy({ key, action: spec.action, mode: spec.mode, rules, sessionSeconds })
  return { policy, accepted: [], references }
}

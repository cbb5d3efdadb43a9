import type { Decision } from './decision.ts'
import type { RuleSet } from './rule-set.ts'

export const POLICY_ACTIONS = ['Allow', 'Deny', 'Bypass', 'ServiceAuth'] as const
export type PolicyAction = (typeof POLICY_ACTIONS)[number]

export const POLICY_MODES = ['Enforce', 'Audit'] as const
export type PolicyMode = (typeof POLICY_MODES)[number]

/** A loaded policy. */
export interface Policy {
  /** `namespace/name`. */
  readonly key: string
  readonly action: PolicyAction
  readonly mode: PolicyMode
  readonly rules: RuleSet
  /** Longest life of an app token that this policy lets someone have; undefined: the application's. */
  readonly sessionSeconds: number | undefined
  /** The decision when this policy is the one that decides, made once. */
  readonly decided: Decision
}

/** Makes a policy out of its parts. */
export function definePolicy(parts: Omit<Policy, 'decided'>): Policy {
  return { ...parts, decided: { ...DECIDED[parts.action], policy: parts.key, errors: [], audits: [] } }
}

const DECIDED = {
  Allow: { outcome: 'allow', reason: 'policy-allows' },
  Deny: { outcome: 'forbid', reason: 'policy-denies' },
  Bypass: { outcome: 'allow', reason: 'policy-bypasses' },
  ServiceAuth: { outcome: 'allow', reason: 'service-auth' },
} as const

import type { Reason, RuleErrorReason } from './reasons.ts'

export type Outcome = 'allow' | 'challenge' | 'forbid' | 'unavailable'

/** The value that answers a check. Made once, logged once, counted once, rendered once. */
export interface Decision {
  readonly outcome: Outcome
  readonly reason: Reason
  /** `namespace/name` of the policy that decided, where one did. */
  readonly policy: string | undefined
  /** Policies that came out error on the way, and why. Empty in a healthy set. */
  readonly errors: readonly PolicyError[]
  /** What policies in audit mode would have done. */
  readonly audits: readonly AuditFinding[]
}

export interface PolicyError {
  readonly policy: string
  readonly reason: RuleErrorReason
}

export interface AuditFinding {
  readonly policy: string
  readonly wouldHave: 'allow' | 'deny'
}

/** A decision that no policy had a part in. */
export function plainDecision(outcome: Outcome, reason: Reason): Decision {
  return { outcome, reason, policy: undefined, errors: [], audits: [] }
}

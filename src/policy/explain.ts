import type { AccessRequest } from './access-request.ts'
import type { Application } from './application.ts'
import { decide } from './decide.ts'
import type { Decision } from './decision.ts'
import type { Identity } from './identity.ts'
import type { Verdict } from './rule.ts'
import type { RuleList } from './rule-set.ts'

/** A decision and how it came about: each policy asked, in the order asked, with each of its rules. */
export interface Explanation {
  readonly decision: Decision
  readonly policies: readonly ExplainedPolicy[]
}

export interface ExplainedPolicy {
  readonly key: string
  readonly action: string
  readonly mode: string
  readonly verdict: Verdict
  readonly rules: readonly ExplainedRule[]
}

export interface ExplainedRule {
  readonly list: RuleList
  readonly kind: string
  readonly setting: unknown
  readonly verdict: Verdict
}

/** Decides with `decide` itself and keeps every verdict on the way; the parameters are the same. */
export function explain(
  application: Application,
  request: AccessRequest,
  identity: Identity | undefined,
  now: number,
): Explanation {
  const policies: ExplainedPolicy[] = []
  let rules: ExplainedRule[] = []
  const decision = decide(application, request, identity, now, {
    policy() {
      rules = []
      return (list, { kind, setting }, verdict) => rules.push({ list, kind, setting, verdict })
    },
    verdict({ key, action, mode }, verdict) {
      policies.push({ key, action, mode, verdict, rules })
    },
  })
  return { decision, policies }
}

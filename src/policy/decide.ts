import type { AccessRequest } from './access-request.ts'
import type { Application } from './application.ts'
import { type AuditFinding, type Decision, type PolicyError, plainDecision } from './decision.ts'
import type { Identity } from './identity.ts'
import type { Policy } from './policy.ts'
import type { RuleInput, Verdict } from './rule.ts'
import { canFail, errorOf, type RuleObserver, verdictOf } from './rule-set.ts'

/** What `decide` tells a listener about each policy it looked at; `explain` is made of this. */
export interface DecisionObserver {
  /** Asked before a policy is evaluated; what it returns hears of every rule in it. */
  readonly policy: (policy: Policy) => RuleObserver
  readonly verdict: (policy: Policy, verdict: Verdict) => void
}

const BROKEN = plainDecision('forbid', 'application-broken')
const NO_POLICY_MATCHES = plainDecision('forbid', 'no-policy-matches')
const PROVIDER_NOT_ADMITTED = plainDecision('forbid', 'provider-not-admitted')
const LOGIN_REQUIRED = plainDecision('challenge', 'login-required')
const LOGIN_WOULD_NOT_HELP = plainDecision('forbid', 'login-would-not-help')

/**
 * Decides about one request. Bypass and ServiceAuth policies are asked first, then Allow and Deny, each in the author's
 * order; the first that matches decides and if none does the answer is no. A policy whose rules come out error never
 * matches if it opens, and always matches if it is Deny. Nobody signed in: challenge if some Allow could match after a
 * login, forbid at once if none can or if a Deny matches whoever signs in.
 *
 * @param now milliseconds since 1970
 */
export function decide(
  application: Application,
  request: AccessRequest,
  identity: Identity | undefined,
  now: number,
  observer?: DecisionObserver,
): Decision {
  if (application.isBroken) return BROKEN
  const walk = new Walk({ request, identity, now }, observer)
  for (const policy of application.policies) {
    if (needsNoLogin(policy) && walk.matches(policy)) return walk.end(policy.decided)
  }
  if (identity !== undefined && !admitsProvider(application, identity)) return walk.end(PROVIDER_NOT_ADMITTED)
  for (const policy of application.policies) {
    if (needsNoLogin(policy)) continue
    const decision = identity === undefined ? walk.beforeLogin(policy) : walk.afterLogin(policy)
    if (decision !== undefined) return walk.end(decision)
  }
  return walk.end(identity === undefined ? LOGIN_WOULD_NOT_HELP : NO_POLICY_MATCHES)
}

function admitsProvider({ identityProviders }: Application, { provider }: Identity): boolean {
  return identityProviders === undefined || identityProviders.includes(provider)
}

function needsNoLogin(policy: Policy): boolean {
  return policy.action === 'Bypass' || policy.action === 'ServiceAuth'
}

/** One walk over an application's policies: keeps what went wrong and what was only audited. */
class Walk {
  readonly #input: RuleInput
  readonly #observer: DecisionObserver | undefined
  #errors: PolicyError[] | undefined
  #audits: AuditFinding[] | undefined

  constructor(input: RuleInput, observer: DecisionObserver | undefined) {
    this.#input = input
    this.#observer = observer
  }

  matches(policy: Policy): boolean {
    const verdict = this.#verdict(policy)
    const matched = policy.action === 'Deny' ? this.#denies(verdict) : verdict.outcome === 'holds'
    return matched && this.#isEnforced(policy)
  }

  /** What an Allow or Deny policy decides about somebody who is signed in. */
  afterLogin(policy: Policy): Decision | undefined {
    return this.matches(policy) ? policy.decided : undefined
  }

  /** What an Allow or Deny policy decides about nobody in particular: Allow can only ask for a login. */
  beforeLogin(policy: Policy): Decision | undefined {
    if (policy.action === 'Deny') return this.afterLogin(policy)
    const { outcome } = this.#verdict(policy)
    return (outcome === 'holds' || outcome === 'unknown') && policy.mode === 'Enforce' ? LOGIN_REQUIRED : undefined
  }

  end(decision: Decision): Decision {
    if (this.#errors === undefined && this.#audits === undefined) return decision
    return { ...decision, errors: this.#errors ?? [], audits: this.#audits ?? [] }
  }

  #verdict(policy: Policy): Verdict {
    const verdict = verdictOf(policy.rules, this.#input, this.#observer?.policy(policy))
    this.#observer?.verdict(policy, verdict)
    const error = errorOf(verdict)
    if (error !== undefined) {
      this.#errors ??= []
      this.#errors.push({ policy: policy.key, reason: error })
    }
    return verdict
  }

  /** Whether a Deny with this verdict matches. Nobody signed in: only if no login can make it fail. */
  #denies(verdict: Verdict): boolean {
    return this.#input.identity === undefined ? !canFail(verdict) : verdict.outcome !== 'fails'
  }

  #isEnforced(policy: Policy): boolean {
    if (policy.mode === 'Enforce') return true
    this.#audits ??= []
    this.#audits.push({ policy: policy.key, wouldHave: policy.action === 'Deny' ? 'deny' : 'allow' })
    return false
  }
}

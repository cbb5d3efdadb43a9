import type { z } from 'zod'
import type { AccessRequest } from './access-request.ts'
import type { Identity } from './identity.ts'
import type { RuleErrorReason } from './reasons.ts'

/**
 * What a rule answers. `unknown`: nobody has signed in yet, and a login may make it hold. `error`: it could not be
 * evaluated and does not hold whoever signs in; an error never opens anything. `canFail` says whether a login may yet make
 * either of them fail, `reason` which error stands in the way of a plain answer.
 */
export type Verdict =
  | { readonly outcome: 'holds' }
  | { readonly outcome: 'fails' }
  | { readonly outcome: 'unknown'; readonly canFail: boolean; readonly reason: RuleErrorReason | undefined }
  | { readonly outcome: 'error'; readonly canFail: boolean; readonly reason: RuleErrorReason }

export const HOLDS: Verdict = { outcome: 'holds' }
export const FAILS: Verdict = { outcome: 'fails' }
export const UNKNOWN: Verdict = { outcome: 'unknown', canFail: true, reason: undefined }

/** A verdict that says why a rule could not be evaluated. Make it once, outside the test. */
export function errorVerdict(reason: RuleErrorReason): Verdict {
  return { outcome: 'error', canFail: false, reason }
}

/** Everything a rule may look at. */
export interface RuleInput {
  readonly request: AccessRequest
  readonly identity: Identity | undefined
  /** Milliseconds since 1970. */
  readonly now: number
}

export type RuleTest = (input: RuleInput) => Verdict

/** A rule of a loaded policy, ready to be tested. */
export interface Rule {
  /** The key that names the rule in a manifest. */
  readonly kind: string
  /** The rule's settings as the manifest has them, for `explain`. */
  readonly setting: unknown
  /** False only if the test never looks at the identity; such rules alone may stand in a Bypass policy. */
  readonly needsIdentity: boolean
  readonly test: RuleTest
}

/** What a rule may look up while it is compiled. */
export interface RuleContext {
  /** The compiled `AccessGroup` that a reference names; an unresolved or broken one answers error. */
  readonly accessGroup: (reference: { readonly name: string; readonly namespace?: string | undefined }) => Rule
}

/** One kind of rule: its schema and its verdict. A new kind is one file and one line in `rules/index.ts`. */
export interface RuleKind<Setting> {
  readonly name: string
  readonly schema: z.ZodType<Setting>
  /** Compiles the settings, once, when a policy is loaded. */
  readonly compile: (setting: Setting, context: RuleContext) => Pick<Rule, 'needsIdentity' | 'test'>
}

/** A kind of rule whose settings' type is known only to itself. */
export type AnyRuleKind = Omit<RuleKind<never>, 'schema'> & { readonly schema: z.ZodType }

/** What is promised, in milliseconds, and how far clocks and answers leave it open what happened. */
export interface Bounds {
  /** From the answer that a revocation is accepted: nobody who asks later than this is let in, whatever the faults. */
  readonly revocationMs: number
  /** The same where nothing was wrong from the revocation to the check. */
  readonly quietRevocationMs: number
  /** After the end of the last fault: from then on everything works again. */
  readonly recoveryMs: number
  /** From a provider's refusal to renew a session until every replica refuses, where nothing is wrong. */
  readonly endedGrantMs: number
  /** How far the moment at which something expires may be off. */
  readonly expiryToleranceMs: number
  /** How far the moment at which something counts as issued may lie before it was asked for. */
  readonly issueLagMs: number
  /** How long after it was given up a revocation that got no answer may still take effect. */
  readonly lateEffectMs: number
}

/** The promises of docs/reliability.md. */
export const PROMISED: Bounds = {
  revocationMs: 30_000,
  quietRevocationMs: 1_000,
  recoveryMs: 15_000,
  endedGrantMs: 4_000,
  expiryToleranceMs: 5_000,
  issueLagMs: 3_000,
  lateEffectMs: 120_000,
}

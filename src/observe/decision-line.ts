import type { Decision } from '../policy/decision.ts'
import type { Events } from './events.ts'
import type { LineLevel } from './log.ts'
import { ifDefined, safeHost, safePath, safeSubject, safeText } from './redact.ts'

/** How loud a decision is. */
export function decisionLevel({ outcome, reason }: Decision): LineLevel {
  if (outcome === 'unavailable' || reason === 'internal-error') return 'error'
  return outcome === 'forbid' ? 'warn' : 'info'
}

/** What a line says about a check. */
export function decidedLine(event: Parameters<Events['decided']>[0]) {
  return {
    dialect: safeText(event.dialect, 64),
    application: ifDefined(event.application, safeText),
    ...decisionFields(event.decision),
    host: safeHost(event.host),
    path: safePath(event.path),
    method: safeText(event.method, 32),
    clientAddress: ifDefined(event.clientAddress, safeText),
    subject: ifDefined(event.subject, safeSubject),
    durationMs: milliseconds(event.seconds),
  }
}

/** What a line says about a decision; lists that are empty are left out. */
export function decisionFields({ outcome, reason, policy, errors, audits }: Decision) {
  return {
    outcome,
    reason,
    policy,
    errors: errors.length === 0 ? undefined : errors.map(({ policy, reason }) => ({ policy, reason })),
    audits: audits.length === 0 ? undefined : audits.map(({ policy, wouldHave }) => ({ policy, wouldHave })),
  }
}

/** Seconds as milliseconds, to the microsecond. */
export function milliseconds(seconds: number): number {
  return Math.round(seconds * 1_000_000) / 1_000
}

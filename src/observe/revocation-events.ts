import type { Events } from './events.ts'
import type { Safely } from './guarded.ts'
import type { Log } from './log.ts'
import type { Metrics } from './metrics.ts'
import { ifDefined, safeSid, safeText } from './redact.ts'
import { scopeFields } from './scope-fields.ts'

type RevocationEvent =
  | 'revoked'
  | 'revocationViewReloaded'
  | 'revocationsRestored'
  | 'clockDisagrees'
  | 'staleRevocationsTrusted'

/** The events of revocation, and of the clock by which it goes. */
export function revocationEvents(options: {
  readonly metrics: Metrics
  readonly log: Log
  readonly safely: Safely
}): Pick<Events, RevocationEvent> {
  const { metrics, log, safely } = options

  return {
    revoked: safely(({ scope, by, outcome, holders, wanted }) => {
      metrics.revocations.inc({ scope: scope.kind, actor: by.actor, outcome })
      log.write('revoked', outcome === 'accepted' ? 'info' : 'warn', {
        ...scopeFields(scope),
        actor: by.actor,
        reason: safeText(by.reason),
        outcome,
        holders,
        wanted,
        clientAddress: ifDefined(by.from, safeText),
      })
    }),

    revocationViewReloaded: safely(({ reason: given, entries }) => {
      const reason = given === 'start' ? given : 'gap'
      metrics.revocationViewReloads.inc({ reason })
      log.write('revocationViewReloaded', reason === 'start' ? 'info' : 'warn', { reason, entries })
    }),

    revocationsRestored: safely(({ count }) => {
      metrics.revocationsRestored.inc(count)
      log.write('revocationsRestored', 'warn', { count })
    }),

    clockDisagrees: safely(({ byMs }) => {
      metrics.clockDisagreement.set((byMs ?? 0) / 1000)
      log.write('clockDisagrees', byMs === undefined ? 'info' : 'error', { byMs })
    }),

    staleRevocationsTrusted: safely(({ application, sid }) => {
      metrics.staleRevocationsTrusted.inc({ application: metrics.checks.applicationLabel(application) })
      log.write('staleRevocationsTrusted', 'warn', { application: safeText(application), session: safeSid(sid) })
    }),
  }
}

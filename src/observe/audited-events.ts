import * as body from './audit-body.ts'
import type { AuditBody } from './audit-record.ts'
import type { AuditTrail } from './audit-trail.ts'
import type { Events } from './events.ts'
import { guardedBy } from './guarded.ts'
import type { Metrics } from './metrics.ts'

/**
 * The same events, of which those that an auditor asks for leave a record behind as well. A check that is allowed leaves
 * none and costs no more than the call.
 */
export function auditedEvents(
  events: Events,
  { trail, metrics }: { readonly trail: AuditTrail; readonly metrics: Pick<Metrics, 'internalErrors'> },
): Events {
  const safely = guardedBy(metrics)
  const recordDenial = safely<Parameters<Events['decided']>[0]>((event) => {
    if (event.decision.outcome === 'forbid') trail.record(body.denialBody(event))
  })
  const recordChanges = safely<Parameters<Events['policyChanged']>[0]>((event) => {
    for (const one of body.policyBodies(event)) trail.record(one)
  })

  function also<Event>(report: (event: Event) => void, bodyOf: (event: Event) => AuditBody): (event: Event) => void {
    const record = safely<Event>((event) => trail.record(bodyOf(event)))
    return (event) => {
      report(event)
      record(event)
    }
  }

  return {
    ...events,
    decided(event) {
      events.decided(event)
      recordDenial(event)
    },
    loginFinished: also(events.loginFinished, body.loginBody),
    admitted: also(events.admitted, body.admissionBody),
    loggedOut: also(events.loggedOut, body.logoutBody),
    revoked: also(events.revoked, body.revocationBody),
    adminActed: also(events.adminActed, body.adminBody),
    policyChanged(event) {
      events.policyChanged(event)
      recordChanges(event)
    },
    keysReplaced: also(events.keysReplaced, body.keysInUseBody),
    keysWritten: also(events.keysWritten, body.keysWrittenBody),
    keysCreated: also(events.keysCreated, body.keysCreatedBody),
  }
}

import type { AuditSink } from '../../src/observe/audit-trail.ts'
import { createAuditTrail } from '../../src/observe/audit-trail.ts'
import { auditedEvents } from '../../src/observe/audited-events.ts'
import { NOW, observed } from './observed.ts'

/** Events that write records into memory. */
export function auditedInMemory() {
  const seen = observed()
  const lines: string[] = []
  const told: { problem: string | undefined; lost: number }[] = []
  let lost = 0
  let ids = 0
  const room = { left: Number.POSITIVE_INFINITY }
  const sink: AuditSink = {
    write(line) {
      if (room.left < 1) return false
      room.left -= 1
      lines.push(line)
      return true
    },
    close: async () => 0,
  }
  const trail = createAuditTrail({
    sink,
    events: { auditTrouble: (event) => void told.push(event) },
    onLost: () => {
      lost += 1
    },
    now: () => NOW,
    newId: () => `id-${++ids}`,
    replica: 'gatehouse-0',
  })
  return {
    events: auditedEvents(seen.events, { trail, metrics: seen.metrics }),
    seen,
    trail,
    told,
    /** How many more lines the sink takes. */
    room,
    lost: () => lost,
    lines: () => lines,
    records: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>),
  }
}

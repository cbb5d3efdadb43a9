import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import type { Config } from './config/schema.ts'
import { openAuditFile } from './observe/audit-file.ts'
import { type AuditSink, type AuditTrail, createAuditTrail, NO_AUDIT_TRAIL } from './observe/audit-trail.ts'
import type { Events } from './observe/events.ts'
import type { Metrics } from './observe/metrics.ts'
import type { LineStream } from './observe/standard-output.ts'

/**
 * Opens the audit trail where the configuration wants it. Rejects with the system's error if a file cannot be opened: then
 * nothing is to be served that would leave no trace.
 *
 * @param ports.output that the log is written to as well
 * @param ports.events those that do not themselves write to the trail
 */
export async function openAudit(
  settings: Config['audit'],
  ports: {
    readonly output: LineStream
    readonly events: Pick<Events, 'auditTrouble'>
    readonly metrics: Pick<Metrics, 'auditRecordsLost'>
  },
): Promise<AuditTrail> {
  if (settings.type === 'Off') return NO_AUDIT_TRAIL
  const { output, events, metrics } = ports
  const sink = settings.type === 'File' ? await fileSink(settings.file, events) : streamSink(output)
  return createAuditTrail({
    sink,
    events,
    onLost: () => metrics.auditRecordsLost.inc(),
    now: Date.now,
    newId: randomUUID,
    replica: process.env.POD_NAME ?? hostname(),
  })
}

function fileSink(path: string, events: Pick<Events, 'auditTrouble'>): Promise<AuditSink> {
  return openAuditFile({
    path,
    monotonicMs: () => performance.now(),
    onTrouble: (problem) => events.auditTrouble({ problem, lost: 0 }),
  })
}

/** Standard output is emptied at exit by itself. */
function streamSink(output: LineStream): AuditSink {
  return { write: (line) => output.write(line) !== false, close: async () => 0 }
}

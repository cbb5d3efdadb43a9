import type { Config } from './config/schema.ts'
import { auditedEvents } from './observe/audited-events.ts'
import { createEvents } from './observe/create-events.ts'
import type { Events } from './observe/events.ts'
import { createLog } from './observe/log.ts'
import { createMetrics, type Metrics } from './observe/metrics.ts'
import { standardOutput } from './observe/standard-output.ts'
import { openAudit } from './open-audit.ts'

/** What tells operators and auditors what happens here. */
export interface Observed {
  readonly metrics: Metrics
  readonly events: Events
  /** Writes what has been recorded. */
  readonly close: () => Promise<void>
}

/**
 * Opens metrics, log and audit trail.
 *
 * @param isApplication whether a key names an application that exists, and may stand in a label
 * @throws the system's error if the file of the audit trail cannot be opened
 */
export async function observe(
  config: Config,
  version: string,
  isApplication: (key: string) => boolean,
): Promise<Observed> {
  const metrics = createMetrics({ version, isApplication, withProcess: true })
  const output = standardOutput()
  const log = createLog({
    level: config.log.level,
    version,
    now: Date.now,
    stream: output,
    onDropped: () => metrics.logLinesDropped.inc(),
  })
  const events = createEvents({
    metrics,
    log,
    allowSampling: config.log.allowSampling,
    random: Math.random,
    now: Date.now,
  })
  const trail = await openAudit(config.audit, { output, events, metrics })
  return { metrics, events: auditedEvents(events, { trail, metrics }), close: trail.close }
}

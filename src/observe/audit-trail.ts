import { AUDIT_VERSION, type AuditBody, type AuditRecord } from './audit-record.ts'
import type { Events } from './events.ts'

/** Where the lines of the trail go. */
export interface AuditSink {
  /** Takes a line, or says that it cannot. Neither waits nor throws. */
  write(line: string): boolean
  /** Writes what it has taken and closes. @returns how many lines it could not write, if that is known */
  close(): Promise<number>
}

/** What an auditor is told, each record a line, in the order of what happened at this replica. Nothing is left out. */
export interface AuditTrail {
  /** Writes a record. Neither waits nor throws; what is lost is counted, said in the log, and in a record once one can be written. */
  record(body: AuditBody): void
  /** Resolves when what was recorded has been written, or given up and counted. */
  close(): Promise<void>
}

/** The trail of somebody who wants none. */
export const NO_AUDIT_TRAIL: AuditTrail = { record: () => undefined, close: async () => undefined }

/**
 * Makes a trail.
 *
 * @param options.onLost called once for each record that is lost
 * @param options.now milliseconds since 1970
 * @param options.newId a name that no other record has
 * @param options.replica name of this host or pod
 */
export function createAuditTrail(options: {
  readonly sink: AuditSink
  readonly events: Pick<Events, 'auditTrouble'>
  readonly onLost: () => void
  readonly now: () => number
  readonly newId: () => string
  readonly replica: string
}): AuditTrail {
  const { sink, events, onLost, now, newId, replica } = options
  let gap: { records: number; readonly since: string } | undefined

  const time = () => new Date(now()).toISOString()

  function write(body: AuditBody): boolean {
    const stamp = { audit: AUDIT_VERSION, time: time(), id: newId(), replica } as const
    return sink.write(`${JSON.stringify({ ...stamp, ...body } satisfies AuditRecord)}\n`)
  }

  /** What is missing has to stand in the trail before anything that comes after it. */
  function closeGap(): boolean {
    if (gap === undefined) return true
    const { records, since } = gap
    const actor = { type: 'gatehouse' } as const
    if (!write({ kind: 'gap', outcome: 'lost', reason: 'not-writable', actor, records, since })) return false
    gap = undefined
    events.auditTrouble({ problem: undefined, lost: records })
    return true
  }

  function lose(): void {
    onLost()
    if (gap !== undefined) {
      gap.records += 1
      return
    }
    gap = { records: 1, since: time() }
    events.auditTrouble({ problem: 'records are lost: there is no room for them, or nobody takes them', lost: 1 })
  }

  return {
    record(body) {
      if (!closeGap() || !write(body)) lose()
    },
    async close() {
      closeGap()
      const lost = await sink.close()
      if (lost === 0) return
      for (let count = 0; count < lost; count++) onLost()
      events.auditTrouble({ problem: 'the process ends before they could be written', lost })
    },
  }
}

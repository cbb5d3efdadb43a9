import { milliseconds } from './decision-line.ts'
import { errorLine } from './error-line.ts'
import type { Events } from './events.ts'
import type { Safely } from './guarded.ts'
import { boundedLabel } from './label.ts'
import type { Log } from './log.ts'
import type { Metrics } from './metrics.ts'
import { ifDefined, safeText } from './redact.ts'

type ClusterEvent =
  | 'watchRestarted'
  | 'watchInterrupted'
  | 'watchRecovered'
  | 'leadershipChanged'
  | 'leaseTrouble'
  | 'controllerRan'
  | 'controllerWrote'
  | 'hostClaimsProblem'
  | 'keysReplaced'
  | 'keysUnreadable'
  | 'keysWritten'
  | 'keySecretTrouble'

/** The events of a replica in a cluster: what it reflects, who leads, what the leader writes, and its keys. */
export function clusterEvents(options: {
  readonly metrics: Metrics
  readonly log: Log
  readonly safely: Safely
  readonly kindLabel: (kind: string) => string
}): Pick<Events, ClusterEvent> {
  const { metrics, log, safely, kindLabel } = options
  const watchReasonLabel = boundedLabel()

  return {
    watchRestarted: safely(({ resource, reason }) => {
      metrics.watchRestarts.inc({ kind: kindLabel(resource), reason: watchReasonLabel(reason) })
      if (!log.isEnabled('debug')) return
      log.write('watchRestarted', 'debug', { resource: safeText(resource), reason: safeText(reason) })
    }),

    watchInterrupted: safely(({ resource, problem }) =>
      log.write('watchInterrupted', 'warn', { resource: safeText(resource), problem: safeText(problem) }),
    ),

    watchRecovered: safely(({ resource, seconds }) =>
      log.write('watchRecovered', 'info', { resource: safeText(resource), durationMs: milliseconds(seconds) }),
    ),

    leadershipChanged: safely(({ isLeader, detail }) => {
      metrics.leader.set(isLeader ? 1 : 0)
      // They are those of the next leader to count.
      if (!isLeader) metrics.controllerConflicts.set(0)
      log.write('leadershipChanged', 'info', { isLeader, detail: safeText(detail) })
    }),

    leaseTrouble: safely(({ problem }) =>
      log.write('leaseTrouble', problem === undefined ? 'info' : 'warn', { problem: ifDefined(problem, safeText) }),
    ),

    controllerRan: safely(({ seconds, writes, failures, conflicts }) => {
      metrics.controllerReconciles.inc({ outcome: failures === 0 ? 'done' : 'incomplete' })
      metrics.controllerConflicts.set(conflicts)
      log.write('controllerRan', 'debug', { writes, failures, conflicts, durationMs: milliseconds(seconds) })
    }),

    controllerWrote: safely(({ object, outcome, error }) => {
      const [kind = ''] = object.split(' ', 1)
      metrics.controllerApplies.inc({ kind: kindLabel(kind), outcome })
      const line = { object: safeText(object), outcome: safeText(outcome) }
      if (outcome === 'ok') log.write('controllerWrote', 'info', line)
      else log.write('controllerWrote', 'warn', { ...line, error: errorLine(error) })
    }),

    hostClaimsProblem: safely(({ line, problem }) =>
      log.write('hostClaimsProblem', 'warn', { line, problem: safeText(problem) }),
    ),

    keysReplaced: safely(({ source, signing, sealing, accepted, createdAtMs }) => {
      metrics.signingKeyCreated.set(createdAtMs / 1000)
      const names = { signing: safeText(signing), sealing: safeText(sealing) }
      log.write('keysReplaced', 'info', { source: safeText(source), ...names, accepted })
    }),

    keysUnreadable: safely(({ source, problem }) =>
      log.write('keysUnreadable', 'error', { source: safeText(source), problem: safeText(problem) }),
    ),

    keysWritten: safely(({ source, change, detail }) =>
      log.write('keysWritten', change === 'restored' ? 'warn' : 'info', {
        source: safeText(source),
        change: safeText(change),
        detail: ifDefined(detail, safeText),
      }),
    ),

    keySecretTrouble: safely(({ source, problem }) =>
      log.write('keySecretTrouble', problem === undefined ? 'info' : 'warn', {
        source: safeText(source),
        problem: ifDefined(problem, safeText),
      }),
    ),
  }
}

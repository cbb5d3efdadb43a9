import type { MetricDeclaration } from './metric-declaration.ts'

/** Metrics of revocation, and of the clock by which it goes. */
export const revocationMetrics = {
  revocations: {
    type: 'counter',
    name: 'gatehouse_revocations_total',
    help: 'Revocations that this replica was asked for.',
    labels: {
      scope: '`session`, `provider-session`, `subject`, `email`, `application` or `everybody`',
      actor: '`person`, `admin`, `provider` or `gatehouse`',
      outcome: '`accepted`, `pending` or `unconfirmed`: the store gave no answer',
    },
  },
  revocationViewAge: {
    type: 'gauge',
    name: 'gatehouse_revocation_view_age_seconds',
    help: 'Time since this replica last knew all revocations. Above `revocation.maxStaleness` it refuses. Absent until the first time.',
    labels: {},
  },
  revocationViewSize: {
    type: 'gauge',
    name: 'gatehouse_revocation_view_size',
    help: 'Revocations that this replica keeps in memory: all that can hit anything alive.',
    labels: {},
  },
  revocationsOwed: {
    type: 'gauge',
    name: 'gatehouse_revocations_owed',
    help: 'Revocations in memory that the store is not known to hold and is given back. Anything but 0 for long is worth an alarm.',
    labels: {},
  },
  revocationViewReloads: {
    type: 'counter',
    name: 'gatehouse_revocation_view_reloads_total',
    help: 'Times that all revocations were read from the store.',
    labels: { reason: '`start`, or `gap`: what has happened meanwhile could not be told otherwise' },
  },
  revocationsRestored: {
    type: 'counter',
    name: 'gatehouse_revocations_restored_total',
    help: 'Revocations given back to a store that had lost them.',
    labels: {},
  },
  clockDisagreement: {
    type: 'gauge',
    name: 'gatehouse_clock_disagreement_seconds',
    help: 'By how much the clock of this replica was ahead of the store’s when they ceased to agree; 0 while they agree.',
    labels: {},
  },
  staleRevocationsTrusted: {
    type: 'counter',
    name: 'gatehouse_stale_revocations_trusted_total',
    help: 'Checks that believed a session although the store had not been heard for too long (`revocation.onStale: Allow`).',
    labels: { application: '`namespace/name`' },
  },
} as const satisfies Record<string, MetricDeclaration>

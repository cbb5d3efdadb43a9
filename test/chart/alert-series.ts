import type { Labels, Series } from './alert-row.ts'

/** Values by the name of the replica. */
type ByPod = Readonly<Record<string, string>>

/** A metric at several replicas: the values by pod. */
export function series(metric: string, byPod: ByPod, labels: Labels = {}): Series[] {
  return Object.entries(byPod).map(([pod, values]) => ({ metric, labels, pod, values }))
}

export const ready = (byPod: ByPod) => series('gatehouse_ready', byPod)
export const leader = (byPod: ByPod) => series('gatehouse_leader', byPod)
export const watch = (byPod: ByPod) => series('gatehouse_watch_age_seconds', byPod, { kind: 'AccessPolicy' })
export const store = (byPod: ByPod) => series('gatehouse_store_available', byPod)
export const view = (byPod: ByPod) => series('gatehouse_revocation_view_age_seconds', byPod)
export const owed = (byPod: ByPod) => series('gatehouse_revocations_owed', byPod)
export const unsafe = (byPod: ByPod) => series('gatehouse_store_setting_unsafe', byPod, { setting: 'maxmemory-policy' })
export const password = (byPod: ByPod) => series('gatehouse_store_password_file_readable', byPod, { account: 'server' })
export const clock = (byPod: ByPod) => series('gatehouse_clock_disagreement_seconds', byPod)
export const lost = (byPod: ByPod) => series('gatehouse_audit_records_lost_total', byPod)
export const refreshes = (outcome: string, byPod: ByPod) =>
  series('gatehouse_session_refreshes_total', byPod, { provider: 'company', outcome, reason: outcome })
export const keys = (byPod: ByPod) => series('gatehouse_signing_key_created_timestamp_seconds', byPod)
export const checks = (outcome: string, byPod: ByPod, application = 'shop/cart') =>
  series('gatehouse_checks_total', byPod, { application, outcome, reason: outcome, dialect: 'forward' })
export const errors = (byPod: ByPod) => series('gatehouse_internal_errors_total', byPod, { where: 'portal' })
export const refused = (byPod: ByPod) =>
  series('gatehouse_resources', byPod, { kind: 'AccessPolicy', state: 'refused' })
export const conflicts = (byPod: ByPod) => series('gatehouse_controller_conflicts', byPod)

import { faultPlaces } from './fault-places.ts'
import type { MetricDeclaration } from './metric-declaration.ts'
import { revocationMetrics } from './revocation-metrics.ts'

export type { MetricDeclaration } from './metric-declaration.ts'

const application = '`namespace/name`; empty when no application is known'
const policyReason = 'one of the documented reasons'
const provider = 'name of the `IdentityProvider`'

const CHECK_BUCKETS = [
  0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5,
]
const STORE_BUCKETS = [0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1]
const SWAP_BUCKETS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5]
const PROVIDER_BUCKETS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** Every metric of Gatehouse's own. Beside them stand the `process_` and `nodejs_` metrics of the prom-client package. */
export const metricList = {
  checks: {
    type: 'counter',
    name: 'gatehouse_checks_total',
    help: 'Checks answered.',
    labels: {
      application,
      outcome: '`allow`, `challenge`, `forbid` or `unavailable`',
      reason: policyReason,
      dialect: 'the dialect that read the check; empty when the URL names none',
    },
  },
  checkDuration: {
    type: 'histogram',
    name: 'gatehouse_check_duration_seconds',
    help: 'Time from the reading of a check to its decision.',
    labels: { dialect: 'as for `gatehouse_checks_total`' },
    buckets: CHECK_BUCKETS,
  },
  policyErrors: {
    type: 'counter',
    name: 'gatehouse_policy_errors_total',
    help: 'Policies that could not be evaluated, at a check or at a login. An error never lets anybody in.',
    labels: { application, reason: policyReason },
  },
  policyAudits: {
    type: 'counter',
    name: 'gatehouse_policy_audits_total',
    help: 'Matches of policies in audit mode, at a check or at a login.',
    labels: { application, would_have: '`allow` or `deny`: what the policy would have done if it were enforced' },
  },
  loginsStarted: {
    type: 'counter',
    name: 'gatehouse_logins_started_total',
    help: 'Browsers sent to an identity provider.',
    labels: { provider },
  },
  logins: {
    type: 'counter',
    name: 'gatehouse_logins_total',
    help: 'Logins that came back from an identity provider.',
    labels: {
      provider,
      outcome: '`signed-in`, `refused` or `failed`',
      reason: 'one of the documented reasons, or of the reasons of providers',
    },
  },
  admissions: {
    type: 'counter',
    name: 'gatehouse_admissions_total',
    help: 'Decisions of an application’s policies about somebody who has signed in, at the end of a login.',
    labels: { application, outcome: 'as for `gatehouse_checks_total`', reason: policyReason },
  },
  redemptions: {
    type: 'counter',
    name: 'gatehouse_redemptions_total',
    help: 'One-time codes exchanged for an app token on an application’s host.',
    labels: { application },
  },
  logouts: {
    type: 'counter',
    name: 'gatehouse_logouts_total',
    help: 'Logouts.',
    labels: { scope: '`session`: this one; `user`: all sessions of the person' },
  },
  ...revocationMetrics,
  adminCalls: {
    type: 'counter',
    name: 'gatehouse_admin_calls_total',
    help: 'Calls to the admin listener that change something, and those refused for their credentials.',
    labels: { operation: 'what was asked for', outcome: '`done`, `refused` or `failed`' },
  },
  portalRefusals: {
    type: 'counter',
    name: 'gatehouse_portal_refusals_total',
    help: 'Requests to the portal that were refused.',
    labels: { reason: 'why, in one word' },
  },
  storeCalls: {
    type: 'counter',
    name: 'gatehouse_store_calls_total',
    help: 'Calls to the store of sessions and codes.',
    labels: { operation: 'what was asked of the store', outcome: '`ok` or `unavailable`' },
  },
  storeCallDuration: {
    type: 'histogram',
    name: 'gatehouse_store_call_duration_seconds',
    help: 'Time that calls to the store took, the failed ones included.',
    labels: { operation: 'as for `gatehouse_store_calls_total`' },
    buckets: STORE_BUCKETS,
  },
  storeAvailable: {
    type: 'gauge',
    name: 'gatehouse_store_available',
    help: '1 while the store answers, 0 while it does not; absent until that is known.',
    labels: {},
  },
  storeSettingUnsafe: {
    type: 'gauge',
    name: 'gatehouse_store_setting_unsafe',
    help: '1 while a setting of a Redis server endangers what is kept there, else 0; absent until it could be read.',
    labels: { setting: '`maxmemory-policy`, `version`, `replicas` or `persistence`' },
  },
  storePasswordChanges: {
    type: 'counter',
    name: 'gatehouse_store_password_changes_total',
    help: 'Passwords of the Redis servers that were found changed in their file.',
    labels: { account: '`server` or `sentinel`' },
  },
  storePasswordFileReadable: {
    type: 'gauge',
    name: 'gatehouse_store_password_file_readable',
    help: '0 while the file with a password of the Redis servers cannot be read, else 1; absent until there is news.',
    labels: { account: 'as for `gatehouse_store_password_changes_total`' },
  },
  storeRecordsUnreadable: {
    type: 'counter',
    name: 'gatehouse_store_records_unreadable_total',
    help: 'Records found in the store that could not be read. They count as absent.',
    labels: { kind: '`session`, `code` or `revocation`' },
  },
  sessionRefreshes: {
    type: 'counter',
    name: 'gatehouse_session_refreshes_total',
    help: 'Times that a provider was asked anew whether a person is still theirs.',
    labels: {
      provider,
      outcome: '`renewed`, `ended` or `failed`',
      reason:
        '`renewed`, `refresh-refused`, `refresh-token-unreadable`, or one of the documented reasons, or of the reasons of providers',
    },
  },
  sessionRecordsLost: {
    type: 'counter',
    name: 'gatehouse_session_records_lost_total',
    help: 'Sessions in use that the store has lost; this replica goes on with its copies, and people whom no replica remembers sign in again.',
    labels: {},
  },
  providerCalls: {
    type: 'counter',
    name: 'gatehouse_provider_calls_total',
    help: 'Calls to identity providers.',
    labels: {
      provider,
      operation: '`discovery`, `jwks`, `token` or `userinfo`',
      outcome: '`ok` or `failed`',
    },
  },
  providerCallDuration: {
    type: 'histogram',
    name: 'gatehouse_provider_call_duration_seconds',
    help: 'Time that calls to identity providers took, the failed ones included.',
    labels: { provider, operation: 'as for `gatehouse_provider_calls_total`' },
    buckets: PROVIDER_BUCKETS,
  },
  resources: {
    type: 'gauge',
    name: 'gatehouse_resources',
    help: 'Objects in the set that is served.',
    labels: { kind: 'kind of object, such as `AccessPolicy`', state: '`ready` or `refused`' },
  },
  resourcesLastLoad: {
    type: 'gauge',
    name: 'gatehouse_resources_last_load_timestamp_seconds',
    help: 'When a set of resources was last swapped in, in seconds since 1970; absent until the first time.',
    labels: {},
  },
  resourceProblems: {
    type: 'counter',
    name: 'gatehouse_resource_problems_total',
    help: 'Problems found in resources while they were loaded; each has a line in the log.',
    labels: {},
  },
  watchAge: {
    type: 'gauge',
    name: 'gatehouse_watch_age_seconds',
    help: 'Time since the objects of a kind were last known to be those of the API server; until the first time, since they were asked for.',
    labels: { kind: 'kind of object, such as `AccessPolicy`' },
  },
  watchRestarts: {
    type: 'counter',
    name: 'gatehouse_watch_restarts_total',
    help: 'Watches begun anew and lists asked for again, other than in the regular course of things.',
    labels: {
      kind: 'as for `gatehouse_watch_age_seconds`',
      reason:
        '`expired`, `silent`, `short`, `absent`, `denied`, `busy`, `failing`, `garbled`, `unreachable` or `internal`',
    },
  },
  resourcesGeneration: {
    type: 'counter',
    name: 'gatehouse_resources_generation_total',
    help: 'Sets of resources compiled since the start; all replicas compile the same, but not as often.',
    labels: {},
  },
  resourcesSwapDuration: {
    type: 'histogram',
    name: 'gatehouse_resources_swap_duration_seconds',
    help: 'Time from the beginning of a compilation until its set was in force.',
    labels: {},
    buckets: SWAP_BUCKETS,
  },
  leader: {
    type: 'gauge',
    name: 'gatehouse_leader',
    help: '1 while this replica leads, else 0, also where no leader is elected.',
    labels: {},
  },
  controllerReconciles: {
    type: 'counter',
    name: 'gatehouse_controller_reconciles_total',
    help: 'Looks of the leader at the cluster.',
    labels: { outcome: '`done`, or `incomplete` if a write failed or had to wait' },
  },
  controllerApplies: {
    type: 'counter',
    name: 'gatehouse_controller_applies_total',
    help: 'Objects, statuses and events that the leader wrote or removed.',
    labels: { kind: 'kind of object, such as `Middleware`', outcome: '`ok` or `failed`' },
  },
  controllerConflicts: {
    type: 'gauge',
    name: 'gatehouse_controller_conflicts',
    help: 'Objects that the leader has written several times without their staying as they have to be.',
    labels: {},
  },
  signingKeyCreated: {
    type: 'gauge',
    name: 'gatehouse_signing_key_created_timestamp_seconds',
    help: 'When the key that signs was made, in seconds since 1970; absent until there is one.',
    labels: {},
  },
  internalErrors: {
    type: 'counter',
    name: 'gatehouse_internal_errors_total',
    help: 'Faults of Gatehouse’s own. Any is worth a look at the log.',
    labels: { where: `the part it happened in: ${faultPlaces.map((place) => `\`${place}\``).join(', ')}` },
  },
  ready: {
    type: 'gauge',
    name: 'gatehouse_ready',
    help: '1 while this replica is ready, as `/readyz` says it, else 0.',
    labels: {},
  },
  auditRecordsLost: {
    type: 'counter',
    name: 'gatehouse_audit_records_lost_total',
    help: 'Audit records that could not be written and are lost. Anything but 0 is worth an alarm.',
    labels: {},
  },
  logLinesDropped: {
    type: 'counter',
    name: 'gatehouse_log_lines_dropped_total',
    help: 'Log lines given up because standard output did not take them fast enough.',
    labels: {},
  },
  developmentMode: {
    type: 'gauge',
    name: 'gatehouse_development_mode',
    help: '1 in the development mode, which must never face a network; else 0.',
    labels: {},
  },
  buildInfo: {
    type: 'gauge',
    name: 'gatehouse_build_info',
    help: 'Always 1; the label names the version that runs.',
    labels: { version: 'version of Gatehouse' },
  },
} as const satisfies Record<string, MetricDeclaration>

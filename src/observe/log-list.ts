import { revocationLines } from './revocation-lines.ts'

/** What each field of a line means. A line carries no field that is not in this list. */
export const logFields = {
  accepted: 'how many signing keys are accepted',
  actor: 'who revoked it: `person`, `admin`, `provider` or `gatehouse`',
  account: '`server` or `sentinel`: whose password it is',
  address: 'where a listener listens',
  admin: 'name of the admin’s credential; absent when none counts',
  application: '`namespace/name` of the application; absent when none is known',
  audits: 'what policies in audit mode would have done: `policy`, `wouldHave`',
  authUrl: 'URL of the auth host',
  change: '`created`, `rotated` or `restored`',
  changes: 'how many objects were added, changed or removed; absent for the first set',
  byMs: 'by how many milliseconds this replica’s clock is ahead of the store’s; absent when they agree again',
  clientAddress: 'address of the client, as the proxy vouches for it',
  conflicts: 'objects that do not stay as they were written',
  count: 'how many revocations',
  detail: 'what exactly happened, scrubbed',
  digest: 'SHA-256 over all objects of the set, in hexadecimal',
  dialect: 'the dialect that read the check',
  durationMs: 'how long it took, in milliseconds',
  entries: 'how many revocations the store has',
  error: 'what was thrown: `name`, `reason`, `code`, `message` and `stack` (scrubbed), `cause`',
  errors: 'policies that could not be evaluated: `policy`, `reason`',
  expected: 'what it has to be',
  failures: 'writes that failed or had to wait',
  file: 'file name',
  holders: 'how many replicas of the store are known to have it',
  found: 'what it is',
  host: 'host that was asked for',
  isAvailable: 'whether the store answers',
  isLeader: 'whether this replica leads',
  kind: 'kind of record',
  kinds: 'by kind of object: how many are `ready`, how many `refused`',
  line: 'line in the file',
  listener: 'which listener',
  lost: 'how many records could not be written',
  method: 'HTTP method',
  object: 'kind and name of the object',
  objects: 'how many objects and hosts the set has',
  operation: 'what was asked for',
  outcome: 'how it ended',
  path: 'path without its query; for a resource, the path of the field',
  policy: '`namespace/name` of the policy that decided',
  problem: 'what is wrong and what was expected, scrubbed',
  provider: 'name of the `IdentityProvider`',
  reason: 'why: one of the documented reasons',
  reference: 'what the visitor was shown, to find this line by',
  resource: 'kind of object that is watched',
  scope: 'of a logout `session` or `user`; of a revocation the kind of its scope, such as `subject`',
  session: 'first 12 characters of the hash that names the session; the session id itself is never logged',
  sessions: 'how many sessions ended',
  sealing: 'name of the key that seals',
  setting: 'which setting of the Redis server: `maxmemory-policy`, `version`, `replicas` or `persistence`',
  signal: 'signal that asked for the stop',
  signing: 'name of the key that signs',
  source: 'what holds the keys, or the resources',
  status: 'HTTP status of the answer',
  subject: 'the derived subject, a hash; never an e-mail address or a provider’s own id',
  wanted: 'how many replicas of the store are to have it',
  warning: 'what to do about it',
  where: 'the part it happened in',
  writes: 'objects written',
} as const

export type LogField = keyof typeof logFields

interface LineDeclaration {
  /** When the line is written. */
  readonly when: string
  readonly level: string
  readonly fields: readonly LogField[]
}

/** Every event that writes a line, with exactly the fields that the line may carry. */
export const logList = {
  decided: {
    when: 'A check has been decided. Those that allow are sampled as configured; all others are written.',
    level: '`info` for allow and challenge, `warn` for forbid, `error` for unavailable and `internal-error`',
    fields: [
      'dialect',
      'application',
      'outcome',
      'reason',
      'policy',
      'errors',
      'audits',
      'host',
      'path',
      'method',
      'clientAddress',
      'subject',
      'durationMs',
    ],
  },
  loginStarted: {
    when: 'A browser is sent to an identity provider.',
    level: '`info`',
    fields: ['application', 'provider', 'host', 'clientAddress'],
  },
  loginFinished: {
    when: 'A login has come back from an identity provider.',
    level: '`info` for signed-in, else `warn`',
    fields: ['application', 'provider', 'outcome', 'reason', 'subject', 'session', 'clientAddress', 'detail'],
  },
  admitted: {
    when: 'An application’s policies have decided about somebody at the end of a login.',
    level: '`info` for allow, `error` for unavailable and `internal-error`, else `warn`',
    fields: ['application', 'outcome', 'reason', 'policy', 'errors', 'audits', 'subject', 'session', 'clientAddress'],
  },
  redeemed: {
    when: 'A one-time code has been exchanged for an app token.',
    level: '`info`',
    fields: ['application', 'subject', 'session'],
  },
  loggedOut: {
    when: 'Somebody has logged out.',
    level: '`info`',
    fields: ['scope', 'sessions', 'subject', 'session'],
  },
  ...revocationLines,
  adminActed: {
    when: 'The admin API has been called, or a call was refused for its credentials.',
    level: '`info` if done, else `warn`',
    fields: [
      'operation',
      'outcome',
      'reason',
      'status',
      'admin',
      'scope',
      'session',
      'subject',
      'provider',
      'application',
      'sessions',
      'clientAddress',
    ],
  },
  portalRefused: {
    when: 'The portal has refused a request.',
    level: '`warn`, `error` for statuses from 500',
    fields: ['reason', 'host', 'path', 'status', 'detail'],
  },
  storeCalled: {
    when: 'The store has been called.',
    level: '`debug`, `warn` if it gave no answer',
    fields: ['operation', 'outcome', 'detail', 'durationMs'],
  },
  storeRecordUnreadable: {
    when: 'A record in the store could not be read and counts as absent.',
    level: '`error`',
    fields: ['kind', 'problem'],
  },
  sessionRefreshed: {
    when: 'A provider was asked anew whether a person is still theirs.',
    level: '`info`, `warn` if nothing came of it',
    fields: ['provider', 'outcome', 'reason', 'subject', 'session', 'detail'],
  },
  sessionRecordLost: {
    when: 'The store no longer has a session that nobody has ended; this replica goes on with its copy. Counted in `gatehouse_session_records_lost_total`.',
    level: '`debug`',
    fields: ['session'],
  },
  storeAvailability: {
    when: 'The store has begun or ceased to answer.',
    level: '`info` if it answers, else `error`',
    fields: ['isAvailable', 'detail'],
  },
  storeSettingUnsafe: {
    when: 'A setting of the Redis server has been found that endangers what is kept there, or does so no longer.',
    level: '`warn`, `info` when it is over, `debug` for one that was never found so',
    fields: ['setting', 'found', 'expected'],
  },
  storePasswordFile: {
    when: 'The file with a password of the Redis servers holds another one, cannot be read, or can be read again.',
    level: '`info`, `error` if it cannot be read',
    fields: ['account', 'outcome', 'detail'],
  },
  providerCalled: {
    when: 'An identity provider has been called.',
    level: '`debug`, `warn` if it failed',
    fields: ['provider', 'operation', 'outcome', 'detail', 'durationMs'],
  },
  resourcesLoaded: {
    when: 'A set of resources has been swapped in.',
    level: '`info`',
    fields: ['kinds', 'durationMs'],
  },
  policyChanged: {
    when: 'Other resources are in force than before. The audit trail names them.',
    level: '`info`',
    fields: ['source', 'digest', 'objects', 'changes'],
  },
  resourceProblem: {
    when: 'A resource is not valid.',
    level: '`warn`',
    fields: ['file', 'line', 'object', 'path', 'problem'],
  },
  watchRestarted: {
    when: 'A watch of the API server is begun anew, or a list asked for again.',
    level: '`debug`',
    fields: ['resource', 'reason'],
  },
  watchInterrupted: {
    when: 'A kind of object can no longer be kept equal to the API server’s; the last set stays in force.',
    level: '`warn`',
    fields: ['resource', 'problem'],
  },
  watchRecovered: {
    when: 'A kind of object is kept equal to the API server’s again.',
    level: '`info`',
    fields: ['resource', 'durationMs'],
  },
  leadershipChanged: {
    when: 'This replica has begun or ceased to lead.',
    level: '`info`',
    fields: ['isLeader', 'detail'],
  },
  leaseTrouble: {
    when: 'The lease by which the leader is elected cannot be read or written, or can be again.',
    level: '`warn`, `info` when it is over',
    fields: ['problem'],
  },
  controllerRan: {
    when: 'The leader has looked at the cluster and written what differed.',
    level: '`debug`',
    fields: ['writes', 'failures', 'conflicts', 'durationMs'],
  },
  controllerWrote: {
    when: 'The leader has written or removed an object, or could not.',
    level: '`info`, `warn` if it failed',
    fields: ['object', 'outcome', 'error'],
  },
  hostClaimsProblem: {
    when: 'A line of the record of first claims cannot be read and counts for nothing, or the record cannot be kept.',
    level: '`warn`',
    fields: ['line', 'problem'],
  },
  keysReplaced: {
    when: 'Other keys are in use from now on.',
    level: '`info`',
    fields: ['source', 'signing', 'sealing', 'accepted'],
  },
  keysUnreadable: {
    when: 'What is to hold the keys holds none that can be used; those known before stay in use.',
    level: '`error`',
    fields: ['source', 'problem'],
  },
  keysWritten: {
    when: 'The leader has made, turned or restored the keys.',
    level: '`info`, `warn` if they were restored',
    fields: ['source', 'change', 'detail'],
  },
  keySecretTrouble: {
    when: 'The leader cannot read, write or use the Secret of the keys, or can again.',
    level: '`warn`, `info` when it is over',
    fields: ['source', 'problem'],
  },
  adminCredentialsTrouble: {
    when: 'The token or the certificates of the admin listener cannot be used as their files are, or can be again.',
    level: '`error`, `info` when it is over',
    fields: ['problem'],
  },
  auditTrouble: {
    when: 'Audit records can no longer be written, or can be again.',
    level: '`error`, `info` when it is over',
    fields: ['problem', 'lost'],
  },
  developmentMode: {
    when: 'The process starts in the development mode.',
    level: '`warn`',
    fields: ['authUrl', 'warning'],
  },
  listening: { when: 'A listener is ready.', level: '`info`', fields: ['listener', 'address'] },
  keysCreated: { when: 'A file of signing keys has been made.', level: '`info`', fields: ['file'] },
  stopping: { when: 'The process has been asked to stop.', level: '`info`', fields: ['signal'] },
  internalError: { when: 'A fault of ours.', level: '`error`', fields: ['where', 'reference', 'error'] },
} as const satisfies Record<string, LineDeclaration>

export type LogEvent = keyof typeof logList

/** What each field of a line means. A line carries no field that is not in this list. */
export const logFields = {
  address: 'where a listener listens',
  application: '`namespace/name` of the application; absent when none is known',
  audits: 'what policies in audit mode would have done: `policy`, `wouldHave`',
  authUrl: 'URL of the auth host',
  clientAddress: 'address of the client, as the proxy vouches for it',
  detail: 'what exactly happened, scrubbed',
  dialect: 'the dialect that read the check',
  durationMs: 'how long it took, in milliseconds',
  error: 'what was thrown: `name`, `reason`, `code`, `message` and `stack` (scrubbed), `cause`',
  errors: 'policies that could not be evaluated: `policy`, `reason`',
  file: 'file name',
  host: 'host that was asked for',
  isAvailable: 'whether the store answers',
  kind: 'kind of record',
  kinds: 'by kind of object: how many are `ready`, how many `refused`',
  line: 'line in the file',
  listener: 'which listener',
  method: 'HTTP method',
  object: 'kind and name of the object',
  operation: 'what was asked for',
  outcome: 'how it ended',
  path: 'path without its query; for a resource, the path of the field',
  policy: '`namespace/name` of the policy that decided',
  problem: 'what is wrong and what was expected, scrubbed',
  provider: 'name of the `IdentityProvider`',
  reason: 'why: one of the documented reasons',
  reference: 'what the visitor was shown, to find this line by',
  scope: '`session` or `user`',
  session: 'first 12 characters of the hash that names the session; the session id itself is never logged',
  sessions: 'how many sessions ended',
  signal: 'signal that asked for the stop',
  status: 'HTTP status of the answer',
  subject: 'the derived subject, a hash; never an e-mail address or a provider’s own id',
  warning: 'what to do about it',
  where: 'the part it happened in',
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
  portalRefused: {
    when: 'The portal has refused a request.',
    level: '`warn`, `error` for statuses from 500',
    fields: ['reason', 'host', 'path', 'status'],
  },
  storeCalled: {
    when: 'The store has been called.',
    level: '`debug`, `warn` if it gave no answer',
    fields: ['operation', 'outcome', 'durationMs'],
  },
  storeRecordUnreadable: {
    when: 'A record in the store could not be read and counts as absent.',
    level: '`error`',
    fields: ['kind', 'problem'],
  },
  storeAvailability: {
    when: 'The store has begun or ceased to answer.',
    level: '`info` if it answers, else `error`',
    fields: ['isAvailable', 'detail'],
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
  resourceProblem: {
    when: 'A resource is not valid.',
    level: '`warn`',
    fields: ['file', 'line', 'object', 'path', 'problem'],
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

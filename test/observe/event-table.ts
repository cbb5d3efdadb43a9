import type { Events } from '../../src/observe/events.ts'
import type { Decision } from '../../src/policy/decision.ts'

export const SUBJECT = `${'s'.repeat(42)}S`
export const SID = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ'

export const ALLOW: Decision = {
  outcome: 'allow',
  reason: 'policy-allows',
  policy: 'shop/staff',
  errors: [],
  audits: [],
}

const CHECK = {
  dialect: 'nginx',
  application: 'shop/cart',
  decision: ALLOW,
  host: 'cart.example.com',
  path: '/basket',
  method: 'GET',
  clientAddress: '192.0.2.7',
  subject: SUBJECT,
  seconds: 0.00004,
}

/** One call of an event, with what it leaves behind. */
export interface EventCase {
  readonly title: string
  readonly event: keyof Events
  readonly argument: object
  /** Samples that must be there; a histogram's `_count` stands for all of it. */
  readonly samples: readonly string[]
  readonly line: Record<string, unknown>
}

function eventCase<Name extends keyof Events>(
  event: Name,
  title: string,
  argument: Parameters<Events[Name]>[0],
  samples: readonly string[],
  line: Record<string, unknown>,
): EventCase {
  return { title, event, argument, samples, line }
}

const checkLine = {
  dialect: 'nginx',
  application: 'shop/cart',
  host: 'cart.example.com',
  path: '/basket',
  method: 'GET',
  clientAddress: '192.0.2.7',
  subject: SUBJECT,
  durationMs: 0.04,
}

export const eventTable: readonly EventCase[] = [
  eventCase(
    'decided',
    'an allow',
    CHECK,
    [
      'gatehouse_checks_total{application="shop/cart",outcome="allow",reason="policy-allows",dialect="nginx"} 1',
      'gatehouse_check_duration_seconds_bucket{le="0.00005",dialect="nginx"} 1',
      'gatehouse_check_duration_seconds_count{dialect="nginx"} 1',
    ],
    { level: 'info', outcome: 'allow', reason: 'policy-allows', policy: 'shop/staff', ...checkLine },
  ),
  eventCase(
    'decided',
    'a refusal by a policy in error, beside one in audit mode',
    {
      ...CHECK,
      decision: {
        outcome: 'forbid',
        reason: 'policy-denies',
        policy: 'shop/mail',
        errors: [{ policy: 'shop/mail', reason: 'email-unverified' }],
        audits: [{ policy: 'shop/soon', wouldHave: 'deny' }],
      },
    },
    [
      'gatehouse_checks_total{application="shop/cart",outcome="forbid",reason="policy-denies",dialect="nginx"} 1',
      'gatehouse_policy_errors_total{application="shop/cart",reason="email-unverified"} 1',
      'gatehouse_policy_audits_total{application="shop/cart",would_have="deny"} 1',
    ],
    {
      level: 'warn',
      outcome: 'forbid',
      reason: 'policy-denies',
      policy: 'shop/mail',
      errors: [{ policy: 'shop/mail', reason: 'email-unverified' }],
      audits: [{ policy: 'shop/soon', wouldHave: 'deny' }],
      ...checkLine,
    },
  ),
  eventCase(
    'decided',
    'a challenge',
    {
      ...CHECK,
      decision: { ...ALLOW, outcome: 'challenge', reason: 'login-required', policy: undefined },
      subject: undefined,
    },
    ['gatehouse_checks_total{application="shop/cart",outcome="challenge",reason="login-required",dialect="nginx"} 1'],
    { level: 'info', outcome: 'challenge', reason: 'login-required', ...checkLine, subject: undefined },
  ),
  eventCase(
    'decided',
    'a store that does not answer',
    { ...CHECK, decision: { ...ALLOW, outcome: 'unavailable', reason: 'store-unavailable', policy: undefined } },
    [
      'gatehouse_checks_total{application="shop/cart",outcome="unavailable",reason="store-unavailable",dialect="nginx"} 1',
    ],
    { level: 'error', outcome: 'unavailable', reason: 'store-unavailable', ...checkLine },
  ),
  eventCase(
    'loginStarted',
    'a login',
    { application: 'shop/cart', provider: 'corp', host: 'auth.example.com', clientAddress: '192.0.2.7' },
    ['gatehouse_logins_started_total{provider="corp"} 1'],
    {
      level: 'info',
      application: 'shop/cart',
      provider: 'corp',
      host: 'auth.example.com',
      clientAddress: '192.0.2.7',
    },
  ),
  eventCase(
    'loginFinished',
    'a login that succeeds',
    {
      application: 'shop/cart',
      provider: 'corp',
      outcome: 'signed-in',
      reason: 'policy-allows',
      subject: SUBJECT,
      sid: SID,
      clientAddress: '192.0.2.7',
    },
    ['gatehouse_logins_total{provider="corp",outcome="signed-in",reason="policy-allows"} 1'],
    {
      level: 'info',
      application: 'shop/cart',
      provider: 'corp',
      outcome: 'signed-in',
      reason: 'policy-allows',
      subject: SUBJECT,
      session: 'abcdefghijkl',
      clientAddress: '192.0.2.7',
    },
  ),
  eventCase(
    'loginFinished',
    'a login that fails',
    {
      application: undefined,
      provider: 'corp',
      outcome: 'failed',
      reason: 'provider-unreachable',
      subject: undefined,
      sid: undefined,
      clientAddress: undefined,
      detail: 'connection refused',
    },
    ['gatehouse_logins_total{provider="corp",outcome="failed",reason="provider-unreachable"} 1'],
    {
      level: 'warn',
      provider: 'corp',
      outcome: 'failed',
      reason: 'provider-unreachable',
      detail: 'connection refused',
    },
  ),
  eventCase(
    'admitted',
    'an admission',
    { application: 'shop/cart', decision: ALLOW, subject: SUBJECT, sid: SID, clientAddress: '192.0.2.7' },
    ['gatehouse_admissions_total{application="shop/cart",outcome="allow",reason="policy-allows"} 1'],
    {
      level: 'info',
      application: 'shop/cart',
      outcome: 'allow',
      reason: 'policy-allows',
      policy: 'shop/staff',
      subject: SUBJECT,
      session: 'abcdefghijkl',
      clientAddress: '192.0.2.7',
    },
  ),
  eventCase(
    'admitted',
    'somebody turned away after a login',
    {
      application: 'shop/cart',
      decision: {
        outcome: 'forbid',
        reason: 'no-policy-matches',
        policy: undefined,
        errors: [{ policy: 'shop/mail', reason: 'email-missing' }],
        audits: [{ policy: 'shop/soon', wouldHave: 'allow' }],
      },
      subject: SUBJECT,
      sid: SID,
      clientAddress: undefined,
    },
    [
      'gatehouse_admissions_total{application="shop/cart",outcome="forbid",reason="no-policy-matches"} 1',
      'gatehouse_policy_errors_total{application="shop/cart",reason="email-missing"} 1',
      'gatehouse_policy_audits_total{application="shop/cart",would_have="allow"} 1',
    ],
    {
      level: 'warn',
      application: 'shop/cart',
      outcome: 'forbid',
      reason: 'no-policy-matches',
      errors: [{ policy: 'shop/mail', reason: 'email-missing' }],
      audits: [{ policy: 'shop/soon', wouldHave: 'allow' }],
      subject: SUBJECT,
      session: 'abcdefghijkl',
    },
  ),
  eventCase(
    'redeemed',
    'a code that is exchanged',
    { application: 'shop/cart', subject: SUBJECT, sid: SID },
    ['gatehouse_redemptions_total{application="shop/cart"} 1'],
    { level: 'info', application: 'shop/cart', subject: SUBJECT, session: 'abcdefghijkl' },
  ),
  eventCase(
    'loggedOut',
    'a logout',
    { subject: SUBJECT, sid: SID, scope: 'user', sessions: 3 },
    ['gatehouse_logouts_total{scope="user"} 1'],
    { level: 'info', scope: 'user', sessions: 3, subject: SUBJECT, session: 'abcdefghijkl' },
  ),
  eventCase(
    'portalRefused',
    'a refused request to the portal',
    { reason: 'origin-mismatch', host: 'auth.example.com', path: '/logout?rd=x', status: 403 },
    ['gatehouse_portal_refusals_total{reason="origin-mismatch"} 1'],
    { level: 'warn', reason: 'origin-mismatch', host: 'auth.example.com', path: '/logout', status: 403 },
  ),
  eventCase(
    'storeCalled',
    'a call to the store',
    { operation: 'find', outcome: 'ok', seconds: 0.002 },
    [
      'gatehouse_store_calls_total{operation="find",outcome="ok"} 1',
      'gatehouse_store_call_duration_seconds_count{operation="find"} 1',
    ],
    { level: 'debug', operation: 'find', outcome: 'ok', durationMs: 2 },
  ),
  eventCase(
    'storeCalled',
    'a call that the store leaves unanswered',
    { operation: 'find', outcome: 'unavailable', seconds: 0.1 },
    ['gatehouse_store_calls_total{operation="find",outcome="unavailable"} 1'],
    { level: 'warn', operation: 'find', outcome: 'unavailable', durationMs: 100 },
  ),
  eventCase(
    'storeRecordUnreadable',
    'a record that cannot be read',
    { kind: 'session', problem: 'createdAtMs: expected number' },
    ['gatehouse_store_records_unreadable_total{kind="session"} 1'],
    { level: 'error', kind: 'session', problem: 'createdAtMs: expected number' },
  ),
  eventCase(
    'storeAvailability',
    'a store that is gone',
    { isAvailable: false, detail: 'ECONNREFUSED 127.0.0.1:6379' },
    [],
    { level: 'error', isAvailable: false, detail: 'ECONNREFUSED 127.0.0.1:6379' },
  ),
  eventCase(
    'storeAvailability',
    'a store that answers again',
    { isAvailable: true, detail: 'connected' },
    ['gatehouse_store_available 1'],
    { level: 'info', isAvailable: true, detail: 'connected' },
  ),
  eventCase(
    'providerCalled',
    'a call to a provider',
    { provider: 'corp', operation: 'token', outcome: 'failed', seconds: 5, detail: 'timeout' },
    [
      'gatehouse_provider_calls_total{provider="corp",operation="token",outcome="failed"} 1',
      'gatehouse_provider_call_duration_seconds_count{provider="corp",operation="token"} 1',
    ],
    { level: 'warn', provider: 'corp', operation: 'token', outcome: 'failed', detail: 'timeout', durationMs: 5000 },
  ),
  eventCase(
    'resourcesLoaded',
    'a set that is swapped in',
    { kinds: { AccessPolicy: { ready: 3, refused: 1 } }, seconds: 0.25 },
    [
      'gatehouse_resources{kind="AccessPolicy",state="ready"} 3',
      'gatehouse_resources{kind="AccessPolicy",state="refused"} 1',
      'gatehouse_resources_last_load_timestamp_seconds 1741064767.089',
      'gatehouse_resources_generation_total 1',
      'gatehouse_resources_swap_duration_seconds_count 1',
    ],
    { level: 'info', kinds: { AccessPolicy: { ready: 3, refused: 1 } }, durationMs: 250 },
  ),
  eventCase(
    'resourceProblem',
    'a resource that is not valid',
    {
      file: 'shop.yaml',
      line: 12,
      object: 'AccessPolicy shop/staff',
      path: 'spec.action',
      problem: 'expected Allow, Deny, Bypass or ServiceAuth, found "Alow"',
    },
    ['gatehouse_resource_problems_total 1'],
    {
      level: 'warn',
      file: 'shop.yaml',
      line: 12,
      object: 'AccessPolicy shop/staff',
      path: 'spec.action',
      problem: 'expected Allow, Deny, Bypass or ServiceAuth, found "Alow"',
    },
  ),
  eventCase(
    'watchRestarted',
    'a watch that is begun anew',
    { resource: 'AccessPolicy', reason: 'expired' },
    ['gatehouse_watch_restarts_total{kind="AccessPolicy",reason="expired"} 1'],
    { level: 'debug', resource: 'AccessPolicy', reason: 'expired' },
  ),
  eventCase(
    'watchInterrupted',
    'a watch in trouble',
    { resource: 'AccessPolicy', problem: 'connect ECONNREFUSED 192.0.2.1:6443' },
    [],
    { level: 'warn', resource: 'AccessPolicy', problem: 'connect ECONNREFUSED 192.0.2.1:6443' },
  ),
  eventCase('watchRecovered', 'a watch that works again', { resource: 'AccessPolicy', seconds: 1.5 }, [], {
    level: 'info',
    resource: 'AccessPolicy',
    durationMs: 1500,
  }),
  eventCase('leadershipChanged', 'a new leader', { isLeader: true, detail: 'gatehouse-0' }, ['gatehouse_leader 1'], {
    level: 'info',
    isLeader: true,
    detail: 'gatehouse-0',
  }),
  eventCase('leaseTrouble', 'a lease out of reach', { problem: 'connect ECONNREFUSED 192.0.2.1:6443' }, [], {
    level: 'warn',
    problem: 'connect ECONNREFUSED 192.0.2.1:6443',
  }),
  eventCase('leaseTrouble', 'a lease within reach again', { problem: undefined }, [], { level: 'info' }),
  eventCase(
    'controllerRan',
    'a look at the cluster',
    { seconds: 0.25, writes: 3, failures: 1, conflicts: 2 },
    ['gatehouse_controller_reconciles_total{outcome="incomplete"} 1', 'gatehouse_controller_conflicts 2'],
    { level: 'debug', writes: 3, failures: 1, conflicts: 2, durationMs: 250 },
  ),
  eventCase(
    'controllerWrote',
    'an object written',
    { object: 'Middleware gatehouse/one', outcome: 'ok' },
    ['gatehouse_controller_applies_total{kind="Middleware",outcome="ok"} 1'],
    { level: 'info', object: 'Middleware gatehouse/one', outcome: 'ok' },
  ),
  eventCase(
    'controllerWrote',
    'an object that could not be written',
    { object: 'Ingress shop/cart', outcome: 'failed', error: 'text that was thrown' },
    ['gatehouse_controller_applies_total{kind="Ingress",outcome="failed"} 1'],
    { level: 'warn', object: 'Ingress shop/cart', outcome: 'failed', error: { name: 'string' } },
  ),
  eventCase('hostClaimsProblem', 'a record of hosts edited by hand', { line: 3, problem: 'expected a host' }, [], {
    level: 'warn',
    line: 3,
    problem: 'expected a host',
  }),
  eventCase(
    'keysReplaced',
    'new keys in use',
    {
      source: 'Secret gatehouse/gatehouse-keys',
      signing: 'kid-one',
      sealing: 'kid-two',
      accepted: 3,
      createdAtMs: 1_764_000_000_000,
    },
    ['gatehouse_signing_key_created_timestamp_seconds 1764000000'],
    { level: 'info', source: 'Secret gatehouse/gatehouse-keys', signing: 'kid-one', sealing: 'kid-two', accepted: 3 },
  ),
  eventCase('keysUnreadable', 'keys that are gone', { source: 'Secret a/b', problem: 'does not exist' }, [], {
    level: 'error',
    source: 'Secret a/b',
    problem: 'does not exist',
  }),
  eventCase('keysWritten', 'keys put back', { source: 'Secret a/b', change: 'restored', detail: 'is not JSON' }, [], {
    level: 'warn',
    source: 'Secret a/b',
    change: 'restored',
    detail: 'is not JSON',
  }),
  eventCase(
    'keySecretTrouble',
    'keys that the leader cannot write',
    { source: 'Secret a/b', problem: 'forbidden' },
    [],
    {
      level: 'warn',
      source: 'Secret a/b',
      problem: 'forbidden',
    },
  ),
  eventCase('keySecretTrouble', 'keys that it can write again', { source: 'Secret a/b', problem: undefined }, [], {
    level: 'info',
    source: 'Secret a/b',
  }),
  eventCase(
    'developmentMode',
    'the development mode',
    { authUrl: 'http://auth.localhost:8000' },
    ['gatehouse_development_mode 1'],
    {
      level: 'warn',
      authUrl: 'http://auth.localhost:8000',
      warning: 'DEVELOPMENT MODE: plain http and plain cookies. Never let a network reach this process.',
    },
  ),
  eventCase('listening', 'a listener', { listener: 'check', address: '[::]:8181' }, [], {
    level: 'info',
    listener: 'check',
    address: '[::]:8181',
  }),
  eventCase('keysCreated', 'new keys', { file: '/var/lib/gatehouse/keys.json' }, [], {
    level: 'info',
    file: '/var/lib/gatehouse/keys.json',
  }),
  eventCase('stopping', 'a stop', { signal: 'SIGTERM' }, [], { level: 'info', signal: 'SIGTERM' }),
  eventCase(
    'internalError',
    'a fault of ours',
    { where: 'check', error: 'text that was thrown', reference: '8f14e45f' },
    ['gatehouse_internal_errors_total{where="check"} 1'],
    { level: 'error', where: 'check', reference: '8f14e45f', error: { name: 'string' } },
  ),
]

import type { AuditKind } from '../../src/observe/audit-record.ts'
import type { Events } from '../../src/observe/events.ts'
import { ALLOW, SID, SUBJECT } from './event-table.ts'

/** One call of an event, with the records that it leaves behind, apart from what every record has. */
export interface AuditCase {
  readonly title: string
  readonly event: keyof Events
  readonly argument: object
  readonly records: readonly (Record<string, unknown> & { readonly kind: AuditKind })[]
}

function auditCase<Name extends keyof Events>(
  event: Name,
  title: string,
  argument: Parameters<Events[Name]>[0],
  ...records: AuditCase['records']
): AuditCase {
  return { title, event, argument, records }
}

const ADA = 'ada@example.com'
const person = { type: 'person', subject: SUBJECT, email: ADA, session: SID }
const CHECK = {
  dialect: 'nginx',
  application: 'shop/cart',
  decision: ALLOW,
  host: 'cart.example.com',
  path: '/basket',
  method: 'GET',
  clientAddress: '192.0.2.7',
  subject: SUBJECT,
  email: ADA,
  seconds: 0.00004,
}
const ADMISSION = { application: 'shop/cart', subject: SUBJECT, sid: SID, email: ADA, clientAddress: '192.0.2.7' }
const OLD = 'a'.repeat(64)
const NEW = 'b'.repeat(64)
const SET = 'c'.repeat(64)

export const auditTable: readonly AuditCase[] = [
  auditCase('decided', 'an allow', CHECK),
  auditCase('decided', 'a challenge', {
    ...CHECK,
    decision: { ...ALLOW, outcome: 'challenge', reason: 'login-required', policy: undefined },
  }),
  auditCase('decided', 'a store that does not answer', {
    ...CHECK,
    decision: { ...ALLOW, outcome: 'unavailable', reason: 'store-unavailable', policy: undefined },
  }),
  auditCase(
    'decided',
    'somebody forbidden by a policy',
    { ...CHECK, decision: { ...ALLOW, outcome: 'forbid', reason: 'policy-denies', policy: 'shop/no' } },
    {
      kind: 'denial',
      outcome: 'forbidden',
      reason: 'policy-denies',
      policy: 'shop/no',
      actor: { type: 'person', subject: SUBJECT, email: ADA },
      application: 'shop/cart',
      from: '192.0.2.7',
      host: 'cart.example.com',
      path: '/basket',
      method: 'GET',
    },
  ),
  auditCase(
    'decided',
    'a check that cannot be read',
    {
      ...CHECK,
      application: undefined,
      decision: { ...ALLOW, outcome: 'forbid', reason: 'request-incomplete', policy: undefined },
      host: '',
      path: '',
      method: '',
      clientAddress: undefined,
      subject: undefined,
      email: undefined,
    },
    {
      kind: 'denial',
      outcome: 'forbidden',
      reason: 'request-incomplete',
      actor: { type: 'unknown' },
      host: '',
      path: '',
      method: '',
    },
  ),
  auditCase(
    'loginFinished',
    'a sign-in',
    {
      application: 'shop/cart',
      provider: 'corp',
      outcome: 'signed-in',
      reason: 'signed-in',
      subject: SUBJECT,
      sid: SID,
      email: ADA,
      clientAddress: '192.0.2.7',
    },
    {
      kind: 'login',
      outcome: 'signed-in',
      reason: 'signed-in',
      actor: person,
      provider: 'corp',
      application: 'shop/cart',
      from: '192.0.2.7',
    },
  ),
  auditCase(
    'loginFinished',
    'a sign-in that fails',
    {
      application: undefined,
      provider: 'corp',
      outcome: 'failed',
      reason: 'provider-unreachable',
      subject: undefined,
      sid: undefined,
      clientAddress: undefined,
      detail: 'connection refused, token=abc',
    },
    {
      kind: 'login',
      outcome: 'failed',
      reason: 'provider-unreachable',
      actor: { type: 'unknown' },
      provider: 'corp',
      note: 'connection refused, token=[redacted]',
    },
  ),
  auditCase(
    'admitted',
    'an admission',
    { ...ADMISSION, decision: ALLOW },
    {
      kind: 'admission',
      outcome: 'granted',
      reason: 'policy-allows',
      policy: 'shop/staff',
      actor: person,
      application: 'shop/cart',
      from: '192.0.2.7',
    },
  ),
  ...(['challenge', 'forbid'] as const).map((outcome) =>
    auditCase(
      'admitted',
      `somebody turned away (${outcome})`,
      { ...ADMISSION, decision: { ...ALLOW, outcome, reason: 'no-policy-matches', policy: undefined } },
      {
        kind: 'admission',
        outcome: 'refused',
        reason: 'no-policy-matches',
        actor: person,
        application: 'shop/cart',
        from: '192.0.2.7',
      },
    ),
  ),
  auditCase(
    'admitted',
    'somebody of whom it cannot be known',
    { ...ADMISSION, decision: { ...ALLOW, outcome: 'unavailable', reason: 'internal-error', policy: undefined } },
    {
      kind: 'admission',
      outcome: 'undecided',
      reason: 'internal-error',
      actor: person,
      application: 'shop/cart',
      from: '192.0.2.7',
    },
  ),
  ...(['session', 'user'] as const).map((scope) =>
    auditCase(
      'loggedOut',
      `a logout (${scope})`,
      { subject: SUBJECT, sid: SID, email: ADA, clientAddress: '192.0.2.7', scope, sessions: 2 },
      {
        kind: 'logout',
        outcome: 'done',
        reason: scope === 'user' ? 'signed-out-everywhere' : 'signed-out',
        actor: person,
        from: '192.0.2.7',
        sessions: 2,
      },
    ),
  ),
  auditCase(
    'revoked',
    'a session that its owner ends',
    {
      scope: { kind: 'session', sid: SID },
      by: { actor: 'person', name: ADA, reason: 'signed-out', from: '192.0.2.7' },
      outcome: 'accepted',
      holders: 2,
      wanted: 1,
    },
    {
      kind: 'revocation',
      outcome: 'accepted',
      reason: 'signed-out',
      actor: { type: 'person', email: ADA },
      target: { kind: 'session', session: SID },
      from: '192.0.2.7',
      holders: 2,
      wanted: 1,
    },
  ),
  auditCase(
    'revoked',
    'all that somebody without an address has',
    {
      scope: { kind: 'subject', subject: SUBJECT },
      by: { actor: 'person', name: SUBJECT, reason: 'x' },
      outcome: 'pending',
    },
    {
      kind: 'revocation',
      outcome: 'pending',
      reason: 'x',
      actor: { type: 'person', subject: SUBJECT },
      target: { kind: 'subject', subject: SUBJECT },
    },
  ),
  auditCase(
    'revoked',
    'an address revoked by an admin, unanswered',
    {
      scope: { kind: 'email', email: ADA },
      by: { actor: 'admin', name: 'ci', reason: 'admin', note: `has left, says bob@example.com` },
      outcome: 'unconfirmed',
    },
    {
      kind: 'revocation',
      outcome: 'unconfirmed',
      reason: 'admin',
      actor: { type: 'admin', name: 'ci' },
      target: { kind: 'email', email: ADA },
      note: 'has left, says bob@example.com',
    },
  ),
  auditCase(
    'revoked',
    'a session that the provider ends',
    {
      scope: { kind: 'provider-session', provider: 'corp', providerSid: 'their-own-id' },
      by: { actor: 'provider', name: 'corp', reason: 'backchannel-logout' },
      outcome: 'accepted',
    },
    {
      kind: 'revocation',
      outcome: 'accepted',
      reason: 'backchannel-logout',
      actor: { type: 'provider', name: 'corp' },
      target: {
        kind: 'provider-session',
        provider: 'corp',
        providerSession: 'xW73nGhdUqlRxnU_MyY6ig2KNhqS3zLjDfZarR24EnA',
      },
    },
  ),
  auditCase(
    'revoked',
    'an application that an admin closes',
    {
      scope: { kind: 'application', application: 'shop/cart' },
      by: { actor: 'admin', name: 'ci', reason: 'admin' },
      outcome: 'accepted',
    },
    {
      kind: 'revocation',
      outcome: 'accepted',
      reason: 'admin',
      actor: { type: 'admin', name: 'ci' },
      target: { kind: 'application', application: 'shop/cart' },
    },
  ),
  auditCase(
    'revoked',
    'a session that its provider no longer renews',
    {
      scope: { kind: 'session', sid: SID },
      by: { actor: 'gatehouse', reason: 'refresh-refused', note: 'invalid_grant', from: '192.0.2.7' },
      outcome: 'accepted',
      holders: 1,
      wanted: 1,
    },
    {
      kind: 'session-ended',
      outcome: 'accepted',
      reason: 'refresh-refused',
      actor: { type: 'gatehouse' },
      target: { kind: 'session', session: SID },
      from: '192.0.2.7',
      note: 'invalid_grant',
      holders: 1,
      wanted: 1,
    },
  ),
  auditCase(
    'adminActed',
    'an admin’s call',
    {
      operation: 'revokeSubject',
      outcome: 'done',
      reason: 'done',
      status: 200,
      admin: 'ci',
      scope: { kind: 'subject', subject: SUBJECT },
      sessions: 3,
      note: 'has left',
      clientAddress: '192.0.2.9',
    },
    {
      kind: 'admin',
      outcome: 'done',
      reason: 'done',
      actor: { type: 'admin', name: 'ci' },
      operation: 'revokeSubject',
      target: { kind: 'subject', subject: SUBJECT },
      from: '192.0.2.9',
      note: 'has left',
      status: 200,
      sessions: 3,
    },
  ),
  auditCase(
    'adminActed',
    'a call with a wrong token',
    {
      operation: 'revokeAll',
      outcome: 'refused',
      reason: 'credentials-wrong',
      status: 401,
      admin: undefined,
      clientAddress: undefined,
    },
    {
      kind: 'admin',
      outcome: 'refused',
      reason: 'credentials-wrong',
      actor: { type: 'unknown' },
      operation: 'revokeAll',
      status: 401,
    },
  ),
  auditCase(
    'policyChanged',
    'the first set',
    { source: 'resources', digest: SET, objects: 4, changes: undefined },
    {
      kind: 'policy-change',
      outcome: 'loaded',
      reason: 'start',
      actor: { type: 'source', name: 'resources' },
      resource: { kind: 'Set', name: 'resources', digest: SET, isInForce: true },
      set: SET,
      objects: 4,
    },
  ),
  auditCase(
    'policyChanged',
    'a set in which three things differ',
    {
      source: 'resources',
      digest: SET,
      objects: 4,
      changes: [
        { kind: 'AccessPolicy', name: 'shop/staff', change: 'changed', before: OLD, after: NEW, isInForce: false },
        { kind: 'Host', name: 'a.example.com', change: 'added', before: undefined, after: NEW, isInForce: true },
        { kind: 'IdentityProvider', name: 'corp', change: 'removed', before: OLD, after: undefined, isInForce: false },
      ],
    },
    ...[
      ['changed', { kind: 'AccessPolicy', name: 'shop/staff', digest: NEW, before: OLD, isInForce: false }] as const,
      ['added', { kind: 'Host', name: 'a.example.com', digest: NEW, isInForce: true }] as const,
      ['removed', { kind: 'IdentityProvider', name: 'corp', before: OLD, isInForce: false }] as const,
    ].map(([outcome, resource]) => ({
      kind: 'policy-change' as const,
      outcome,
      reason: 'source-changed',
      actor: { type: 'source', name: 'resources' },
      resource,
      set: SET,
    })),
  ),
  auditCase(
    'keysReplaced',
    'other keys in use',
    { source: 'Secret a/b', signing: 'kid-one', sealing: 'kid-two', accepted: 3, createdAtMs: 1 },
    {
      kind: 'keys',
      outcome: 'in-use',
      reason: 'in-use',
      actor: { type: 'gatehouse' },
      source: 'Secret a/b',
      signing: 'kid-one',
      sealing: 'kid-two',
    },
  ),
  auditCase(
    'keysWritten',
    'keys put back',
    { source: 'Secret a/b', change: 'restored', detail: 'is not JSON' },
    {
      kind: 'keys',
      outcome: 'restored',
      reason: 'restored',
      actor: { type: 'gatehouse' },
      source: 'Secret a/b',
      note: 'is not JSON',
    },
  ),
  auditCase(
    'keysCreated',
    'new keys',
    { file: '/var/lib/gatehouse/keys.json' },
    {
      kind: 'keys',
      outcome: 'created',
      reason: 'created',
      actor: { type: 'gatehouse' },
      source: '/var/lib/gatehouse/keys.json',
    },
  ),
]

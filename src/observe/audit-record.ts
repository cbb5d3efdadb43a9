import { z } from 'zod'

/** Version of the records. It changes if a field is taken away or comes to mean something else; a new field is no new version. */
export const AUDIT_VERSION = 1

const text = (description: string) => z.string().describe(description)
const count = (description: string) => z.number().int().min(0).describe(description)
const outcome = <const Words extends readonly [string, ...string[]]>(words: Words, description: string) =>
  z.enum(words).describe(description)

const subject = text('the person as one provider knows them, as a hash; the same at every sign-in').optional()
const email = text('the address that the provider gave at the sign-in').optional()
const session = text('hash that names the session; the session id itself never stands in a record').optional()
const application = text('`namespace/name` of the application').optional()
const provider = text('name of the `IdentityProvider`').optional()
const from = text('address of the client, as the proxy vouches for it').optional()
const note = text('words that came with it, scrubbed of what may be a credential').optional()

const ACTORS = ['person', 'admin', 'provider', 'gatehouse', 'source', 'unknown'] as const

/** Every record has one. */
export const actor = z
  .strictObject({
    type: z
      .enum(ACTORS)
      .describe(
        '`person`: who uses the apps. `admin`: the holder of a credential of the admin listener. `provider`: an identity provider. `gatehouse`: nobody asked. `source`: whoever may write where the resources are read from. `unknown`: somebody who has not said who they are, or could not prove it',
      ),
    name: text('name of the admin’s credential, of the provider or of the source').optional(),
    subject,
    email,
    session,
  })
  .describe('who did it')

/** What a revocation, or an admin, is about. */
export const target = z
  .strictObject({
    kind: z
      .enum(['session', 'provider-session', 'subject', 'email', 'application', 'everybody'])
      .describe('what the other fields name'),
    session,
    subject,
    email,
    application,
    provider,
    providerSession: text('hash of what the provider calls its session').optional(),
  })
  .describe('whom it hits')

const resource = z
  .strictObject({
    kind: text('kind of object, such as `AccessPolicy`; `Host`: which applications have a host; `Set`: all of them'),
    name: text('`namespace/name`, or the name of what has no namespace'),
    digest: text('SHA-256 of its content, in hexadecimal, as it is now').optional(),
    before: text('the same, as it was').optional(),
    isInForce: z.boolean().describe('whether it is in force now, if only in part').optional(),
  })
  .describe('what has changed')

const revocationFields = {
  outcome: outcome(
    ['accepted', 'pending', 'unconfirmed'],
    '`accepted`: kept by as many replicas of the store as are asked for; `pending`: by fewer, or no majority of the Sentinels vouches for the master; `unconfirmed`: the store gave no answer, so it may or may not be in force',
  ),
  reason: text(
    'why, in one word, such as `signed-out`; what an admin gave, and behind it who asked for it (`--requested-by`), is in `note`',
  ),
  actor,
  target,
  from,
  note,
  holders: count('how many replicas of the store are known to have it').optional(),
  wanted: count('how many are asked for').optional(),
} as const

/** What every record has. */
export const commonFields = {
  audit: z.literal(AUDIT_VERSION).describe('version of the record; no line of the log has this field'),
  time: text('when, by the clock of the replica: RFC 3339, UTC, with milliseconds'),
  id: text('name of this record; if it comes twice, both are one'),
  replica: text(
    'name of the replica that wrote it: the variable `POD_NAME`, which the chart sets, or else the name of the host',
  ),
} as const

const common = z.strictObject(commonFields)

/** Each kind of record, with when it is written. */
export const auditKinds = {
  login: {
    when: 'A sign-in has come back from an identity provider, or could not be begun.',
    schema: common.extend({
      kind: z.literal('login'),
      outcome: outcome(
        ['signed-in', 'refused', 'failed'],
        '`refused`: the provider said no, or the person gave up there; `failed`: it came to nothing',
      ),
      reason: text('one of the documented reasons'),
      actor,
      provider,
      application,
      from,
      note,
    }),
  },
  admission: {
    when: 'An application’s policies have decided about somebody at the end of a sign-in, or of a silent one.',
    schema: common.extend({
      kind: z.literal('admission'),
      outcome: outcome(['granted', 'refused', 'undecided'], '`undecided`: it could not be known'),
      reason: text('one of the documented reasons'),
      policy: text('`namespace/name` of the policy that decided').optional(),
      actor,
      application,
      from,
    }),
  },
  denial: {
    when: 'A check has been answered *forbidden*.',
    schema: common.extend({
      kind: z.literal('denial'),
      outcome: outcome(['forbidden'], 'always `forbidden`'),
      reason: text('one of the documented reasons'),
      policy: text('`namespace/name` of the policy that decided').optional(),
      actor,
      application,
      from,
      host: text('host that was asked for; empty if it could not be read'),
      path: text('path without its query; empty if it could not be read'),
      method: text('HTTP method; empty if it could not be read'),
    }),
  },
  logout: {
    when: 'Somebody has signed out. What ended by it has records of kind `revocation` besides.',
    schema: common.extend({
      kind: z.literal('logout'),
      outcome: outcome(['done'], 'always `done`'),
      reason: text('`signed-out`: here; `signed-out-everywhere`: all sessions of the person'),
      actor,
      from,
      sessions: count('how many sessions ended'),
    }),
  },
  revocation: {
    when: 'Somebody has asked that what was issued up to this moment count no more, or a provider no longer renews a session.',
    schema: common.extend({ kind: z.literal('revocation'), ...revocationFields }),
  },
  'session-ended': {
    when: 'Gatehouse itself has ended a session: a limit was reached, or another sign-in took its place.',
    schema: common.extend({ kind: z.literal('session-ended'), ...revocationFields }),
  },
  admin: {
    when: 'A call to the admin listener, those that only read (but for the status of revocations) and those that were refused for their credentials included.',
    schema: common.extend({
      kind: z.literal('admin'),
      outcome: outcome(
        ['done', 'refused', 'failed'],
        '`refused`: not accepted; `failed`: accepted, but it may not have been done',
      ),
      reason: text('`done`, or why not, in one word'),
      actor,
      operation: text('what was asked for, as the OpenAPI document names it'),
      target: target.optional(),
      from,
      note,
      status: count('HTTP status of the answer'),
      sessions: count('how many sessions ended').optional(),
    }),
  },
  'policy-change': {
    when: 'Another set of resources is in force at this replica. One record for each object that differs; the first set after a start has one for all.',
    schema: common.extend({
      kind: z.literal('policy-change'),
      outcome: outcome(['loaded', 'added', 'changed', 'removed'], '`loaded`: the first set after a start'),
      reason: text('`start` or `source-changed`'),
      actor,
      resource,
      set: text('SHA-256 over all objects of the set that is in force now, in hexadecimal; the same at every replica'),
      objects: count('how many objects and hosts the set has').optional(),
    }),
  },
  keys: {
    when: 'The keys that sign and seal have been made or turned (by the leader, or at the first start), or others are in use at this replica.',
    schema: common.extend({
      kind: z.literal('keys'),
      outcome: outcome(['created', 'rotated', 'restored', 'in-use'], '`in-use`: from now on at this replica'),
      reason: text('the same as `outcome`'),
      actor,
      source: text('what holds the keys'),
      signing: text('name of the key that signs').optional(),
      sealing: text('name of the key that seals').optional(),
      note,
    }),
  },
  gap: {
    when: 'Records could not be written and are lost: they belong before this one.',
    schema: common.extend({
      kind: z.literal('gap'),
      outcome: outcome(['lost'], 'always `lost`'),
      reason: text('always `not-writable`'),
      actor,
      records: count('how many are lost'),
      since: text('when the first of them was to be written'),
    }),
  },
} as const

export type AuditKind = keyof typeof auditKinds

/** Any record. What does not parse with it was not written by this version. */
export const auditRecord = z.discriminatedUnion('kind', [
  auditKinds.login.schema,
  auditKinds.admission.schema,
  auditKinds.denial.schema,
  auditKinds.logout.schema,
  auditKinds.revocation.schema,
  auditKinds['session-ended'].schema,
  auditKinds.admin.schema,
  auditKinds['policy-change'].schema,
  auditKinds.keys.schema,
  auditKinds.gap.schema,
])

export type AuditRecord = z.output<typeof auditRecord>
export type AuditActor = z.output<typeof actor>
export type AuditTarget = z.output<typeof target>

/** A record before it is stamped with what every record has. */
export type AuditBody = AuditRecord extends infer Each
  ? Each extends AuditRecord
    ? Omit<Each, keyof typeof commonFields>
    : never
  : never

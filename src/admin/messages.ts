import { z } from 'zod'

/**
 * What goes over the wire of the admin API, in both directions. The listener reads and writes by these schemas, the command
 * line reads by them, and the OpenAPI document is made of them. The message of each is the end of "expected …".
 */

/** A text of whole characters, within limits that the document shows. */
function text(expects: string, { min = 1, max, pattern }: { min?: number; max: number; pattern?: RegExp }) {
  const bounded = z
    .string({ error: expects })
    .min(min, { error: expects })
    .max(max, { error: expects })
    // Half of a surrogate pair cannot be written down in UTF-8.
    .refine((given) => given.isWellFormed(), { error: expects })
  return pattern === undefined ? bounded : bounded.regex(pattern, { error: expects })
}

/** 43 characters of base64url that hold 256 bits. */
const hash = { min: 43, max: 43, pattern: /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/ }

/** The same as a session store's. */
export const sid = text('a session’s `sid`: 43 characters of base64url', hash).describe(
  'Names a session: the hash of its id. It is no credential.',
)

export const subject = text('a subject: Gatehouse’s own, 43 characters, as a list of sessions shows it', hash).describe(
  'A person as one identity provider knows them, by Gatehouse’s own name: a hash, the `sub` of our tokens. Not what the provider calls them.',
)

const email = text('an email address of at most 320 characters', {
  max: 320,
  pattern: /^[^\s@]+@[^\s@]+$/,
}).describe('An email address. Upper and lower case are the same.')

const provider = text('the name of an `IdentityProvider`', {
  max: 253,
  pattern: /^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/,
}).describe('Name of an `IdentityProvider`.')

const application = text('an application as `namespace/name`', {
  max: 317,
  pattern: /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\/[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/,
}).describe('An application, as `namespace/name`.')

/** RFC 3339, in UTC, to the millisecond. */
const moment = z
  .string()
  .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  .meta({ format: 'date-time' })

const wholeNumber = z.int().min(0)

/** The most sessions on one page. */
export const MAX_PAGE = 1000

const only = <const Type extends string>(type: Type) => z.literal(type, { error: `\`${type}\`` })
const noOther = { error: 'an object' }

/** What a revocation hits. */
export const scope = z
  .discriminatedUnion(
    'type',
    [
      z.strictObject({ type: only('Session'), sid }, noOther).describe('One session.'),
      z
        .strictObject(
          {
            type: only('ProviderSession'),
            provider,
            providerSid: text('the provider’s own id of the session: 1 to 1000 characters', { max: 1000 }).describe(
              'What the provider calls the session: `sid` of its ID tokens.',
            ),
          },
          noOther,
        )
        .describe('Every session that rests on one session at an identity provider.'),
      z.strictObject({ type: only('Subject'), subject }, noOther).describe('Every session of a person.'),
      z
        .strictObject({ type: only('Email'), email }, noOther)
        .describe('Every session that has an email address, or has had it since its sign-in, at whichever provider.'),
      z
        .strictObject({ type: only('Application'), application }, noOther)
        .describe(
          'Every app token of an application. Sessions live on: whoever is still let in gets a new one silently.',
        ),
      z
        .strictObject(
          {
            type: only('Everybody'),
            confirm: z.literal('everybody', { error: '`everybody`, to say that this is meant' }),
          },
          noOther,
        )
        .describe('Every session and every app token.'),
    ],
    {
      error: 'an object whose `type` is `Session`, `ProviderSession`, `Subject`, `Email`, `Application` or `Everybody`',
    },
  )
  .meta({ id: 'Scope', description: 'What is revoked: whatever was issued to it up to now counts no more.' })

export const revocationRequest = z
  .strictObject(
    {
      scope,
      reason: text('why: a text of 1 to 500 characters', { max: 500, pattern: /\S/ }).describe(
        'Why. Stands in the audit log.',
      ),
      requestedBy: text('who asked for it: a text of 1 to 200 characters', { max: 200, pattern: /\S/ })
        .optional()
        .describe('Who asked for it, for a program that acts for others. Stands in the audit log, unverified.'),
    },
    { error: 'a JSON object' },
  )
  .meta({ id: 'RevocationRequest', description: 'What is to be revoked, and why.' })

export const revocationAnswer = z
  .strictObject({
    status: z
      .enum(['accepted', 'pending'])
      .describe(
        '`accepted`: the store’s master has it, and so has every replica that is online, and at least as many as are wanted. `pending`: the master has it, but a failover at this moment could lose it until a replica of Gatehouse has given it back.',
      ),
    at: moment.describe('Whatever was issued up to this moment of the store’s clock counts no more.'),
    holders: wholeNumber.describe('Replicas of the store that are known to have it.'),
    wanted: wholeNumber.describe('Replicas of the store that were to have it.'),
    removedRecords: wholeNumber.describe(
      'Records of sessions that have been removed at once. Records that are left count for nothing and end by themselves.',
    ),
    note: z.string().optional().describe('What else is worth knowing.'),
  })
  .meta({ id: 'RevocationAnswer', description: 'What has become of a revocation.' })

export const session = z
  .strictObject({
    sid,
    provider: z.string().describe('Name of the `IdentityProvider` that vouches for the person.'),
    subject: z.string().describe('The person as that provider knows them, by Gatehouse’s own name: a hash.'),
    email: z.string().optional().describe('Absent if the provider names none.'),
    name: z.string().optional().describe('Absent if the provider names none.'),
    createdAt: moment.describe('When the person signed in.'),
    lastSeenAt: moment.describe(
      'When the session was last used, to within about a minute, or five without `sessions.idleTimeout`.',
    ),
    expiresAt: moment.describe('When it ends by itself.'),
    clientAddress: z.string().optional().describe('Where the sign-in came from; absent if that is not known.'),
    userAgent: z.string().describe('The browser of the sign-in, as it calls itself.'),
    isRevoked: z.boolean().describe('Whether a revocation that this replica knows hits it: it counts no more.'),
  })
  .meta({ id: 'Session', description: 'One sign-in on the auth host.' })

export const sessionPage = z
  .strictObject({
    sessions: z.array(session).max(MAX_PAGE),
    next: z
      .string()
      .optional()
      .describe(
        'The `after` of the next page. Absent: there is none. A page with few sessions, or none, may have one.',
      ),
  })
  .meta({ id: 'SessionPage', description: 'A part of the list of live sessions. Those that end last come first.' })

const pageNumber = `a whole number from 1 to ${MAX_PAGE}`
const filters = {
  subject: subject.optional(),
  email: email.optional(),
  provider: provider.optional(),
  application: application.optional().describe('An application as `namespace/name`: sessions that it has let in.'),
  all: z.literal(true, { error: '`true`' }).optional().describe('All sessions.'),
}
const filterNames = Object.keys(filters) as (keyof typeof filters)[]

/** Which sessions, and which part of the list. */
export const sessionQuery = z
  .strictObject({
    ...filters,
    limit: z
      .int({ error: pageNumber })
      .min(1, { error: pageNumber })
      .max(MAX_PAGE, { error: pageNumber })
      .default(100)
      .describe('The most sessions to give.'),
    after: text('the `next` of the page before', { max: 2000 })
      .optional()
      .describe('The `next` of the page before; absent for the first.'),
  })
  .refine((query) => filterNames.filter((name) => query[name] !== undefined).length === 1, {
    path: ['subject'],
    error: `exactly one of ${filterNames.map((name) => `\`${name}\``).join(', ')}`,
    when: ({ issues }) => issues.length === 0,
  })

export const revocationStatus = z
  .strictObject({
    state: z
      .enum(['current', 'stale', 'never-read'])
      .describe(
        '`current`: confirmed within `revocation.maxStaleness`. `stale`: the store has not been heard for longer. `never-read`: this replica has just started.',
      ),
    ageMs: wholeNumber.optional().describe('Milliseconds since the last read that proves the view whole.'),
    size: wholeNumber.describe('Revocations that can still hit anything.'),
  })
  .meta({ id: 'RevocationStatus', description: 'What the replica that answers knows of revocations.' })

/** RFC 9457, with a stable reason. */
export const problem = z
  .strictObject({
    title: z.string().describe('The HTTP status in words.'),
    status: z.int().min(400).max(599),
    reason: z.string().describe('Why, in one of the documented words.'),
    detail: z.string().describe('Why, for a person.'),
    errors: z
      .array(
        z.strictObject({
          field: z.string().describe('The field, such as `scope.email`; empty for the body as a whole.'),
          expected: z.string().describe('What was expected there.'),
        }),
      )
      .max(20)
      .optional()
      .describe('Each field that is not as it has to be.'),
    reference: z.string().optional().describe('By which the log names a fault of ours.'),
  })
  .meta({
    id: 'Problem',
    description: 'Why a request was not carried out (RFC 9457). Nothing has been changed, unless `detail` says so.',
  })

export type Scope = z.output<typeof scope>
export type RevocationRequest = z.output<typeof revocationRequest>
export type RevocationAnswer = z.output<typeof revocationAnswer>
export type SessionMessage = z.output<typeof session>
export type SessionPageMessage = z.output<typeof sessionPage>
export type SessionQuery = z.output<typeof sessionQuery>
export type RevocationStatus = z.output<typeof revocationStatus>
export type Problem = z.output<typeof problem>

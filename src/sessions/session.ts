import { z } from 'zod'
import { GatehouseError } from '../policy/errors.ts'
import type { Identity } from '../policy/identity.ts'
import { isSid } from './session-id.ts'

/** One sign-in on the auth host, shared by all applications. */
export interface Session {
  /** Hash of the session id. */
  readonly sid: string
  readonly identity: Identity
  /** Moment of the sign-in on the store's clock, so that it can be compared with revocations. */
  readonly createdAtMs: number
  /** From this moment on the session does not exist. */
  readonly expiresAtMs: number
  /** At most 200 characters, for the person's own list. */
  readonly userAgent: string
  readonly clientAddress: string | undefined
  /** The provider's ID token, sealed, for its end-session endpoint. */
  readonly sealedIdToken: string | undefined
  /** What the provider calls its own session (`sid` of the ID token), if it names it. */
  readonly providerSid: string | undefined
  /** Undefined if the provider cannot be asked again whether the person is still theirs. */
  readonly refresh: SessionRefresh | undefined
  /** Addresses that the provider gave before that of now, the last one last: a revocation of any of them hits as well. */
  readonly earlierEmails?: readonly string[] | undefined
}

/** How a session's identity is kept true while it lasts. */
export interface SessionRefresh extends RefreshTimes {
  /** The provider's refresh token, sealed. */
  readonly sealedToken: string
}

/** Milliseconds since 1970. */
export interface RefreshTimes {
  /** When the provider is to be asked again. */
  readonly dueAtMs: number
  /** When the provider last vouched for the identity. */
  readonly confirmedAtMs: number
}

/** A session as the store gives it. */
export interface StoredSession extends Session {
  /** When a check last saw the session, to within the time that writes are put off; at first its sign-in. */
  readonly lastSeenAtMs: number
}

/** What a check needs of a session. The rest is left in the store, since every replica remembers very many of these. */
export interface KnownSession
  extends Pick<
    StoredSession,
    'sid' | 'identity' | 'createdAtMs' | 'expiresAtMs' | 'providerSid' | 'lastSeenAtMs' | 'earlierEmails'
  > {
  readonly refresh: RefreshTimes | undefined
}

/** What is remembered of a session. */
export function knownOf(session: StoredSession): KnownSession {
  const { sid, identity, createdAtMs, expiresAtMs, providerSid, lastSeenAtMs, refresh, earlierEmails } = session
  const times = refresh && { dueAtMs: refresh.dueAtMs, confirmedAtMs: refresh.confirmedAtMs }
  return { sid, identity, createdAtMs, expiresAtMs, providerSid, lastSeenAtMs, refresh: times, earlierEmails }
}

/** The session cannot be kept as it is: too large, or not of the shape that could be read back. */
export class SessionNotStorableError extends GatehouseError {
  override readonly name = 'SessionNotStorableError'

  constructor(problem: string) {
    super('internal-error', `the session cannot be stored: ${problem}`)
  }
}

/** Most bytes that a session's record may have. */
export const SESSION_RECORD_MAX_BYTES = 262_144

const VERSION = 2
const time = z.number().min(0)
const optionalText = z
  .string()
  .nullish()
  .transform((value) => value ?? undefined)

const identitySchema: z.ZodType<Identity> = z.strictObject({
  provider: z.string().min(1),
  subject: z.string().min(1),
  email: optionalText,
  emailVerified: z.boolean(),
  name: optionalText,
  preferredUsername: optionalText,
  groups: z.array(z.string()),
  groupsIncomplete: z.boolean(),
  claims: z.record(z.string(), z.unknown()),
})

/** What a session must look like. Strict: what cannot be read with it counts as absent. */
export const sessionSchema: z.ZodType<Session> = z.strictObject({
  sid: z.string().refine(isSid),
  identity: identitySchema,
  createdAtMs: time,
  expiresAtMs: time,
  userAgent: z.string().max(200),
  clientAddress: optionalText,
  sealedIdToken: optionalText,
  providerSid: optionalText,
  refresh: z
    .strictObject({ sealedToken: z.string().min(1), dueAtMs: time, confirmedAtMs: time })
    .nullish()
    .transform((value) => value ?? undefined),
  earlierEmails: z.array(z.string()).optional(),
})

const recordSchema = z.strictObject({ kind: z.literal('session'), version: z.literal(VERSION), session: sessionSchema })

/**
 * Writes a session as a store keeps it: JSON with its kind and version.
 *
 * @returns the record, and the session as it will be read back
 * @throws SessionNotStorableError if the record could not be read back
 */
export function encodeSession(session: Session): { record: string; session: Session } {
  const record = JSON.stringify({ kind: 'session', version: VERSION, session })
  const decoded = decodeSession(record, session.sid)
  if ('problem' in decoded) throw new SessionNotStorableError(decoded.problem)
  return { record, session: decoded.session }
}

/**
 * Reads what the store holds under a `sid`. Expiry is left to the caller.
 *
 * @returns the session, or in a few words why the record cannot be read; never throws
 */
export function decodeSession(record: string, sid: string): { session: Session } | { problem: string } {
  if (Buffer.byteLength(record) > SESSION_RECORD_MAX_BYTES) return { problem: 'too-large' }
  const json = parseJson(record)
  if (json === undefined) return { problem: 'not-json' }
  const result = recordSchema.safeParse(json)
  if (!result.success) return { problem: `shape at ${pathOf(result.error)}` }
  return result.data.session.sid === sid ? { session: result.data.session } : { problem: 'names-another-session' }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The place of the first problem; names within claims are the provider's and the person's, so the path ends before them. */
function pathOf(error: z.ZodError): string {
  return error.issues[0]?.path.slice(0, 3).map(String).join('.') || 'top'
}

import { z } from 'zod'

/** Milliseconds of the recorder's clock, which is monotonic and one for all clients. */
const moment = z.number().min(0)
const name = z.string().min(1)

/** When a client asked, and when it had the answer. What happened in between may have happened at any moment of it. */
const operation = { client: z.string().min(1), invokedAtMs: moment, answeredAtMs: moment }

const scope = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('session'), sid: name }),
  z.strictObject({ kind: z.literal('provider-session'), provider: name, providerSid: name }),
  z.strictObject({ kind: z.literal('subject'), subject: name }),
  z.strictObject({ kind: z.literal('email'), email: name }),
  z.strictObject({ kind: z.literal('application'), application: name }),
  z.strictObject({ kind: z.literal('everybody') }),
])

/** Somebody signed in. */
const session = z.strictObject({
  kind: z.literal('session'),
  ...operation,
  sid: name,
  provider: name,
  subject: name,
  email: name.optional(),
  providerSid: name.optional(),
  /** From then on nobody is owed anything by the session. */
  expiresAtMs: moment,
})

/** An app token was minted. Histories name tokens; no token ever stands in one. */
const token = z.strictObject({
  kind: z.literal('token'),
  ...operation,
  token: name,
  sid: name,
  application: name,
  expiresAtMs: moment,
})

/** Somebody asked to revoke. `unknown`: there was no answer, so it may take effect, and may do so late. */
const revocation = z.strictObject({
  kind: z.literal('revocation'),
  ...operation,
  replica: name,
  scope,
  answer: z.enum(['accepted', 'pending', 'unknown']),
})

/** A token was shown to a replica. `none`: no answer at all. */
const check = z.strictObject({
  kind: z.literal('check'),
  ...operation,
  replica: name,
  token: name,
  answer: z.enum(['allow', 'challenge', 'forbid', 'unavailable', 'none']),
  clearedCookie: z.boolean(),
  /** Which version of the identity the app was told of, where the provider numbers them. */
  version: z.number().int().min(0).optional(),
})

/** Somebody who had the session's cookie was sent to the provider to sign in again. */
const forcedLogin = z.strictObject({ kind: z.literal('forced-login'), ...operation, replica: name, sid: name })

/** One try at something that may be had once: a login code, a state, the `jti` of a logout token, a refresh. */
const oneTime = z.strictObject({
  kind: z.literal('one-time'),
  ...operation,
  replica: name,
  /** What and which, such as `code 17`. */
  thing: name,
  succeeded: z.boolean(),
})

/** A fault was brought about, or was taken away. One that is never taken away lasts to the end of the history. */
/** A provider was asked to renew a session, as it saw that itself. */
const refresh = z.strictObject({
  kind: z.literal('refresh'),
  ...operation,
  providerSid: name,
  /** Which refresh token; what stands here cannot be used for anything. */
  token: name,
  /** `refused`: the provider has ended the session. `used-up`: the token was good once. */
  answer: z.enum(['renewed', 'refused', 'used-up']),
  /** Which version of the identity the provider spoke of. */
  version: z.number().int().min(0),
})

const fault = z.strictObject({
  kind: z.literal('fault'),
  fault: name,
  phase: z.enum(['begins', 'ends']),
  atMs: moment,
})

/** The store lost the only copy of sessions, or of whatever else was written since a moment. */
const dataLoss = z.strictObject({
  kind: z.literal('data-loss'),
  cause: name,
  beganAtMs: moment,
  endedAtMs: moment,
  /** What was written before survived: 0 if all is gone, the moment of the snapshot if one was restored. */
  writtenSinceMs: moment,
})

/** Whoever makes the faults has seen everything work again. */
const recovered = z.strictObject({ kind: z.literal('recovered'), atMs: moment })

/** Which replicas there are: what is promised is promised for every one of them. */
const world = z.strictObject({ kind: z.literal('world'), replicas: z.array(name).min(1), title: z.string() })

const entry = z.discriminatedUnion('kind', [
  world,
  session,
  token,
  revocation,
  check,
  forcedLogin,
  oneTime,
  refresh,
  fault,
  dataLoss,
  recovered,
])

export type SessionEntry = z.infer<typeof session>
export type TokenEntry = z.infer<typeof token>
export type RevocationEntry = z.infer<typeof revocation>
export type CheckEntry = z.infer<typeof check>
export type ForcedLoginEntry = z.infer<typeof forcedLogin>
export type OneTimeEntry = z.infer<typeof oneTime>
export type RefreshEntry = z.infer<typeof refresh>
export type FaultEntry = z.infer<typeof fault>
export type DataLossEntry = z.infer<typeof dataLoss>
export type RecoveredEntry = z.infer<typeof recovered>
export type WorldEntry = z.infer<typeof world>

/** One thing that happened. */
export type Entry = z.infer<typeof entry>

/** What happened, in any order: moments say what came before what. */
export type History = readonly Entry[]

/** The text is no history, and nothing can be concluded from it. */
export class HistoryError extends Error {
  override readonly name = 'HistoryError'
}

/** Writes an entry as one line of JSON, newline included. */
export function formatEntry(written: Entry): string {
  return `${JSON.stringify(written)}\n`
}

/** Reads a history from JSON lines. Throws a HistoryError that names the line that is none, a cut-off last one too. */
export function parseHistory(text: string): History {
  const lines = text.split('\n')
  if (lines.at(-1) === '') lines.pop()
  return lines.map((line, index) => {
    const result = entry.safeParse(parsedJson(line))
    if (result.success) return result.data
    throw new HistoryError(`line ${index + 1} is no entry of a history: ${z.prettifyError(result.error)}`)
  })
}

function parsedJson(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

import { z } from 'zod'
import { codeKey } from './code-key.ts'
import type { LoginPorts } from './login-ports.ts'

/** Life of a one-time code. */
const CODE_SECONDS = 60

const schema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('login'),
    application: z.string(),
    host: z.string(),
    flow: z.string(),
    flowProof: z.string(),
    round: z.number().int(),
    sid: z.string(),
    /** Longest life of the app token that the deciding policy allows. */
    sessionSeconds: z.number().optional(),
  }),
  z.strictObject({
    kind: z.literal('logout'),
    host: z.string(),
    provider: z.string(),
    isEverywhere: z.boolean(),
    sealedIdToken: z.string().optional(),
  }),
])

/** What a one-time code stands for: signing in to one app's host, or finishing a logout that began on one. */
export type CodeRecord = z.infer<typeof schema>

/** Stores a record for a minute. The store knows only the hash of the code. Throws `StoreUnavailableError`. */
export async function issueCode(ports: LoginPorts, record: CodeRecord): Promise<string> {
  const code = ports.randomBytes(32).toString('base64url')
  await ports.codes.put(keyOf(code), JSON.stringify(record), CODE_SECONDS)
  return code
}

/** Takes the record of a code; whoever comes second gets nothing. Throws `StoreUnavailableError`. */
export async function takeCode<Kind extends CodeRecord['kind']>(
  ports: LoginPorts,
  kind: Kind,
  code: string | null,
): Promise<Extract<CodeRecord, { kind: Kind }> | undefined> {
  if (code === null || !/^[A-Za-z0-9_-]{43}$/.test(code)) return undefined
  const text = await ports.codes.take(keyOf(code))
  if (text === undefined) return undefined
  const record = schema.safeParse(jsonOf(text)).data
  return record?.kind === kind ? (record as Extract<CodeRecord, { kind: Kind }>) : undefined
}

function keyOf(code: string): string {
  return codeKey('one-time-code', code)
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Written by somebody else: the schema refuses it like any other stranger.
    return undefined
  }
}

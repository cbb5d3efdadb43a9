import { z } from 'zod'
import { readCookie } from '../policy/cookies.ts'
import { open, seal } from '../tokens/seal.ts'
import { clearCookie, cookieId, evictOldest, isCookieId, setCookie, transactionCookiePrefix } from './cookie.ts'
import type { LoginPorts } from './login-ports.ts'
import { sessionIdHash } from './signed-in.ts'
import type { Visit } from './visit.ts'

const LIFETIME_SECONDS = 600
/** `state` outlives the cookie, so that a lost transaction can still be told from a forged one. */
const STATE_LIFETIME_SECONDS = 3600

const transactionSchema = z.strictObject({
  /** Stands in the one `state` that was made with it, too: neither counts with another. */
  id: z.string(),
  /** The provider's settings at the time: an answer is not judged by others. */
  revision: z.string(),
  nonce: z.string(),
  verifier: z.string(),
  switchAccount: z.boolean(),
  /** Hash of the session id that the browser had, to tell it from one that another tab begins meanwhile. */
  sidBefore: z.string().optional(),
})

/** One attempt at one provider, sealed in a cookie of its own, so that tabs do not disturb one another. */
export type Transaction = z.infer<typeof transactionSchema>

const stateSchema = z.strictObject({
  transaction: z.string(),
  provider: z.string(),
  /** The login request, still sealed; undefined: the launcher. */
  request: z.string().optional(),
  /** How often the auth host has sent this visitor already. */
  round: z.number().int(),
})

/** What travels through the provider. It names application and flow too, for the case that the cookie is lost. */
export type State = z.infer<typeof stateSchema>

/** Starts an attempt: what the provider is to be asked with, and the cookies to set. */
export async function beginTransaction(
  ports: LoginPorts,
  visit: Visit,
  begin: {
    readonly provider: string
    readonly revision: string
    readonly request: string | undefined
    readonly round: number
    readonly switchAccount: boolean
  },
): Promise<{ state: string; transaction: Transaction; cookies: (readonly [string, string])[] }> {
  const id = cookieId(ports.now(), ports.randomBytes)
  const content: State = {
    transaction: id,
    provider: begin.provider,
    round: begin.round,
    ...(begin.request ? { request: begin.request } : {}),
  }
  const state = await seal(ports.keyRing(), 'state', content, ports.now() + STATE_LIFETIME_SECONDS * 1000)
  const sidBefore = sessionIdHash(ports, visit)
  const transaction: Transaction = {
    id,
    revision: begin.revision,
    nonce: ports.randomBytes(16).toString('base64url'),
    verifier: ports.randomBytes(32).toString('base64url'),
    switchAccount: begin.switchAccount,
    ...(sidBefore === undefined ? {} : { sidBefore }),
  }
  const sealed = await seal(ports.keyRing(), 'transaction', transaction, ports.now() + LIFETIME_SECONDS * 1000)
  const prefix = transactionCookiePrefix(ports.cookieStyle)
  const cookie = setCookie(ports.cookieStyle, prefix + id, sealed, {
    maxAgeSeconds: LIFETIME_SECONDS,
    sameSite: 'None',
  })
  const evicted = evictOldest(ports.cookieStyle, visit.cookies, prefix, cookie[1].length)
  return { state, transaction, cookies: [...evicted, cookie] }
}

/** What a `state` that came back says; undefined if it is not ours or too old. */
export async function openState(ports: LoginPorts, state: string): Promise<State | undefined> {
  return stateSchema.safeParse(await open(ports.keyRing(), 'state', state, ports.now())).data
}

/** The transaction that a state belongs to, if this browser began it. */
export async function readTransaction(ports: LoginPorts, visit: Visit, state: State): Promise<Transaction | undefined> {
  if (!isCookieId(state.transaction)) return undefined
  const cookie = readCookie(visit.cookies, transactionCookiePrefix(ports.cookieStyle) + state.transaction)
  if (cookie === undefined || cookie === 'doubled') return undefined
  const opened = transactionSchema.safeParse(await open(ports.keyRing(), 'transaction', cookie.value, ports.now())).data
  return opened?.id === state.transaction ? opened : undefined
}

/** The header that takes the transaction's cookie away. */
export function clearTransaction(ports: LoginPorts, state: State): readonly [string, string] {
  return clearCookie(ports.cookieStyle, transactionCookiePrefix(ports.cookieStyle) + state.transaction)
}

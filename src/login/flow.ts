import { createHash, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'
import { cookieNames, readCookie } from '../policy/cookies.ts'
import { open, seal } from '../tokens/seal.ts'
import { clearCookie, cookieId, evictOldest, flowCookiePrefix, isCookieId, setCookie } from './cookie.ts'
import type { LoginPorts } from './login-ports.ts'
import type { Visit } from './visit.ts'

const LIFETIME_SECONDS = 600
/** How long a finished login is remembered, to notice that the app token does not come back. */
const FINISHED_SECONDS = 30

const schema = z.strictObject({
  nonce: z.string(),
  returnTo: z.string(),
  round: z.number().int(),
  isFinished: z.boolean(),
})

/** One login as the app's host remembers it, in a cookie: proof of the browser that began it, and where it returns to. */
export type Flow = z.infer<typeof schema>

type SetCookies = (readonly [string, string])[]

/** Begins a flow: its id, the proof to send along, and the cookies to set. */
export async function beginFlow(
  ports: LoginPorts,
  visit: Visit,
  returnTo: string,
  round: number,
): Promise<{ id: string; proof: string; cookies: SetCookies }> {
  const id = cookieId(ports.now(), ports.randomBytes)
  const flow: Flow = { nonce: ports.randomBytes(16).toString('base64url'), returnTo, round, isFinished: false }
  const cookie = await flowCookie(ports, id, flow, LIFETIME_SECONDS)
  const prefix = flowCookiePrefix(ports.cookieStyle)
  const evicted = evictOldest(ports.cookieStyle, visit.cookies, prefix, cookie[1].length)
  return { id, proof: proofOf(flow), cookies: [...evicted, cookie] }
}

/** The flow of this id, if the browser that asks is the one that began it. */
export async function readFlow(ports: LoginPorts, visit: Visit, id: string): Promise<Flow | undefined> {
  if (!isCookieId(id)) return undefined
  const cookie = readCookie(visit.cookies, flowCookiePrefix(ports.cookieStyle) + id)
  if (cookie === undefined || cookie === 'doubled') return undefined
  return schema.safeParse(await open(ports.keyRing(), 'flow', cookie.value, ports.now())).data
}

/** The cookie that marks a flow as finished, shortly remembered. */
export async function finishFlow(ports: LoginPorts, id: string, flow: Flow): Promise<readonly [string, string]> {
  return flowCookie(ports, id, { ...flow, isFinished: true }, FINISHED_SECONDS)
}

/**
 * How often a login for this address has just been finished in this browser. It is asked for again only if the app token
 * did not come back.
 */
export async function roundsFinished(ports: LoginPorts, visit: Visit, returnTo: string): Promise<number> {
  const prefix = flowCookiePrefix(ports.cookieStyle)
  const ids = [...new Set(cookieNames(visit.cookies, prefix))].slice(0, 16).map((name) => name.slice(prefix.length))
  const flows = await Promise.all(ids.map((id) => readFlow(ports, visit, id)))
  const rounds = flows.filter((flow) => flow?.isFinished && flow.returnTo === returnTo).map((flow) => flow?.round ?? 0)
  return rounds.length === 0 ? 0 : Math.max(...rounds) + 1
}

/** The header that takes the cookie of one flow away. */
export function clearFlow(ports: LoginPorts, id: string): readonly [string, string] {
  return clearCookie(ports.cookieStyle, flowCookiePrefix(ports.cookieStyle) + id)
}

/** Headers that take every flow cookie of this browser away. */
export function clearFlows(ports: LoginPorts, visit: Visit): SetCookies {
  const names = new Set(cookieNames(visit.cookies, flowCookiePrefix(ports.cookieStyle)))
  return [...names].slice(0, 32).map((name) => clearCookie(ports.cookieStyle, name))
}

/** What the auth host is told of a flow's nonce. */
export function proofOf({ nonce }: Flow): string {
  return createHash('sha256').update(nonce).digest('base64url')
}

/** Whether a proof is that of this flow, in constant time. */
export function isProofOf(flow: Flow, proof: string): boolean {
  const [expected, actual] = [Buffer.from(proofOf(flow)), Buffer.from(proof)]
  return expected.length === actual.length && timingSafeEqual(expected, actual)
}

async function flowCookie(
  ports: LoginPorts,
  id: string,
  flow: Flow,
  seconds: number,
): Promise<readonly [string, string]> {
  const sealed = await seal(ports.keyRing(), 'flow', flow, ports.now() + seconds * 1000)
  return setCookie(ports.cookieStyle, flowCookiePrefix(ports.cookieStyle) + id, sealed, {
    maxAgeSeconds: seconds,
    sameSite: 'Lax',
  })
}

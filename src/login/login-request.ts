import { z } from 'zod'
import { open, seal } from '../tokens/seal.ts'
import type { LoginPorts } from './login-ports.ts'

/** How often one login may come round without a cookie before the visitor is told that cookies are blocked. */
export const MAX_ROUNDS = 3

/** Longest time between asking for an app and being signed in to it. */
const LIFETIME_MS = 60 * 60 * 1000

const schema = z.strictObject({
  /** `namespace/name` of the application that somebody wants to open. */
  application: z.string(),
  host: z.string(),
  /** Id of the flow cookie on the app's host, and the hash of the nonce in it. */
  flow: z.string(),
  flowProof: z.string(),
  round: z.number().int(),
})

/** What a visitor brings from an app's host to the auth host: which app, and which browser asked. Sealed, in the URL. */
export type LoginRequest = z.infer<typeof schema>

export async function sealRequest(ports: LoginPorts, request: LoginRequest): Promise<string> {
  return seal(ports.keyRing(), 'request', request, ports.now() + LIFETIME_MS)
}

/** Undefined if it is not ours or too old. */
export async function openRequest(ports: LoginPorts, sealed: string): Promise<LoginRequest | undefined> {
  return schema.safeParse(await open(ports.keyRing(), 'request', sealed, ports.now())).data
}

/** The same request, come round once more. */
export function nextRound(request: LoginRequest): LoginRequest {
  return { ...request, round: request.round + 1 }
}

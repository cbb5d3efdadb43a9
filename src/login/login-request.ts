import { z } from 'zod'
import { open, seal } from '../tokens/seal.ts'
import type { LoginPorts } from './login-ports.ts'

/** Longest time between asking for an app and being signed in to it. */
const LIFETIME_MS = 60 * 60 * 1000

const schema = z.strictObject({
  /** `namespace/name` of the application that somebody wants to open. */
  application: z.string(),
  host: z.string(),
  /** Id of the flow cookie on the app's host, and the hash of the nonce in it. */
  flow: z.string(),
  flowProof: z.string(),
  /** How often the app's host has sent this visitor already. */
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

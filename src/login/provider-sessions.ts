import { codeKey } from './code-key.ts'
import type { LoginPorts } from './login-ports.ts'

/** A session at a provider, by the provider's own id. */
export interface ProviderSession {
  readonly provider: string
  readonly providerSid: string
}

/**
 * Notes that somebody has signed in with a session of a provider's. A front-channel logout comes from anybody who knows an
 * address, so only sessions that are noted are revoked: otherwise whoever likes could fill the store with revocations.
 *
 * @throws StoreUnavailableError if the store gives no answer
 */
export async function noteProviderSession(ports: LoginPorts, session: ProviderSession, seconds: number): Promise<void> {
  await ports.codes.replace(keyOf(session), 'signed-in', seconds)
}

/** Whether a session is noted; it is not any more then. Throws `StoreUnavailableError`. */
export async function takeProviderSession(ports: LoginPorts, session: ProviderSession): Promise<boolean> {
  return (await ports.codes.take(keyOf(session))) !== undefined
}

function keyOf({ provider, providerSid }: ProviderSession): string {
  return codeKey('provider-session', provider, providerSid)
}

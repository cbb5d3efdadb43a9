import { createHash } from 'node:crypto'
import { CodeNotStorableError } from './code-store.ts'
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
  const key = keyOf('provider-session', session)
  await ports.codes.take(key)
  try {
    await ports.codes.put(key, 'signed-in', seconds)
  } catch (error) {
    // Another login with the same session of the provider's was quicker: it is noted.
    if (!(error instanceof CodeNotStorableError)) throw error
  }
}

/** Whether a session is noted; it is not any more then. Throws `StoreUnavailableError`. */
export async function takeProviderSession(ports: LoginPorts, session: ProviderSession): Promise<boolean> {
  return (await ports.codes.take(keyOf('provider-session', session))) !== undefined
}

function keyOf(kind: string, { provider, providerSid }: ProviderSession): string {
  return createHash('sha256')
    .update(JSON.stringify([kind, provider, providerSid]))
    .digest('base64url')
}

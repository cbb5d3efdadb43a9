import type { Events } from '../../src/observe/events.ts'
import { createProviders } from '../../src/providers/index.ts'
import type { LoginAttempt, OidcProvider, ProviderSettings, Refreshed, SignIn } from '../../src/providers/provider.ts'
import { oidcSettings } from '../../src/providers/settings.ts'

export type ProviderCall = Parameters<Events['providerCalled']>[0]

export const attempt: LoginAttempt = {
  state: 'the-state-of-this-login',
  nonce: 'the-nonce-of-this-login',
  verifier: 'v'.repeat(43),
  redirectUri: 'https://auth.example.com/callback/main',
  switchAccount: false,
}

/** Settings of a provider called `main`, with a client secret. */
export function settingsFor(issuer: string, more: Record<string, unknown> = {}): ProviderSettings {
  const oidc = oidcSettings.parse({ issuer, clientID: 'gatehouse', clientSecretRef: { name: 'a', key: 'b' }, ...more })
  return {
    name: 'main',
    displayName: 'Main',
    type: 'OIDC',
    oidc,
    clientSecret: oidc.clientSecretRef && 'correct horse / battery',
  }
}

/** One provider out of a registry, with everything it reports and a clock that can be moved. */
export function providerFor(settings: ProviderSettings, timeoutMs?: number) {
  const calls: ProviderCall[] = []
  const clock = { offsetMs: 0 }
  const providers = createProviders({
    events: { providerCalled: (call) => void calls.push(call) },
    now: () => Date.now() + clock.offsetMs,
    allowHttpLocalhost: true,
    timeoutMs,
  })
  providers.replace([settings])
  return { provider: providers.get(settings.name) as OidcProvider, providers, calls, clock }
}

/** A refresh with what a login brought, and the refresh tokens that were given to be kept. */
export async function refreshed(provider: OidcProvider, signIn: SignIn, refreshToken = signIn.refreshToken ?? '') {
  const kept: string[] = []
  const outcome = provider.refresh({
    refreshToken,
    identity: signIn.identity,
    idToken: signIn.idToken,
    keep: async (token) => void kept.push(token),
  })
  return { kept, outcome }
}

/** Expects that the provider vouched for the person. */
export function renewed(outcome: Refreshed) {
  if (outcome.kind !== 'renewed') throw new Error('it was not renewed')
  return outcome
}

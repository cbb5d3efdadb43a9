import type { Identity } from '../../src/policy/identity.ts'
import type { Providers } from '../../src/providers/index.ts'
import {
  type LoginAttempt,
  type LogoutToken,
  type OidcProvider,
  ProviderError,
  type SignIn,
} from '../../src/providers/provider.ts'
import { isProviderReason } from '../../src/providers/reasons.ts'
import { sampleIdentity } from '../policy/sample.ts'

/** A provider that does as it is told, and remembers what it was asked. */
export interface ScriptedProvider extends OidcProvider {
  /** Every call of `complete`, with what was brought to it. */
  readonly completed: { readonly attempt: LoginAttempt; readonly code: string | null }[]
  readonly attempts: LoginAttempt[]
  /** Every call of `endSessionUrl`. */
  readonly ended: Parameters<OidcProvider['endSessionUrl']>[0][]
  /** Logout tokens that it takes for its own, by their text. */
  readonly logoutTokens: Map<string, LogoutToken>
  /** What the next sign-ins bring besides the identity. */
  gives: Partial<Pick<SignIn, 'providerSid' | 'refreshToken' | 'expiresAtMs'>>
  isReachable: boolean
  /** Origin of its end-session endpoint; undefined: it has none. */
  endSession: string | undefined
  revision: string
}

/**
 * Its authorization endpoint is `https://<name>.idp.test/authorize`. A `code` that is the name of a person signs that
 * person in, once; a code that is a reason of providers fails with it.
 */
export function scriptedProvider(name: string, displayName = name): ScriptedProvider {
  const used = new Set<string>()
  const provider: ScriptedProvider = {
    name,
    displayName,
    issuer: `https://${name}.idp.test`,
    revision: 'r'.repeat(43),
    attempts: [],
    completed: [],
    ended: [],
    logoutTokens: new Map(),
    gives: {},
    isReachable: true,
    endSession: undefined,
    async authorizationUrl(attempt) {
      if (!provider.isReachable) throw new ProviderError('provider-unreachable', 'told so')
      provider.attempts.push(attempt)
      const url = new URL(`https://${name}.idp.test/authorize`)
      url.search = new URLSearchParams({
        state: attempt.state,
        redirect_uri: attempt.redirectUri,
        ...(attempt.switchAccount ? { prompt: 'select_account' } : {}),
      }).toString()
      return url
    },
    async complete(attempt, { url, body }) {
      const answer = new URLSearchParams(body ?? url.search)
      const code = answer.get('code')
      provider.completed.push({ attempt, code })
      const reason = answer.get('error') === 'access_denied' ? 'provider-access-denied' : code
      if (reason === null || answer.get('state') !== attempt.state) {
        throw new ProviderError('provider-response-invalid', 'told so')
      }
      if (isProviderReason(reason)) throw new ProviderError(reason, 'told so')
      if (used.has(`${attempt.nonce} ${code}`)) throw new ProviderError('provider-code-refused', 'used up')
      used.add(`${attempt.nonce} ${code}`)
      return {
        identity: personCalled(reason, name),
        idToken: `id-token-of-${reason}`,
        providerSid: undefined,
        refreshToken: undefined,
        expiresAtMs: undefined,
        ...provider.gives,
      }
    },
    async refresh() {
      throw new ProviderError('provider-unreachable', 'told so')
    },
    async verifyLogoutToken(token) {
      if (!provider.isReachable) throw new ProviderError('provider-unreachable', 'told so')
      const found = provider.logoutTokens.get(token)
      if (found === undefined) throw new ProviderError('provider-logout-invalid', 'told so')
      return found
    },
    async endSessionUrl(parameters) {
      provider.ended.push(parameters)
      if (!provider.isReachable) throw new ProviderError('provider-unreachable', 'told so')
      if (provider.endSession === undefined) return undefined
      const url = new URL('/end', provider.endSession)
      url.searchParams.set('post_logout_redirect_uri', parameters.postLogoutRedirectUri)
      if (parameters.state !== undefined) url.searchParams.set('state', parameters.state)
      if (parameters.idToken !== undefined) url.searchParams.set('id_token_hint', parameters.idToken)
      return url
    },
    endSessionOrigin: () => provider.endSession,
    warm() {},
  }
  return provider
}

/** The identity that a scripted provider vouches for. */
export function personCalled(person: string, provider = 'corporate'): Identity {
  return sampleIdentity({
    provider,
    subject: Buffer.from(`${provider}/${person}`).toString('base64url'),
    email: `${person}@example.com`,
    name: undefined,
    preferredUsername: person,
  })
}

/** A registry of these providers; `splice` the list to change it. */
export function registryOf(providers: readonly OidcProvider[]): Providers {
  return {
    replace() {
      throw new Error('scripted providers are not configured')
    },
    get: (name) => providers.find((provider) => provider.name === name),
    list: () => providers,
    endSessionOrigins: () =>
      providers.map((provider) => provider.endSessionOrigin()).filter((origin) => origin !== undefined),
  }
}

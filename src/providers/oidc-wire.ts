import * as client from 'openid-client'
import type { Claims } from './claim-set.ts'
import type { Step } from './oidc-failure.ts'
import type { CallInit, ProviderFetch } from './oidc-fetch.ts'
import type { KeyCache } from './oidc-keys.ts'
import type { ProviderMetadata } from './oidc-metadata.ts'
import { ProviderError } from './provider.ts'
import { authMethodOf, type OidcSettings } from './settings.ts'
import { keyIdOf } from './signed-token.ts'

export const LEEWAY_SECONDS = 30
const MAX_SUBJECT = 1024

/** What one exchange works with; made anew for each, since it carries that exchange's deadline. */
export interface ExchangePorts {
  readonly metadata: ProviderMetadata
  readonly settings: OidcSettings
  readonly clientSecret: string | undefined
  readonly call: ProviderFetch
  readonly keys: KeyCache
  readonly now: () => number
  readonly signal: AbortSignal
  readonly allowHttpLocalhost: boolean
}

/** openid-client's settings for this provider; calls that it makes go through `fetch`. */
export function configurationOf(
  ports: Omit<ExchangePorts, 'call' | 'keys' | 'signal'>,
  fetch?: client.CustomFetch,
): client.Configuration {
  const { metadata, settings, clientSecret, now } = ports
  const clock = { [client.clockSkew]: Math.round((now() - Date.now()) / 1000), [client.clockTolerance]: LEEWAY_SECONDS }
  const configuration = new client.Configuration(
    metadata as client.ServerMetadata,
    settings.clientID,
    clock,
    clientAuthOf(settings, clientSecret),
  )
  // Our own deadline stands in every call.
  configuration.timeout = 0
  if (fetch !== undefined) configuration[client.customFetch] = fetch
  // Whether http is admissible is decided for each address before it is called.
  if (ports.allowHttpLocalhost) client.allowInsecureRequests(configuration)
  client.enableNonRepudiationChecks(configuration)
  return configuration
}

function clientAuthOf(settings: OidcSettings, secret: string | undefined): client.ClientAuth {
  const method = authMethodOf(settings)
  if (method === 'None') return client.None()
  if (secret === undefined || secret === '') {
    throw new ProviderError('provider-client-refused', 'there is no client secret')
  }
  return method === 'ClientSecretPost' ? client.ClientSecretPost(secret) : client.ClientSecretBasic(secret)
}

/** The calls of one exchange, and how far it has come. */
export interface Wire {
  readonly step: () => Step
  readonly advance: (step: Step) => void
  readonly configuration: () => client.Configuration
}

/**
 * Serves openid-client's calls: keys come from our cache, for the key that the token in the last answer names; everything
 * else goes out through the guarded fetch.
 *
 * @param keep given the refresh token of an answer of the token endpoint before anything else is made of that answer, so that
 *   no failure further on can lose it; it must not throw
 */
export function wireOf(ports: ExchangePorts, keep?: (refreshToken: string) => Promise<void>): Wire {
  const { metadata, call, keys, signal } = ports
  const keysAddress = new URL(metadata.jwks_uri).href
  let step: Step = 'response'
  let keyId: string | undefined

  const fetch: client.CustomFetch = async (address, options) => {
    if (options.method === 'GET' && address === keysAddress) {
      if (step === 'token') step = 'signature'
      return Response.json({ keys: await keys.get(metadata.jwks_uri, keyId, signal) })
    }
    if (step === 'response') step = 'token'
    const isUserinfo = step === 'userinfo'
    let refreshToken: string | undefined
    try {
      return await call(isUserinfo ? 'userinfo' : 'token', address, options as CallInit, signal, async (response) => {
        const { signed, refresh } = await tokensIn(response)
        refreshToken = refresh
        if (signed !== undefined) {
          keyId = keyIdOf(
            signed,
            isUserinfo
              ? metadata.userinfo_signing_alg_values_supported
              : metadata.id_token_signing_alg_values_supported,
          )
        }
        return response
      })
    } finally {
      if (!isUserinfo && refreshToken !== undefined) await keep?.(refreshToken)
    }
  }
  return {
    step: () => step,
    advance: (next) => {
      step = next
    },
    configuration: () => configurationOf(ports, fetch),
  }
}

/**
 * The token whose signature will have to be verified, the ID token or a userinfo answer that is itself a JWT, and the refresh
 * token.
 */
async function tokensIn(response: Response): Promise<{ signed?: string | undefined; refresh?: string | undefined }> {
  if (response.status !== 200) return {}
  const text = await response.clone().text()
  if (response.headers.get('content-type')?.startsWith('application/jwt')) return { signed: text }
  try {
    const body: unknown = JSON.parse(text)
    return { signed: textIn(body, 'id_token'), refresh: textIn(body, 'refresh_token') }
  } catch (error) {
    // openid-client reports it, knowing what was expected.
    if (error instanceof SyntaxError) return {}
    throw error
  }
}

function textIn(body: unknown, name: string): string | undefined {
  if (typeof body !== 'object' || body === null || !Object.hasOwn(body, name)) return undefined
  const value = (body as Record<string, unknown>)[name]
  return typeof value === 'string' && value !== '' ? value : undefined
}

/**
 * What userinfo says, where it is to be asked and the provider has one.
 *
 * @param subject who it must speak of; undefined: the caller looks at its `sub`
 */
export async function userinfoOf(
  { metadata, settings }: ExchangePorts,
  wire: Wire,
  accessToken: string,
  subject: string | undefined,
): Promise<Claims | undefined> {
  if (!settings.requestUserinfo || metadata.userinfo_endpoint === undefined) return undefined
  wire.advance('userinfo')
  // A configuration of its own, since openid-client keeps the keys of the ID token in the other.
  return client.fetchUserInfo(wire.configuration(), accessToken, subject ?? client.skipSubjectCheck)
}

/** What openid-client leaves open: `azp` beside a single audience, an `iat` to come, a subject without end. */
export function checkIdToken(claims: client.IDToken, { settings, now }: Pick<ExchangePorts, 'settings' | 'now'>): void {
  if (claims.azp !== undefined && claims.azp !== settings.clientID) throw wrongToken('azp is another client')
  if (claims.iat > now() / 1000 + LEEWAY_SECONDS) throw wrongToken('iat lies in the future')
  if (!isUsableSubject(claims.sub)) throw wrongToken('sub is not usable')
}

/** Whether a `sub` can name a person. */
export function isUsableSubject(sub: unknown): sub is string {
  return typeof sub === 'string' && sub !== '' && sub.length <= MAX_SUBJECT && sub.isWellFormed()
}

/** When the access token of an answer ends, in milliseconds since 1970; undefined if the provider does not say. */
export function expiryOf({ expires_in: seconds }: { readonly expires_in?: number | undefined }, now: number) {
  return seconds !== undefined && Number.isFinite(seconds) && seconds >= 0 ? now + seconds * 1000 : undefined
}

export function wrongToken(detail: string): ProviderError {
  return new ProviderError('provider-token-invalid', `token: ${detail}`)
}

import * as client from 'openid-client'
import type { Claims } from './claim-set.ts'
import type { Statements } from './claims.ts'
import { providerErrorOf, type Step } from './oidc-failure.ts'
import type { CallInit, ProviderFetch } from './oidc-fetch.ts'
import type { KeyCache } from './oidc-keys.ts'
import type { ProviderMetadata } from './oidc-metadata.ts'
import { type LoginAttempt, ProviderError } from './provider.ts'
import { authMethodOf, type OidcSettings } from './settings.ts'
import { keyIdOf } from './signed-token.ts'

const LEEWAY_SECONDS = 30
const MAX_SUBJECT = 1024

/** What one exchange works with; made anew for each, since it carries that login's deadline. */
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

export interface Exchanged extends Statements {
  /** The provider's own subject, verified. */
  readonly sub: string
  readonly rawIdToken: string
}

/**
 * Exchanges the code for an ID token that is verified (OpenID Connect Core 3.1.3.7: signature, algorithm, `iss`, `aud`,
 * `azp`, `exp`, `iat`, `nbf`, `nonce`; 30 seconds of leeway), and asks userinfo. Nothing is sent to the provider unless
 * `state` and `iss` (RFC 9207) of the response are right.
 *
 * @param parameters what the provider sent along with the browser
 * @throws ProviderError
 */
export async function exchange(
  ports: ExchangePorts,
  attempt: LoginAttempt,
  parameters: URLSearchParams,
): Promise<Exchanged> {
  const wire = wireOf(ports)
  try {
    const response = new URL(attempt.redirectUri)
    response.search = parameters.toString()
    const tokens = await client.authorizationCodeGrant(wire.configuration(), response, {
      pkceCodeVerifier: attempt.verifier,
      expectedState: attempt.state,
      expectedNonce: attempt.nonce,
      idTokenExpected: true,
    })
    const idToken = tokens.claims()
    if (idToken === undefined || tokens.id_token === undefined) throw wrongToken('there is no ID token')
    checkIdToken(idToken, ports)
    const userinfo = await userinfoOf(ports, wire, tokens.access_token, idToken.sub)
    return { idToken, userinfo, sub: idToken.sub, rawIdToken: tokens.id_token }
  } catch (error) {
    throw providerErrorOf(error, wire.step())
  }
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

interface Wire {
  readonly step: () => Step
  readonly advance: (step: Step) => void
  readonly configuration: () => client.Configuration
}

/**
 * Serves openid-client's calls: keys come from our cache, for the key that the token in the last answer names; everything
 * else goes out through the guarded fetch.
 */
function wireOf(ports: ExchangePorts): Wire {
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
    return call(isUserinfo ? 'userinfo' : 'token', address, options as CallInit, signal, async (response) => {
      const token = await signedTokenIn(response)
      if (token !== undefined) {
        keyId = keyIdOf(
          token,
          isUserinfo ? metadata.userinfo_signing_alg_values_supported : metadata.id_token_signing_alg_values_supported,
        )
      }
      return response
    })
  }
  return {
    step: () => step,
    advance: (next) => {
      step = next
    },
    configuration: () => configurationOf(ports, fetch),
  }
}

/** The token whose signature will have to be verified: the ID token, or a userinfo answer that is itself a JWT. */
async function signedTokenIn(response: Response): Promise<string | undefined> {
  if (response.status !== 200) return undefined
  const text = await response.clone().text()
  if (response.headers.get('content-type')?.startsWith('application/jwt')) return text
  try {
    const body: unknown = JSON.parse(text)
    const token = typeof body === 'object' && body !== null && 'id_token' in body ? body.id_token : undefined
    return typeof token === 'string' ? token : undefined
  } catch (error) {
    // openid-client reports it, knowing what was expected.
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

async function userinfoOf(
  { metadata, settings }: ExchangePorts,
  wire: Wire,
  accessToken: string,
  subject: string,
): Promise<Claims | undefined> {
  if (!settings.requestUserinfo || metadata.userinfo_endpoint === undefined) return undefined
  wire.advance('userinfo')
  // A configuration of its own, since openid-client keeps the keys of the ID token in the other.
  return client.fetchUserInfo(wire.configuration(), accessToken, subject)
}

/** What openid-client leaves open: `azp` beside a single audience, an `iat` to come, a subject without end. */
function checkIdToken(claims: client.IDToken, { settings, now }: ExchangePorts): void {
  if (claims.azp !== undefined && claims.azp !== settings.clientID) throw wrongToken('azp is another client')
  if (claims.iat > now() / 1000 + LEEWAY_SECONDS) throw wrongToken('iat lies in the future')
  if (claims.sub === '' || claims.sub.length > MAX_SUBJECT || !claims.sub.isWellFormed()) {
    throw wrongToken('sub is not usable')
  }
}

function wrongToken(detail: string): ProviderError {
  return new ProviderError('provider-token-invalid', `token: ${detail}`)
}

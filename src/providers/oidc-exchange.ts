import * as client from 'openid-client'
import type { Statements } from './claims.ts'
import { providerErrorOf } from './oidc-failure.ts'
import { checkIdToken, type ExchangePorts, expiryOf, userinfoOf, wireOf, wrongToken } from './oidc-wire.ts'
import type { LoginAttempt } from './provider.ts'

export interface Exchanged extends Statements {
  /** The provider's own subject, verified. */
  readonly sub: string
  readonly rawIdToken: string
  readonly refreshToken: string | undefined
  /** When the access token ends, in milliseconds since 1970; undefined if the provider does not say. */
  readonly expiresAtMs: number | undefined
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
    const expiresAtMs = expiryOf(tokens, ports.now())
    const idToken = tokens.claims()
    if (idToken === undefined || tokens.id_token === undefined) throw wrongToken('there is no ID token')
    checkIdToken(idToken, ports)
    const userinfo = await userinfoOf(ports, wire, tokens.access_token, idToken.sub)
    return {
      idToken,
      userinfo,
      sub: idToken.sub,
      rawIdToken: tokens.id_token,
      refreshToken: tokens.refresh_token,
      expiresAtMs,
    }
  } catch (error) {
    throw providerErrorOf(error, wire.step())
  }
}

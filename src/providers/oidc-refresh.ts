import * as client from 'openid-client'
import { type Claims, isRecord } from './claim-set.ts'
import { identityOf, type Statements } from './claims.ts'
import { providerErrorOf } from './oidc-failure.ts'
import {
  checkIdToken,
  type ExchangePorts,
  expiryOf,
  isUsableSubject,
  userinfoOf,
  wireOf,
  wrongToken,
} from './oidc-wire.ts'
import type { Refreshed, Renewal } from './provider.ts'
import { subjectOf } from './subject.ts'

/** About the act of signing in, which a refresh does not repeat: what is not said again stands. */
const OF_THE_SIGN_IN = ['sub', 'iss', 'aud', 'azp', 'amr', 'acr', 'auth_time', 'sid']

/**
 * Asks the provider for the person anew (OpenID Connect Core 12, RFC 6749 section 6). An ID token, if there is one, is verified
 * as at a login but for its nonce; it and userinfo must speak of the same person as before.
 *
 * @param provider name of the provider
 * @returns 'gone' if the provider no longer accepts the refresh token (`invalid_grant`)
 * @throws ProviderError
 */
export async function refresh(ports: ExchangePorts, provider: string, renewal: Renewal): Promise<Refreshed> {
  let refreshToken = renewal.refreshToken
  const wire = wireOf(ports, async (token) => {
    if (token === refreshToken) return
    refreshToken = token
    await renewal.keep(token)
  })
  const assertSamePerson = (sub: unknown) => {
    if (!isUsableSubject(sub) || subjectOf(provider, sub) !== renewal.identity.subject) {
      throw wrongToken('the refreshed sign-in is another person’s')
    }
  }
  try {
    const tokens = await client.refreshTokenGrant(wire.configuration(), renewal.refreshToken)
    const expiresAtMs = expiryOf(tokens, ports.now())
    const idToken = tokens.claims()
    if (idToken !== undefined) {
      checkIdToken(idToken, ports)
      assertSamePerson(idToken.sub)
    }
    const userinfo = await userinfoOf(ports, wire, tokens.access_token, idToken?.sub)
    if (userinfo !== undefined) assertSamePerson(userinfo.sub)
    const statements = statementsOf(renewal, idToken, userinfo)
    const { subject } = renewal.identity
    return {
      kind: 'renewed',
      identity:
        statements === undefined
          ? renewal.identity
          : identityOf(statements, { provider, subject, settings: ports.settings }),
      idToken: tokens.id_token,
      refreshToken,
      expiresAtMs,
    }
  } catch (error) {
    if (wire.step() === 'token' && isRefused(error)) return { kind: 'gone' }
    throw providerErrorOf(error, wire.step())
  }
}

function isRefused(error: unknown): boolean {
  return error instanceof client.ResponseBodyError && error.error === 'invalid_grant'
}

/**
 * What is said of the person by now. Where the provider gives no new ID token, what the last one said stands; undefined if
 * nothing has been said at all.
 */
function statementsOf(
  { identity, idToken: lastIdToken }: Renewal,
  idToken: Claims | undefined,
  userinfo: Claims | undefined,
): Statements | undefined {
  const last = lastIdToken === undefined ? undefined : claimsIn(lastIdToken)
  const signIn = only(OF_THE_SIGN_IN, last ?? identity.claims)
  if (idToken !== undefined) return { idToken: { ...signIn, ...idToken }, userinfo }
  if (userinfo === undefined) return undefined
  return { idToken: last ?? signIn, userinfo }
}

function only(names: readonly string[], claims: Claims): Claims {
  return Object.fromEntries(names.filter((name) => Object.hasOwn(claims, name)).map((name) => [name, claims[name]]))
}

/** The claims of a token that was verified when it came and has been kept sealed since. */
function claimsIn(token: string): Claims | undefined {
  const [, payload = ''] = token.split('.')
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString())
    return isRecord(claims) ? claims : undefined
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

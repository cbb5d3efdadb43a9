import { createLocalJWKSet, decodeProtectedHeader, errors, type JSONWebKeySet, type JWTPayload, jwtVerify } from 'jose'
import { isRecord } from './claim-set.ts'
import type { KeyCache } from './oidc-keys.ts'
import type { ProviderMetadata } from './oidc-metadata.ts'
import { isUsableSubject, LEEWAY_SECONDS } from './oidc-wire.ts'
import { type LogoutToken, ProviderError } from './provider.ts'
import { keyIdOf } from './signed-token.ts'

const EVENT = 'http://schemas.openid.net/event/backchannel-logout'
/** How old a token may be, however long it says that it is good for: so long is its `jti` remembered. */
const MAX_AGE_SECONDS = 300
const MAX_LENGTH = 16_384
const MAX_ID = 512
/** Lower case, without the `application/` that RFC 7515 section 4.1.9 lets anybody leave out. */
const TYPES: ReadonlySet<string> = new Set(['logout+jwt', 'jwt'])

/**
 * Verifies a logout token (OpenID Connect Back-Channel Logout 1.0, sections 2.4 and 2.6): signed by the provider with an
 * algorithm that its ID tokens may have; `iss`, `aud`, `exp`, an `iat` of the last 5 minutes, 30 seconds of leeway; the logout
 * event; `sub` or `sid`; a `jti`; no `nonce`, so that an ID token is never taken for one; no critical header. Whether the
 * `jti` has been seen before is for the caller to say.
 *
 * @throws ProviderError `provider-logout-invalid`, or what the fetching of the provider's keys throws
 */
export async function verifyLogoutToken(
  ports: {
    readonly metadata: ProviderMetadata
    readonly clientId: string
    readonly keys: KeyCache
    readonly now: () => number
    readonly signal: AbortSignal
  },
  token: string,
): Promise<LogoutToken> {
  const { metadata, clientId, keys, now, signal } = ports
  if (token.length > MAX_LENGTH) throw invalid('it is too long')
  const algorithms = metadata.id_token_signing_alg_values_supported
  const kid = acceptedKeyId(token, algorithms)
  const set = await keys.get(metadata.jwks_uri, kid, signal)
  try {
    const { payload } = await jwtVerify(token, createLocalJWKSet({ keys: set } as unknown as JSONWebKeySet), {
      algorithms: [...algorithms],
      issuer: metadata.issuer,
      audience: clientId,
      clockTolerance: LEEWAY_SECONDS,
      currentDate: new Date(now()),
      maxTokenAge: MAX_AGE_SECONDS,
      requiredClaims: ['iat', 'exp', 'jti', 'events'],
    })
    return logoutOf(payload, clientId)
  } catch (error) {
    // Not kept as cause: it holds the claims.
    if (error instanceof errors.JOSEError) throw invalid(error.code)
    // What the platform says of a published key that is none after all.
    if (error instanceof TypeError || error instanceof DOMException) {
      throw new ProviderError('provider-keys-invalid', `logout token: its key cannot be used (${error.name})`)
    }
    throw error
  }
}

/** Judges the header. What is wrong with it is a fault of this token and not of the provider's keys. */
function acceptedKeyId(token: string, algorithms: readonly string[]): string | undefined {
  try {
    const kid = keyIdOf(token, algorithms)
    const { typ, crit } = decodeProtectedHeader(token)
    if (crit !== undefined) throw invalid('it has a critical header')
    if (typ !== undefined && !isAcceptedType(typ)) throw invalid('it is a token of another type')
    return kid
  } catch (error) {
    if (!(error instanceof ProviderError) || error.reason === 'provider-logout-invalid') throw error
    throw invalid(error.message)
  }
}

function isAcceptedType(typ: unknown): boolean {
  return typeof typ === 'string' && TYPES.has(typ.toLowerCase().replace(/^application\//, ''))
}

function logoutOf({ sub, sid, jti, iat, exp, azp, nonce, events }: JWTPayload, clientId: string): LogoutToken {
  if (nonce !== undefined) throw invalid('it has a nonce')
  if (azp !== undefined && azp !== clientId) throw invalid('azp is another client')
  if (!isRecord(events) || !Object.hasOwn(events, EVENT) || !isRecord(events[EVENT])) {
    throw invalid('it has no logout event')
  }
  if (!isIdentifier(jti)) throw invalid('jti is not usable')
  if (sub !== undefined && !isUsableSubject(sub)) throw invalid('sub is not usable')
  if (sid !== undefined && !isIdentifier(sid)) throw invalid('sid is not usable')
  if (sub === undefined && sid === undefined) throw invalid('it names neither sub nor sid')
  if (iat === undefined || exp === undefined) throw invalid('it has no iat or no exp')
  // A second more, since moments are compared by whole seconds.
  const goodUntilMs = (Math.min(exp, iat + MAX_AGE_SECONDS) + LEEWAY_SECONDS + 1) * 1000
  return { sub, sid, jti, iat, exp, goodUntilMs }
}

/** Whether a `sid` or a `jti` can name something. */
export function isIdentifier(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= MAX_ID && value.isWellFormed()
}

function invalid(detail: string): ProviderError {
  return new ProviderError('provider-logout-invalid', `logout token: ${detail}`)
}

import {
  AuthorizationResponseError,
  ClientError,
  ResponseBodyError,
  WWWAuthenticateChallengeError,
} from 'openid-client'
import { printable } from './oidc-metadata.ts'
import { ProviderError } from './provider.ts'
import type { ProviderReason } from './reasons.ts'

/** How far a login has come, which tells what a failure is about. */
export type Step = 'response' | 'token' | 'signature' | 'userinfo'

const REASON_OF_STEP = {
  response: 'provider-response-invalid',
  token: 'provider-token-invalid',
  signature: 'provider-signature-invalid',
  userinfo: 'provider-userinfo-invalid',
} as const satisfies Record<Step, ProviderReason>

/** Codes with which openid-client says that an answer could not even be read. */
const UNREADABLE: ReadonlySet<string> = new Set([
  'OAUTH_RESPONSE_IS_NOT_CONFORM',
  'OAUTH_RESPONSE_IS_NOT_JSON',
  'OAUTH_PARSE_ERROR',
])

/** Error codes of RFC 6749, OpenID Connect Core 3.1.2.6 and their registry. */
const REASON_OF_CODE: ReadonlyMap<string, ProviderReason> = new Map([
  ['access_denied', 'provider-access-denied'],
  ['login_required', 'provider-login-required'],
  ['interaction_required', 'provider-login-required'],
  ['account_selection_required', 'provider-login-required'],
  ['consent_required', 'provider-login-required'],
  ['server_error', 'provider-failed'],
  ['temporarily_unavailable', 'provider-failed'],
  ['invalid_grant', 'provider-code-refused'],
  ['invalid_client', 'provider-client-refused'],
  ['unauthorized_client', 'provider-client-refused'],
  ['invalid_scope', 'provider-client-refused'],
  ['redirect_uri_mismatch', 'provider-client-refused'],
  ['unsupported_response_type', 'provider-client-refused'],
])

/**
 * What a failure of openid-client means to us. The provider's own words are cut to 200 printable characters and stand in the
 * message alone. The failure itself is not kept as `cause`: it holds codes, tokens and claims, which must not reach a log.
 */
export function providerErrorOf(error: unknown, step: Step): ProviderError {
  const own = ownErrorIn(error)
  if (own !== undefined) return own
  if (error instanceof AuthorizationResponseError || error instanceof ResponseBodyError) {
    const reason = REASON_OF_CODE.get(error.error) ?? 'provider-error'
    const description = error.error_description === undefined ? '' : `: ${printable(error.error_description)}`
    return new ProviderError(reason, `${step}: ${printable(error.error)}${description}`)
  }
  if (error instanceof WWWAuthenticateChallengeError) {
    const reason = step === 'userinfo' ? 'provider-userinfo-invalid' : 'provider-client-refused'
    return new ProviderError(reason, `${step}: HTTP ${error.status}`)
  }
  const code = error instanceof ClientError ? (error.code ?? '') : ''
  if (code === 'OAUTH_KEY_SELECTION_FAILED') {
    return new ProviderError('provider-key-unknown', `${step}: no published key fits`)
  }
  const reason = step !== 'response' && UNREADABLE.has(code) ? 'provider-answer-invalid' : REASON_OF_STEP[step]
  return new ProviderError(reason, `${step}: ${innermostMessage(error)}`)
}

/** openid-client wraps what our fetch throws. */
function ownErrorIn(error: unknown): ProviderError | undefined {
  for (let at = error, depth = 0; at instanceof Error && depth < 4; at = at.cause, depth += 1) {
    if (at instanceof ProviderError) return at
  }
  return undefined
}

/** A parser's message is passed over: it quotes what it could not parse. */
function innermostMessage(error: unknown): string {
  let found = error
  for (let depth = 0; depth < 4; depth += 1) {
    const inner: unknown = found instanceof Error ? found.cause : undefined
    if (!(inner instanceof Error) || inner instanceof SyntaxError) break
    found = inner
  }
  return printable(found instanceof Error ? found.message : String(found))
}

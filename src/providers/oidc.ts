import { createHash } from 'node:crypto'
import { buildAuthorizationUrl, buildEndSessionUrl, calculatePKCECodeChallenge } from 'openid-client'
import type { Events } from '../observe/events.ts'
import { identityOf } from './claims.ts'
import { isIdentifier, verifyLogoutToken } from './logout-token.ts'
import { exchange } from './oidc-exchange.ts'
import { before, providerFetch } from './oidc-fetch.ts'
import { keyCache } from './oidc-keys.ts'
import { metadataCache, type ProviderMetadata } from './oidc-metadata.ts'
import { refresh } from './oidc-refresh.ts'
import { configurationOf } from './oidc-wire.ts'
import { type LoginAttempt, type OidcProvider, ProviderError, type ProviderSettings } from './provider.ts'
import type { OidcSettings } from './settings.ts'
import { subjectOf } from './subject.ts'

/** How long one operation may take as a whole. */
export const OPERATION_TIMEOUT_MS = 4500

/** A provider may have used up a refresh token whose answer nobody waits for any more, so a refresh gets more time. */
const REFRESH_PATIENCE = 4
const MAX_ID_TOKEN_HINT = 6000
/** Sealed it has to fit into what is opened again. */
const MAX_REFRESH_TOKEN = 8192
const MAX_FORM = 65_536

export interface OidcPorts {
  readonly events: Pick<Events, 'providerCalled'>
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** Development mode: issuers may be `http://localhost` and `http://*.localhost`. */
  readonly allowHttpLocalhost: boolean
  /** How long one operation may take as a whole; default 4500. */
  readonly timeoutMs?: number | undefined
}

/** An OpenID provider: discovery and keys are fetched at `warm` or when first needed, and kept as long as the instance lives. */
export function oidcProvider(settings: ProviderSettings, ports: OidcPorts): OidcProvider {
  const { name, displayName, oidc, clientSecret } = settings
  const { now, allowHttpLocalhost, timeoutMs = OPERATION_TIMEOUT_MS } = ports
  const call = providerFetch({ provider: name, ...ports })
  const metadataOf = metadataCache({ issuer: oidc.issuer, call, now, allowHttpLocalhost, timeoutMs: timeoutMs * 0.9 })
  const keys = keyCache({ call, now, timeoutMs: timeoutMs * 0.9, renewalMs: timeoutMs / 3 })

  const base = (metadata: ProviderMetadata) => ({ metadata, settings: oidc, clientSecret, now, allowHttpLocalhost })
  const within = <T>(work: (signal: AbortSignal) => Promise<T>, ms = timeoutMs) => {
    const signal = AbortSignal.timeout(ms)
    return before(signal, work(signal))
  }

  return {
    name,
    displayName,
    issuer: oidc.issuer,
    revision: digest(JSON.stringify([name, oidc])),

    authorizationUrl: (attempt) =>
      within(async (signal) => {
        const metadata = await metadataOf.get(signal)
        return buildAuthorizationUrl(configurationOf(base(metadata)), await requestOf(attempt, oidc, metadata))
      }),

    complete: (attempt, callback) =>
      within(async (signal) => {
        if (callback.body !== undefined && callback.body.length > MAX_FORM) {
          throw new ProviderError('provider-response-invalid', 'response: the form is too large')
        }
        const parameters = new URLSearchParams(callback.body ?? callback.url.search)
        const metadata = await metadataOf.get(signal)
        const { sub, rawIdToken, refreshToken, expiresAtMs, ...statements } = await exchange(
          { ...base(metadata), call, keys, signal },
          attempt,
          parameters,
        )
        const { sid } = statements.idToken
        return {
          identity: identityOf(statements, { provider: name, subject: subjectOf(name, sub), settings: oidc }),
          idToken: atMost(MAX_ID_TOKEN_HINT, rawIdToken),
          providerSid: isIdentifier(sid) ? sid : undefined,
          refreshToken: atMost(MAX_REFRESH_TOKEN, refreshToken),
          expiresAtMs,
        }
      }),

    refresh: (renewal) =>
      within(async (signal) => {
        const ports = { ...base(await metadataOf.get(signal)), call, keys, signal }
        const refreshed = await refresh(ports, name, renewal)
        return refreshed.kind === 'gone'
          ? refreshed
          : { ...refreshed, idToken: atMost(MAX_ID_TOKEN_HINT, refreshed.idToken) }
      }, timeoutMs * REFRESH_PATIENCE),

    verifyLogoutToken: (token) =>
      within(async (signal) =>
        verifyLogoutToken(
          { metadata: await metadataOf.get(signal), clientId: oidc.clientID, keys, now, signal },
          token,
        ),
      ),

    async endSessionUrl({ idToken, postLogoutRedirectUri, state }) {
      const metadata = await within((signal) => metadataOf.get(signal)).catch(unlessProviderError)
      if (metadata?.end_session_endpoint === undefined) return undefined
      return buildEndSessionUrl(configurationOf(base(metadata)), {
        post_logout_redirect_uri: postLogoutRedirectUri,
        ...(idToken === undefined ? {} : { id_token_hint: idToken }),
        ...(state === undefined ? {} : { state }),
      })
    },

    endSessionOrigin() {
      const endpoint = metadataOf.known()?.end_session_endpoint
      return endpoint === undefined ? undefined : new URL(endpoint).origin
    },

    warm() {
      void within((signal) => metadataOf.get(signal)).catch(unlessProviderError)
    },
  }
}

async function requestOf(
  attempt: LoginAttempt,
  oidc: OidcSettings,
  metadata: ProviderMetadata,
): Promise<URLSearchParams> {
  const parameters = new URLSearchParams()
  for (const { name, value } of oidc.authorizationParameters) parameters.set(name, value)
  const ours = {
    scope: [...new Set(['openid', ...oidc.scopes])].join(' '),
    redirect_uri: attempt.redirectUri,
    state: attempt.state,
    nonce: attempt.nonce,
    code_challenge: await calculatePKCECodeChallenge(attempt.verifier),
    code_challenge_method: 'S256',
    ...(oidc.responseMode === 'FormPost' ? { response_mode: 'form_post' } : {}),
    ...promptOf(attempt, oidc, metadata),
  }
  for (const [name, value] of Object.entries(ours)) parameters.set(name, value)
  return parameters
}

function promptOf({ switchAccount }: LoginAttempt, oidc: OidcSettings, metadata: ProviderMetadata) {
  const prompts = [
    ...(switchAccount ? [switchPromptOf(oidc, metadata)] : []),
    ...(oidc.consentPrompt ? ['consent'] : []),
  ]
  return prompts.length === 0 ? {} : { prompt: prompts.join(' ') }
}

function switchPromptOf(oidc: OidcSettings, metadata: ProviderMetadata): 'login' | 'select_account' {
  if (oidc.switchAccountPrompt !== undefined) {
    return oidc.switchAccountPrompt === 'Login' ? 'login' : 'select_account'
  }
  return metadata.prompt_values_supported.includes('select_account') ? 'select_account' : 'login'
}

/** The failed call has been reported as an event already; there is nothing to send the browser to. */
function unlessProviderError(error: unknown): undefined {
  if (!(error instanceof ProviderError)) throw error
}

function atMost(length: number, token: string | undefined): string | undefined {
  return token !== undefined && token.length <= length ? token : undefined
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64url')
}

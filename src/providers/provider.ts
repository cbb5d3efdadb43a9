import type { Identity } from '../policy/identity.ts'
import type { ProviderReason } from './reasons.ts'
import type { OidcSettings } from './settings.ts'

/** An identity provider as configured, its secret already read. */
export interface ProviderSettings {
  readonly name: string
  readonly displayName: string
  readonly type: 'OIDC'
  readonly oidc: OidcSettings
  readonly clientSecret: string | undefined
}

/** One attempt at a login. The values are made and kept by the caller, at random, for this attempt alone. */
export interface LoginAttempt {
  readonly state: string
  readonly nonce: string
  /** The PKCE code verifier (RFC 7636), 43 to 128 characters. */
  readonly verifier: string
  /** Our callback of this provider; no other provider has the same. */
  readonly redirectUri: string
  /** The person asked for another account than the one the provider remembers. */
  readonly switchAccount: boolean
}

/** What a completed login proves. */
export interface SignIn {
  readonly identity: Identity
  /** For the provider's end-session endpoint; undefined if it is too long to be sent back in an address. */
  readonly idToken: string | undefined
}

/**
 * An OpenID provider. Every method ends within 4.5 seconds, whatever the provider does, and throws nothing but
 * `ProviderError` on account of the provider.
 */
export interface OidcProvider {
  readonly name: string
  readonly displayName: string
  /**
   * A digest of the settings that matter to a login under way, the same on every replica. A login that began under
   * another revision must be refused with `provider-gone`.
   */
  readonly revision: string
  /** Where to send the browser. Its discovery is the only call that this can need. */
  authorizationUrl(attempt: LoginAttempt): Promise<URL>
  /**
   * Turns the browser's return into an identity: state, `iss`, code, ID token, userinfo.
   *
   * @param callback the address the browser came back to and, after a form_post, the form as it was posted
   */
  complete(attempt: LoginAttempt, callback: { readonly url: URL; readonly body: string | undefined }): Promise<SignIn>
  /**
   * Where to send the browser to end the provider's own session (OpenID Connect RP-Initiated Logout).
   *
   * @returns undefined if the provider has no such endpoint, or cannot be asked now for the first time
   */
  endSessionUrl(parameters: {
    readonly idToken: string | undefined
    readonly postLogoutRedirectUri: string
    /** Comes back with the browser. */
    readonly state?: string | undefined
  }): Promise<URL | undefined>
  /** Origin of the provider's end-session endpoint, as far as known by now. */
  endSessionOrigin(): string | undefined
  /** Fetches in the background what the first login will need. */
  warm(): void
}

/** A login came to nothing on account of the provider. `reason` is stable and public; `message` is for logs only. */
export class ProviderError extends Error {
  override readonly name = 'ProviderError'
  readonly reason: ProviderReason

  constructor(reason: ProviderReason, message: string, options?: ErrorOptions) {
    super(message, options)
    this.reason = reason
  }
}

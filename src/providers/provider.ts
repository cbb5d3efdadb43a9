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
  /** What the provider calls its own session (`sid` of the ID token), by which it ends it later. */
  readonly providerSid: string | undefined
  /** With which to ask later whether the person is still the provider's; undefined if the provider gives none. */
  readonly refreshToken: string | undefined
  /** When the access token ends, in milliseconds since 1970; undefined if the provider does not say. */
  readonly expiresAtMs: number | undefined
}

/** What it takes to ask a provider for a person anew. */
export interface Renewal {
  readonly refreshToken: string
  /** As it was when the provider last vouched for it. Its `subject` has to stay. */
  readonly identity: Identity
  /** The last ID token, which was verified when it came; undefined if it has not been kept. */
  readonly idToken: string | undefined
  /**
   * Given the token that takes the place of `refreshToken`, as soon as it is known and before anything else is done: the old
   * one may be used up. Must not throw.
   */
  keep(refreshToken: string): Promise<void>
}

/** What a provider says of a person whom it vouched for before. */
export type Refreshed =
  | {
      readonly kind: 'renewed'
      readonly identity: Identity
      /** The new ID token, verified; undefined if there is none. */
      readonly idToken: string | undefined
      /** The one to ask with next, which may be the same. */
      readonly refreshToken: string
      readonly expiresAtMs: number | undefined
    }
  /** The provider no longer accepts the refresh token: the person, the consent or the session there has ended. */
  | { readonly kind: 'gone' }

/** A logout token of a provider, verified. At least one of `sub` and `sid` is there. */
export interface LogoutToken {
  /** The provider's own subject. */
  readonly sub: string | undefined
  readonly sid: string | undefined
  readonly jti: string
  /** Seconds since 1970, like `exp`. */
  readonly iat: number
  readonly exp: number
  /** From when on it would be refused for its age, in milliseconds since 1970. */
  readonly goodUntilMs: number
}

/**
 * An OpenID provider. Every method ends within 4.5 seconds (`refresh`: 18), whatever the provider does, and throws nothing
 * but `ProviderError` on account of the provider.
 */
export interface OidcProvider {
  readonly name: string
  readonly displayName: string
  readonly issuer: string
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
   * Asks with a refresh token what the provider says of a person now. Called again with the same token it may find that one
   * used up.
   */
  refresh(renewal: Renewal): Promise<Refreshed>
  /** Verifies what the provider posts to end sessions; whether it has come before is not looked at. */
  verifyLogoutToken(token: string): Promise<LogoutToken>
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

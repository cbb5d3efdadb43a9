/** X in "nothing issued to X before T counts any more". */
export type RevocationScope =
  /** One sign-in on the auth host. */
  | { readonly kind: 'session'; readonly sid: string }
  /** What the provider calls one session (`sid` of its ID token), however many of ours rest on it. */
  | { readonly kind: 'provider-session'; readonly provider: string; readonly providerSid: string }
  /** A person as one provider knows them. */
  | { readonly kind: 'subject'; readonly subject: string }
  /** Whoever has this address, or has had it since they signed in, in lower case, at whichever provider. */
  | { readonly kind: 'email'; readonly email: string }
  /** The app tokens of one application, by its key `namespace/name`. Sessions live on. */
  | { readonly kind: 'application'; readonly application: string }
  | { readonly kind: 'everybody' }

/** Nothing issued to the scope up to a moment of the store's clock counts any more. */
export interface Revocation {
  readonly scope: RevocationScope
  /** Milliseconds of the store's clock. Of several for one scope the latest counts. */
  readonly atMs: number
  /** From then on nothing that it could hit is alive. */
  readonly expiresAtMs: number
}

/** Of whom it is asked whether a revocation hits them. */
export interface RevocableSession {
  readonly sid: string
  /** Moment of the sign-in on the store's clock. */
  readonly createdAtMs: number
  /** The provider's own id of the session, if it named one. */
  readonly providerSid: string | undefined
  readonly identity: { readonly provider: string; readonly subject: string; readonly email: string | undefined }
  /** Addresses that the provider has given earlier. */
  readonly earlierEmails?: readonly string[] | undefined
}

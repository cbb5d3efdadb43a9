/** Who is asking, and how they proved it. Made once at login, by a provider; evaluated anew on every check. */
export interface Identity {
  /** Name of the `IdentityProvider` that vouches for the person. */
  readonly provider: string
  /** Derived from the provider's name and its stable subject, so that two providers never collide. */
  readonly subject: string
  /** In lower case. */
  readonly email: string | undefined
  /** True only if the provider says so of this address, or is trusted to hand out verified ones only. */
  readonly emailVerified: boolean
  readonly name: string | undefined
  readonly preferredUsername: string | undefined
  readonly groups: readonly string[]
  /** The provider left groups out because there were too many (`_claim_names`): a group not listed may still be held. */
  readonly groupsIncomplete: boolean
  /** What the provider said of the person (ID token and userinfo merged), for `claim` rules and custom claims. */
  readonly claims: Readonly<Record<string, unknown>>
}

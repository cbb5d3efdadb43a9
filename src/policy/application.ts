import type { Policy } from './policy.ts'

/** A host (or `*.` and a host) and a path prefix. */
export interface Destination {
  readonly host: string
  readonly path: string
}

export const IDENTITY_HEADERS = ['Assertion', 'User', 'Email', 'Groups', 'PreferredUsername', 'Cookie'] as const
export type IdentityHeader = (typeof IDENTITY_HEADERS)[number]

export const SAME_SITE = ['Strict', 'Lax', 'None'] as const
export type SameSite = (typeof SAME_SITE)[number]

/** What is protected, ready to be decided about. */
export interface Application {
  /** `namespace/name`. */
  readonly key: string
  readonly namespace: string
  readonly name: string
  /** 64 hex digits, derived from issuer, namespace and name. */
  readonly audience: string
  /** Name of the cookie that holds this application's token. */
  readonly cookieName: string
  readonly sameSite: SameSite
  readonly destinations: readonly Destination[]
  /** As the author ordered them. */
  readonly policies: readonly Policy[]
  /** The object, or something it refers to, is not valid: nobody is let in. */
  readonly isBroken: boolean
  /** Names of the providers a person may sign in with, in the order shown; undefined: whichever there are. */
  readonly identityProviders: readonly string[] | undefined
  /** Longest life of an app token; undefined: as long as the session. */
  readonly sessionSeconds: number | undefined
  /** Which headers an allow carries. */
  readonly identityHeaders: readonly IdentityHeader[]
  /** Whether the assertion names the groups. */
  readonly assertionGroups: boolean
  /** Claims of the identity that the assertion carries under `custom`. */
  readonly assertionClaims: readonly string[]
  /** The author's own words for the page of somebody who is refused. */
  readonly denyMessage: string | undefined
  /** How the launcher shows it; undefined: not at all. */
  readonly tile: Tile | undefined
}

export interface Tile {
  readonly title: string
  readonly description: string | undefined
}

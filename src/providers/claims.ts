import type { Identity } from '../policy/identity.ts'
import { boundClaims, type Claims, isRecord, mergeClaims, readClaim } from './claim-set.ts'
import type { OidcSettings } from './settings.ts'

const ADDRESS = /^[^\s\p{C}\ufffd@"(),:;<>[\\\]]+@[^\s\p{C}\ufffd@"(),:;<>[\\\]]+$/u
/** Lower case turns these two into ASCII letters, so that another person's address could be spelt with them. */
const TREACHEROUS = /[\u0130\u212a]/
const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufffd]/u
const EVERY_UNPRINTABLE = new RegExp(UNPRINTABLE, 'gu')

const MAX_EMAIL = 254
const MAX_NAME = 200
const MAX_GROUPS = 1000
const MAX_GROUP = 256

/** What a provider said of a person, once the ID token is verified. */
export interface Statements {
  readonly idToken: Claims
  readonly userinfo: Claims | undefined
}

/**
 * Maps what a provider says to an identity. Nothing in it is trusted to be of the right kind: what is not is left out, and
 * groups that had to be left out make `groupsIncomplete` true, so that neither an Allow nor a Deny rests on them.
 *
 * An email is verified if `trustEmail` is set, or if the ID token or userinfo says so of that very address (`true`, or the
 * text `"true"` that Amazon Cognito sends) and neither of them denies it.
 */
export function identityOf(
  statements: Statements,
  person: {
    readonly provider: string
    readonly subject: string
    readonly settings: Pick<OidcSettings, 'claims' | 'trustEmail'>
  },
): Identity {
  const { claims: names, trustEmail } = person.settings
  const claims = mergeClaims(statements.idToken, statements.userinfo)
  const email = addressOf(readClaim(claims, names.email))
  const { groups, isIncomplete } = groupsOf(readClaim(claims, names.groups))
  return {
    provider: person.provider,
    subject: person.subject,
    email,
    emailVerified: email !== undefined && (trustEmail || isVouchedFor(email, statements)),
    name: displayNameOf(readClaim(claims, names.name)),
    preferredUsername: usernameOf(readClaim(claims, names.preferredUsername)),
    groups,
    groupsIncomplete: isIncomplete || leavesOut(names.groups, statements),
    claims: boundClaims(claims),
  }
}

/** One plain address in lower case; a list of addresses, a quoted one or one with control characters is none. */
function addressOf(value: unknown): string | undefined {
  if (typeof value !== 'string' || value.length > MAX_EMAIL) return undefined
  return ADDRESS.test(value) && !TREACHEROUS.test(value) ? value.toLowerCase() : undefined
}

function isVouchedFor(email: string, { idToken, userinfo }: Statements): boolean {
  const said = [idToken, userinfo ?? {}]
    .filter((source) => Object.hasOwn(source, 'email_verified') && addressOf(source.email) === email)
    .map((source) => source.email_verified === true || source.email_verified === 'true')
  return said.includes(true) && !said.includes(false)
}

function groupsOf(value: unknown): { groups: readonly string[]; isIncomplete: boolean } {
  if (value === undefined || value === null || value === '') return { groups: [], isIncomplete: false }
  const listed: readonly unknown[] = Array.isArray(value) ? value : [value]
  const usable = [...new Set(listed.slice(0, MAX_GROUPS))].filter(isGroup)
  return { groups: usable, isIncomplete: listed.length > MAX_GROUPS || !listed.every(isGroup) }
}

function isGroup(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= MAX_GROUP && !UNPRINTABLE.test(value)
}

/** Whether the provider says that it left the groups out: `_claim_names` (OpenID Connect Core 5.6.2) or Entra's `hasgroups`. */
function leavesOut(name: string, { idToken, userinfo }: Statements): boolean {
  const [first = name] = name.split('.')
  return [idToken, userinfo ?? {}].some((source) => {
    const elsewhere = Object.hasOwn(source, '_claim_names') ? source._claim_names : undefined
    if (isRecord(elsewhere) && (Object.hasOwn(elsewhere, name) || Object.hasOwn(elsewhere, first))) return true
    return name === 'groups' && (source.hasgroups === true || source.hasgroups === 'true')
  })
}

function displayNameOf(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined
  const text = value
    .slice(0, 4 * MAX_NAME)
    .toWellFormed()
    .replace(EVERY_UNPRINTABLE, ' ')
    .replace(/\s+/g, ' ')
    .trim()
  return text === '' ? undefined : [...text].slice(0, MAX_NAME).join('')
}

/** A login name is refused rather than repaired: what is left after a repair may be somebody else's. */
function usernameOf(value: unknown): string | undefined {
  if (typeof value !== 'string' || value === '' || value.length > MAX_NAME) return undefined
  return UNPRINTABLE.test(value) || !value.isWellFormed() ? undefined : value
}

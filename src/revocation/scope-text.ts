import { GatehouseError } from '../policy/errors.ts'
import type { RevocationScope } from './revocation.ts'

/** The scope names something that cannot be written down, so it could not be told to the other replicas. */
export class ScopeNotStorableError extends GatehouseError {
  override readonly name = 'ScopeNotStorableError'

  constructor(kind: RevocationScope['kind']) {
    super('internal-error', `the ${kind} of a revocation cannot be stored`)
  }
}

const BASE64URL = /^[A-Za-z0-9_-]+$/
const APPLICATION = /^[^/]+\/[^/]+$/
/** Longer texts name nobody that a provider can have vouched for. */
const LONGEST = 4096

/**
 * Writes a scope as the store keeps it; `parseScope` reads it back. Different scopes have different texts.
 *
 * @throws ScopeNotStorableError if something in it is empty, too long or no well-formed Unicode
 */
export function scopeText(scope: RevocationScope): string {
  const text = spelt(scope)
  if (text.length > LONGEST || !isSpeltBack(scope, parseScope(text))) throw new ScopeNotStorableError(scope.kind)
  return text
}

function spelt(scope: RevocationScope): string {
  switch (scope.kind) {
    case 'session':
      return `session/${scope.sid}`
    case 'provider-session':
      return `provider-session/${scope.provider}/${Buffer.from(scope.providerSid).toString('base64url')}`
    case 'subject':
      return `subject/${scope.subject}`
    case 'email':
      return `email/${scope.email}`
    case 'application':
      return `application/${scope.application}`
    case 'everybody':
      return 'everybody'
  }
}

/** Strict: what `scopeText` does not write is undefined. Never throws. */
export function parseScope(text: string): RevocationScope | undefined {
  if (text === 'everybody') return { kind: 'everybody' }
  const slash = text.indexOf('/')
  const rest = text.slice(slash + 1)
  if (slash < 0 || rest === '' || text.length > LONGEST || !text.isWellFormed()) return undefined
  switch (text.slice(0, slash)) {
    case 'session':
      return BASE64URL.test(rest) ? { kind: 'session', sid: rest } : undefined
    case 'provider-session':
      return parseProviderSession(rest)
    case 'subject':
      return { kind: 'subject', subject: rest }
    case 'email':
      return rest === rest.toLowerCase() ? { kind: 'email', email: rest } : undefined
    case 'application':
      return APPLICATION.test(rest) ? { kind: 'application', application: rest } : undefined
    default:
      return undefined
  }
}

function parseProviderSession(rest: string): RevocationScope | undefined {
  const [provider = '', encoded = '', more] = rest.split('/')
  if (provider === '' || more !== undefined || !BASE64URL.test(encoded)) return undefined
  const bytes = Buffer.from(encoded, 'base64url')
  const providerSid = bytes.toString()
  const isOnlySpelling = Buffer.from(providerSid).toString('base64url') === encoded
  return isOnlySpelling ? { kind: 'provider-session', provider, providerSid } : undefined
}

function isSpeltBack(scope: RevocationScope, parsed: RevocationScope | undefined): boolean {
  if (parsed?.kind !== scope.kind) return false
  if (scope.kind !== 'provider-session' || parsed.kind !== 'provider-session') return true
  return parsed.provider === scope.provider && parsed.providerSid === scope.providerSid
}

import { type Answer, type Header, jsonAnswer } from '../pages/answer.ts'
import { StoreUnavailableError } from '../policy/errors.ts'
import { type LogoutToken, ProviderError } from '../providers/provider.ts'
import { subjectOf } from '../providers/subject.ts'
import type { RevocationScope } from '../revocation/revocation.ts'
import type { LoginPorts } from './login-ports.ts'
import { onceFor } from './logout-replay.ts'
import type { Visit } from './visit.ts'

const RETRY_AFTER_SECONDS = 5
/** The provider cannot be asked for its keys: the token is neither right nor wrong. */
const NOT_NOW: ReadonlySet<string> = new Set([
  'provider-unreachable',
  'provider-failed',
  'provider-address-refused',
  'provider-answer-invalid',
  'provider-metadata-invalid',
  'provider-keys-invalid',
])

/**
 * `POST /backchannel-logout/<provider>` on the auth host (OpenID Connect Back-Channel Logout 1.0): the provider ends the
 * sessions that rest on one of its own (`sid`), or all of a person's (`sub` alone). 200 once that is recorded, also where it is
 * `pending`: it is in force, and a token that is posted again would be refused. 400 if the token does not count or has been
 * used; 503 if that cannot be told or done now, and then the same token may be posted again.
 */
export async function backchannelLogout(
  ports: LoginPorts,
  visit: Visit,
  { provider: name = '' }: Readonly<Record<string, string>>,
): Promise<Answer> {
  const provider = ports.providers.get(name)
  if (provider === undefined) return invalid(ports, visit, 'provider-gone', 'there is no such provider')
  const form = new URLSearchParams(visit.form ?? '')
  const [text, ...more] = form.getAll('logout_token')
  if (text === undefined || more.length > 0) {
    return invalid(ports, visit, 'provider-logout-invalid', 'expected a form with exactly one logout_token')
  }
  try {
    const token = await provider.verifyLogoutToken(text)
    const seconds = Math.ceil((token.goodUntilMs - ports.now()) / 1000)
    const outcome = await onceFor(ports.codes, { provider: name, jti: token.jti, seconds }, async () => {
      const by = { actor: 'provider', name, reason: 'backchannel-logout', from: visit.clientAddress } as const
      await ports.revoker.revoke(scopeOf(name, token), by)
    })
    if (outcome === 'under-way') return unavailable(ports, visit, 'provider-logout-invalid', UNDER_WAY)
    if (outcome === 'replayed') {
      return invalid(ports, visit, 'provider-logout-invalid', 'the logout token has been used before')
    }
    return { status: 200, headers: NO_STORE, body: '' }
  } catch (error) {
    if (error instanceof StoreUnavailableError) return unavailable(ports, visit, error.reason, error.message)
    if (!(error instanceof ProviderError)) throw error
    return NOT_NOW.has(error.reason)
      ? unavailable(ports, visit, error.reason, error.message)
      : invalid(ports, visit, error.reason, error.message)
  }
}

const UNDER_WAY = 'the logout token is being worked on'

const NO_STORE: readonly Header[] = [
  ['Cache-Control', 'no-store'],
  ['X-Content-Type-Options', 'nosniff'],
]

/** A `sid` says exactly which session; `sub` beside it adds nothing. */
function scopeOf(provider: string, { sub, sid }: LogoutToken): RevocationScope {
  if (sid !== undefined) return { kind: 'provider-session', provider, providerSid: sid }
  if (sub === undefined) throw new TypeError('a logout token names sub or sid')
  return { kind: 'subject', subject: subjectOf(provider, sub) }
}

function invalid({ events }: LoginPorts, { host, path }: Visit, reason: string, description: string): Answer {
  events.portalRefused({ reason, host, path, status: 400, detail: description })
  // RFC 6749 section 5.2: printable ASCII without quotes and backslashes.
  const error_description = description.replace(/[^ !#-[\]-~]/g, '?')
  return jsonAnswer(400, { error: 'invalid_request', error_description })
}

function unavailable({ events }: LoginPorts, { host, path }: Visit, reason: string, detail: string): Answer {
  events.portalRefused({ reason, host, path, status: 503, detail })
  return jsonAnswer(503, { error: 'temporarily_unavailable' }, [['Retry-After', String(RETRY_AFTER_SECONDS)]])
}

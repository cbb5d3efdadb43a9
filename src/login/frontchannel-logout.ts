import type { Answer } from '../pages/answer.ts'
import { notFoundPage } from '../pages/not-found.ts'
import { ignoreUnavailable } from '../policy/errors.ts'
import type { OidcProvider } from '../providers/provider.ts'
import type { LoginPorts } from './login-ports.ts'
import { noteProviderSession, takeProviderSession } from './provider-sessions.ts'
import type { Visit } from './visit.ts'

const MAX_SID = 512

/**
 * `GET /frontchannel-logout/<provider>?iss=&sid=` on the auth host (OpenID Connect Front-Channel Logout 1.0): the provider's
 * sign-out page loads it in a frame. Ends the sessions that rest on the provider's session of that id, if anybody has signed
 * in with it. The browser's cookies stay at home in another site's frame, so who may know the id is all that it rests on; the
 * answer never says whether there was such a session. Throws `StoreUnavailableError`.
 */
export async function frontchannelLogout(
  ports: LoginPorts,
  visit: Visit,
  { provider: name = '' }: Readonly<Record<string, string>>,
): Promise<Answer> {
  const provider = ports.providers.get(name)
  const providerSid = provider && sidIn(visit.query, provider)
  if (provider === undefined || providerSid === undefined) {
    ports.events.portalRefused({ reason: 'provider-logout-invalid', host: visit.host, path: visit.path, status: 400 })
    return { ...notFoundPage({}), status: 400 }
  }
  const session = { provider: name, providerSid }
  if (await takeProviderSession(ports, session)) {
    const by = { actor: 'provider', name, reason: 'frontchannel-logout', from: visit.clientAddress } as const
    try {
      await ports.revoker.revoke({ kind: 'provider-session', ...session }, by)
    } catch (error) {
      // So that the page can be loaded again; where the store takes nothing, this fails as well.
      await noteProviderSession(ports, session, ports.sessionSeconds).catch(ignoreUnavailable)
      throw error
    }
  }
  return framedAnswer(new URL(provider.issuer).origin)
}

/** The `sid`, if the query has exactly one and names exactly this issuer. */
function sidIn(query: URLSearchParams, { issuer }: OidcProvider): string | undefined {
  const [iss, ...moreIssuers] = query.getAll('iss')
  const [sid, ...moreSids] = query.getAll('sid')
  if (iss !== issuer || moreIssuers.length > 0 || moreSids.length > 0) return undefined
  return sid !== undefined && sid !== '' && sid.length <= MAX_SID ? sid : undefined
}

/** An empty page that only the provider may frame. */
function framedAnswer(origin: string): Answer {
  return {
    status: 200,
    headers: [
      ['Content-Type', 'text/html; charset=utf-8'],
      ['Cache-Control', 'no-store'],
      ['Referrer-Policy', 'no-referrer'],
      ['X-Content-Type-Options', 'nosniff'],
      ['Content-Security-Policy', `default-src 'none'; base-uri 'none'; frame-ancestors ${origin}`],
    ],
    body: '<!doctype html><title>Signed out</title>\n',
  }
}

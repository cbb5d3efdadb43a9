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
  if (provider === undefined) return invalid(ports, visit, 'there is no such provider')
  const read = readSid(visit.query, provider)
  if ('problem' in read) return invalid(ports, visit, read.problem)
  const session = { provider: name, providerSid: read.sid }
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

function invalid({ events }: LoginPorts, { host, path }: Visit, detail: string): Answer {
  events.portalRefused({ reason: 'provider-logout-invalid', host, path, status: 400, detail })
  return { ...notFoundPage({}), status: 400 }
}

/** The `sid`, if the query has exactly one and names exactly this issuer, or what is wrong. */
function readSid(query: URLSearchParams, { issuer }: OidcProvider): { sid: string } | { problem: string } {
  const [iss, ...moreIssuers] = query.getAll('iss')
  const [sid, ...moreSids] = query.getAll('sid')
  if (iss === undefined || moreIssuers.length > 0) return { problem: 'expected exactly one iss' }
  if (iss !== issuer) return { problem: `iss is not the issuer of the provider, ${issuer}` }
  if (!sid || moreSids.length > 0 || sid.length > MAX_SID) {
    return { problem: `expected exactly one sid, of 1 to ${MAX_SID} characters` }
  }
  return { sid }
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

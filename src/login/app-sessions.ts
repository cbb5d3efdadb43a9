import type { Application } from '../policy/application.ts'
import { readCookie } from '../policy/cookies.ts'
import { wildcardOf } from '../policy/host.ts'
import type { Session } from '../sessions/session.ts'
import { verifyAppToken } from '../tokens/app-token.ts'
import type { LoginPorts } from './login-ports.ts'
import { liveSession } from './signed-in.ts'
import type { Visit } from './visit.ts'

/** An application on this host whose token the visitor carries, and the live session it belongs to. */
export interface AppSession {
  readonly application: Application
  readonly session: Session
}

/** Who the visitor of an app's host is, by the app tokens in their cookies. Throws `StoreUnavailableError`. */
export async function appSessions(ports: LoginPorts, visit: Visit): Promise<readonly AppSession[]> {
  const found: AppSession[] = []
  for (const application of applicationsOn(ports, visit.host)) {
    const cookie = readCookie(visit.cookies, application.cookieName)
    if (cookie === undefined || cookie === 'doubled') continue
    const token = await verifyAppToken(ports.keyRing(), cookie.value, {
      issuer: ports.urls.issuer,
      audience: application.audience,
      now: ports.now(),
    })
    if (typeof token === 'string' || ports.revocations.hitsToken(application.key, token.issuedAtMs)) continue
    const session = await liveSession(ports, token.sid)
    if (session !== undefined) found.push({ application, session })
  }
  return found
}

/** The names of the app tokens' cookies that the visitor carries, whether the tokens count or not. */
export function appCookies(ports: LoginPorts, visit: Visit): readonly string[] {
  const names = [...applicationsOn(ports, visit.host)].map(({ cookieName }) => cookieName)
  return names.filter((name) => readCookie(visit.cookies, name) !== undefined)
}

function applicationsOn(ports: LoginPorts, host: string): ReadonlySet<Application> {
  const hosts = ports.policySet()?.hosts
  const wildcard = wildcardOf(host)
  const entries = [host, wildcard].flatMap((pattern) => [...((pattern && hosts?.get(pattern)?.values()) || [])])
  return new Set(entries.map(({ application }) => application))
}

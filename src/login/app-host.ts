import { type Answer, redirect, withHeaders } from '../pages/answer.ts'
import { cookiesBlockedPage } from '../pages/cookies-blocked.ts'
import { notFoundPage } from '../pages/not-found.ts'
import { unavailablePage } from '../pages/unavailable.ts'
import { match } from '../policy/match.ts'
import { beginFlow, roundsFinished } from './flow.ts'
import type { LoginPorts } from './login-ports.ts'
import { sealRequest } from './login-request.ts'
import { loginRequired } from './login-required.ts'
import { refused } from './refusal.ts'
import { readReturnTo } from './return-to.ts'
import { MAX_ROUNDS, roundOf } from './rounds.ts'
import type { Visit } from './visit.ts'

/**
 * `/.gatehouse/login` on an app's host: remembers in a cookie where the visitor wants to go and sends them to the auth
 * host. Some proxies redirect every 401 here, so whatever is not a navigation gets 401 and no cookie.
 */
export async function startLogin(ports: LoginPorts, visit: Visit): Promise<Answer> {
  if (!visit.isNavigation) return loginRequired(ports.urls)
  const policySet = ports.policySet()
  if (policySet === undefined) return unavailablePage({ reason: 'not-ready', retryAfterSeconds: 5 })
  const { target, isShortened } = readReturnTo(visit.query.get('rd'), visit.host, ports.urls)
  const application = match(policySet, visit.host, target.split('?', 1)[0] ?? '/')
  if (typeof application !== 'object') return notFoundPage({})

  // A Strict cookie stays at home when another site began the navigation: that it is missing then says nothing.
  const isMissed = application.sameSite !== 'Strict' || visit.secFetchSite !== 'cross-site'
  const round = Math.max(isMissed ? await roundsFinished(ports, visit, target) : 0, roundOf(visit))
  if (round >= MAX_ROUNDS) {
    const page = cookiesBlockedPage({ host: visit.host, tryAgainHref: target, reason: 'cookies-blocked' })
    return refused(ports, visit, 'cookies-blocked', page)
  }
  const { id, proof, cookies } = await beginFlow(ports, visit, target, round)
  if (isShortened)
    ports.events.portalRefused({ reason: 'return-address-shortened', host: visit.host, path: visit.path, status: 302 })
  const request = await sealRequest(ports, {
    application: application.key,
    host: visit.host,
    flow: id,
    flowProof: proof,
    round,
  })
  return withHeaders(redirect(302, `${ports.urls.issuer}/login?request=${request}`), cookies)
}

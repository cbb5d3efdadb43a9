import { randomUUID } from 'node:crypto'
import express, { type Express, type NextFunction, type Request, type Response, Router } from 'express'
import { startLogin } from '../login/app-host.ts'
import { backchannelLogout } from '../login/backchannel-logout.ts'
import { login } from '../login/begin.ts'
import { callback } from '../login/callback.ts'
import { frontchannelLogout } from '../login/frontchannel-logout.ts'
import type { LoginPorts } from '../login/login-ports.ts'
import { confirmLogout, logoutAtApp, logoutAtAuthHost } from '../login/logout.ts'
import type { LoginReason } from '../login/reasons.ts'
import { redeem } from '../login/redeem.ts'
import type { Visit } from '../login/visit.ts'
import { whoAmI } from '../login/who-am-i.ts'
import type { Answer } from '../pages/answer.ts'
import { errorPage } from '../pages/error-page.ts'
import { notFoundPage } from '../pages/not-found.ts'
import { notSignedOutPage, unavailablePage } from '../pages/unavailable.ts'
import { StoreUnavailableError } from '../policy/errors.ts'
import { isKnownHost } from '../policy/match.ts'
import type { Reason } from '../policy/reasons.ts'
import { launcher } from './launcher.ts'
import { readVisit, type VisitSettings } from './read-visit.ts'
import { endSessions, showSessions } from './sessions.ts'
import { jwks, metadata } from './well-known.ts'

const MAX_FORM = '64kb'
const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST'])
const RETRY_AFTER_SECONDS = 5
/** Where sessions are ended by `POST`; the same path by `GET` is where that is asked for. */
const ENDING_PATHS: ReadonlySet<string> = new Set(['/logout', '/.gatehouse/logout', '/sessions'])

type Step = (ports: LoginPorts, visit: Visit, parameters: Readonly<Record<string, string>>) => Answer | Promise<Answer>

/** What browsers see of Gatehouse: the auth host, and `/.gatehouse/` on every app's host. Nothing here answers a check. */
export function createPortal(ports: LoginPorts, settings: VisitSettings): Express {
  const authHost = routes(ports, settings, [
    ['get', '/', launcher],
    ['get', '/login', login],
    ['get', '/callback/:provider', (p, visit, { provider = '' }) => callback(p, visit, provider)],
    ['post', '/callback/:provider', (p, visit, { provider = '' }) => callback(p, visit, provider)],
    ['get', '/logout', confirmLogout],
    ['post', '/logout', logoutAtAuthHost],
    ['post', '/backchannel-logout/:provider', backchannelLogout],
    ['get', '/frontchannel-logout/:provider', frontchannelLogout],
    ['get', '/sessions', showSessions],
    ['post', '/sessions', endSessions],
    ['get', '/identity', whoAmI],
    ['get', '/.well-known/jwks.json', ({ keyRing }) => jwks(keyRing())],
    ['get', '/.well-known/openid-configuration', ({ urls, keyRing }) => metadata(urls, keyRing())],
  ])
  const appHost = routes(ports, settings, [
    ['get', '/.gatehouse/login', startLogin],
    ['get', '/.gatehouse/authorized', redeem],
    ['get', '/.gatehouse/logout', confirmLogout],
    ['post', '/.gatehouse/logout', logoutAtApp],
    ['get', '/.gatehouse/identity', whoAmI],
  ])

  /** The page that turns a visitor away, its reason being told to the operator as well. */
  const told = (request: Request, reason: Reason | LoginReason, page: Answer): Answer => {
    const host = readVisit(request, settings)?.host
    ports.events.portalRefused({ reason, host, path: request.path, status: page.status })
    return page
  }
  const nothing = (request: Request, status: 400 | 404, reason: LoginReason): Answer =>
    told(request, reason, { ...notFoundPage({}), status })

  const portal = express()
  portal.disable('x-powered-by')
  portal.disable('etag')
  portal.use(express.text({ type: 'application/x-www-form-urlencoded', limit: MAX_FORM }))
  portal.use((request, response, next) => {
    const visit = readVisit(request, settings)
    if (visit === undefined) return write(response, nothing(request, 400, 'host-unknown'))
    // A router would answer OPTIONS by itself.
    if (!METHODS.has(visit.method)) return next()
    if (visit.host === ports.urls.authHost) return authHost(request, response, next)
    const policySet = ports.policySet()
    if (policySet === undefined) return write(response, unavailablePage({ reason: 'not-ready', retryAfterSeconds: 5 }))
    return isKnownHost(policySet, visit.host)
      ? appHost(request, response, next)
      : write(response, nothing(request, 404, 'host-unknown'))
  })
  portal.use((request: Request, response: Response) => write(response, nothing(request, 404, 'no-such-page')))
  portal.use((error: unknown, request: Request, response: Response, _next: NextFunction) => {
    if (error instanceof StoreUnavailableError) {
      const isEnding = request.method === 'POST' && ENDING_PATHS.has(request.path)
      const about = { reason: error.reason, retryAfterSeconds: RETRY_AFTER_SECONDS }
      const page = isEnding ? notSignedOutPage({ ...about, tryAgainHref: request.path }) : unavailablePage(about)
      return write(response, told(request, error.reason, page))
    }
    // What a router says of a path that does not decode.
    if (error instanceof URIError) return write(response, nothing(request, 404, 'no-such-page'))
    if (isUnreadableForm(error)) return write(response, nothing(request, 400, 'form-invalid'))
    write(response, faultPage(ports, error))
  })
  return portal
}

function routes(ports: LoginPorts, settings: VisitSettings, table: readonly ['get' | 'post', string, Step][]): Router {
  const router = Router({ caseSensitive: true, strict: true })
  for (const [method, path, step] of table) {
    router[method](path, async (request: Request, response: Response) => {
      const visit = readVisit(request, settings)
      if (visit === undefined) throw new TypeError('a request that was routed has a host')
      write(response, await step(ports, visit, request.params as Readonly<Record<string, string>>))
    })
  }
  return router
}

function write(response: Response, { status, headers, body }: Answer): void {
  response.writeHead(status, [...headers.flat(), 'Content-Length', String(Buffer.byteLength(body))])
  response.end(response.req.method === 'HEAD' ? undefined : body)
}

/** What is unknown is a fault of ours. Nothing of it is shown but where to find it in the log. */
function faultPage(ports: LoginPorts, error: unknown): Answer {
  const reference = randomUUID()
  ports.events.internalError({ where: 'portal', error, reference })
  return errorPage({
    status: 500,
    title: 'Something went wrong',
    what: 'This is a fault of the service, not of yours. Nothing has been changed.',
    next: 'Try again. If it keeps happening, tell whoever runs this service the reference below.',
    reason: 'internal-error',
    reference,
  })
}

/** What Express says of a form that is too large, cut off or of an unknown encoding. */
function isUnreadableForm(error: unknown): boolean {
  if (typeof error !== 'object' || error === null || !('status' in error)) return false
  return typeof error.status === 'number' && error.status >= 400 && error.status < 500
}

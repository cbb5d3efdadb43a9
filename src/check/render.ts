import type { Answer } from '../pages/answer.ts'
import { forbiddenPage } from '../pages/forbidden.ts'
import { unavailablePage } from '../pages/unavailable.ts'
import type { AccessRequest } from '../policy/access-request.ts'
import type { Application } from '../policy/application.ts'
import type { Decision } from '../policy/decision.ts'
import type { Identity } from '../policy/identity.ts'
import type { PublicUrls } from '../policy/public-url.ts'
import type { Reader } from './read.ts'

/** The answer to a check, ready to be written. */
export interface CheckAnswer {
  readonly status: number
  /** Names and values in turn. */
  readonly headers: readonly string[]
  readonly body: string
}

/** What is known of the check that a refusal answers. */
export interface RefusedCheck {
  readonly reader: Reader | undefined
  readonly request: AccessRequest | undefined
  readonly application: Application | undefined
  readonly identity: Identity | undefined
}

/** Words every decision but an allow as the proxy's dialect carries it. */
export type Render = (decision: Decision, about: RefusedCheck) => CheckAnswer

/** Seconds after which a client may ask again when we cannot know. */
const RETRY_AFTER = '5'

/** Longest return address in the link to the login; above it the query goes, and then the path. */
const MAX_RETURN_LENGTH = 4096

export function createRender(urls: PublicUrls): Render {
  return (decision, about) => {
    const { headers, ...answer } = worded(decision, about)
    // For proxies that hand on headers alone, so that their own page can say why.
    return { ...answer, headers: ['Gatehouse-Reason', decision.reason, ...headers] }
  }

  function worded(decision: Decision, about: RefusedCheck): CheckAnswer {
    const showsPage = about.reader?.dialect.relaysBodies === true && about.request?.isNavigation === true
    switch (decision.outcome) {
      case 'allow':
        throw new TypeError('an allow is worded by allowHeaders')
      case 'challenge':
        return challenge(decision, about)
      case 'forbid':
        return showsPage ? fromPage(forbiddenPage(refusalFacts(decision, about))) : json(403, decision, [])
      case 'unavailable':
        return showsPage
          ? fromPage(unavailablePage({ reason: decision.reason, retryAfterSeconds: Number(RETRY_AFTER) }))
          : json(503, decision, ['Retry-After', RETRY_AFTER])
    }
  }

  function challenge(decision: Decision, { reader, request }: RefusedCheck): CheckAnswer {
    const authenticate = ['WWW-Authenticate', `Gatehouse realm="${urls.issuer}", error="${decision.reason}"`]
    if (request === undefined || !request.isNavigation) return json(401, decision, authenticate)
    const location = loginUrl(request)
    if (reader?.dialect.relaysRedirects === true) {
      return { status: 302, headers: ['Location', location, ...NEVER_STORED, 'Content-Length', '0'], body: '' }
    }
    return json(401, decision, [...authenticate, 'Location', location])
  }

  function loginUrl({ host, path, query }: AccessRequest): string {
    const full = query === '' ? path : `${path}?${query}`
    const rd = [full, path].find((address) => encodeURIComponent(address).length <= MAX_RETURN_LENGTH) ?? '/'
    return `${urls.origin(host)}/.gatehouse/login?rd=${encodeURIComponent(rd)}`
  }
}

const NEVER_STORED = ['Cache-Control', 'no-store']

function refusalFacts(decision: Decision, { application, identity, request }: RefusedCheck) {
  return {
    reason: decision.reason,
    ruleErrors: decision.errors.map(({ reason }) => reason),
    application: application?.tile?.title ?? application?.name,
    host: request?.host,
    who: identity?.email ?? identity?.name,
    denyMessage: application?.denyMessage,
  }
}

function json(status: number, decision: Decision, headers: readonly string[]): CheckAnswer {
  const body = `${JSON.stringify({ error: decision.reason })}\n`
  const length = String(Buffer.byteLength(body))
  return {
    status,
    headers: [...headers, ...NEVER_STORED, 'Content-Type', 'application/json', 'Content-Length', length],
    body,
  }
}

function fromPage({ status, headers, body }: Answer): CheckAnswer {
  return { status, headers: [...headers.flat(), 'Content-Length', String(Buffer.byteLength(body))], body }
}

/** Bytes of status line and headers, as they count against a proxy's buffer. */
export function sizeOf({ headers }: CheckAnswer): number {
  return headers.reduce((sum, text) => sum + text.length + 2, 64)
}

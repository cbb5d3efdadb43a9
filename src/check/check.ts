import type { Events } from '../observe/events.ts'
import type { AccessRequest } from '../policy/access-request.ts'
import type { Application } from '../policy/application.ts'
import { withoutCookies } from '../policy/cookies.ts'
import { decide } from '../policy/decide.ts'
import { type Decision, plainDecision } from '../policy/decision.ts'
import type { Identity } from '../policy/identity.ts'
import { match } from '../policy/match.ts'
import { isBelow } from '../policy/path.ts'
import type { PolicySet } from '../policy/policy-set.ts'
import type { KnownSession } from '../sessions/session.ts'
import { type Assertion, type Assertions, isFresh } from '../tokens/assertion.ts'
import type { Authenticate, Authentication } from './authenticate.ts'
import type { KnownToken } from './credentials/app-token.ts'
import { allowHeaders } from './headers.ts'
import type { Reader } from './read.ts'
import { answerMemory } from './remembered.ts'
import { type CheckAnswer, type Render, sizeOf } from './render.ts'
import { type Route, routeReader } from './route.ts'

/** What a check works with. Nothing here is touched by a warm check but memory. */
export interface CheckPorts {
  readonly readers: ReadonlyMap<string, Reader>
  /** Undefined until the first full set is there. */
  readonly policySet: () => PolicySet | undefined
  readonly authenticate: Authenticate
  readonly assertions: Assertions
  /** `kid` of the key that signs now. */
  readonly signingKid: () => string
  readonly render: Render
  /** What the names of our cookies begin with. */
  readonly cookiePrefix: string
  readonly events: Events
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** Seconds of a clock that never jumps. */
  readonly monotonicSeconds: () => number
}

/** A proxy's question, as the listener got it. */
export interface Question {
  readonly url: string
  readonly rawHeaders: readonly string[]
}

export type Check = (question: Question) => CheckAnswer | Promise<CheckAnswer>

/** What is known of a check while it is answered; it ends up in the log whole. */
interface Progress {
  started: number
  dialect: string
  reader: Reader | undefined
  request: AccessRequest | undefined
  application: Application | undefined
  identity: Identity | undefined
}

const LAST_RESORT: CheckAnswer = {
  status: 503,
  headers: ['Retry-After', '5', 'Cache-Control', 'no-store', 'Content-Length', '0'],
  body: '',
}

/** Most answers kept to be given again, each of a few kB and at most 12. */
const MAX_REMEMBERED = 10_000

/**
 * Answers checks: read, match, authenticate, decide, render. Whatever goes wrong on the way comes out as a refusal in one
 * place, here; an error of our own is never an allow.
 */
export function createCheck(ports: CheckPorts): Check {
  const remember = answerMemory(MAX_REMEMBERED)
  const routeOf = routeReader()

  return (question) => {
    const progress: Progress = {
      started: 0,
      dialect: '',
      reader: undefined,
      request: undefined,
      application: undefined,
      identity: undefined,
    }
    try {
      progress.started = ports.monotonicSeconds()
      const answer = begin(question, progress)
      return answer instanceof Promise ? answer.catch((error) => failed(error, progress)) : answer
    } catch (error) {
      return failed(error, progress)
    }
  }

  function begin({ url, rawHeaders }: Question, progress: Progress): CheckAnswer | Promise<CheckAnswer> {
    const route = routeOf(url)
    const reader = route === undefined ? undefined : ports.readers.get(route.dialect)
    if (route === undefined || reader === undefined) return refuse('dialect-unknown', progress)
    progress.dialect = route.dialect
    progress.reader = reader

    const request = reader.read({ query: route.query, rawHeaders })
    if (typeof request === 'string') return refuse(request, progress)
    progress.request = request
    if (isBelow(request.path, '/.gatehouse')) return refuse('portal-not-routed', progress)

    const policySet = ports.policySet()
    if (policySet === undefined) return conclude(plainDecision('unavailable', 'not-ready'), progress)
    const application = chosen(policySet, route, request)
    if (typeof application === 'string') return refuse(application, progress)
    progress.application = application

    const now = ports.now()
    const authentication = ports.authenticate(application, request.credentials, now)
    return authentication instanceof Promise
      ? authentication.then((settled) => decided(application, request, settled, now, progress))
      : decided(application, request, authentication, now, progress)
  }

  function decided(
    application: Application,
    request: AccessRequest,
    authentication: Authentication,
    now: number,
    progress: Progress,
  ): CheckAnswer | Promise<CheckAnswer> {
    if (authentication.kind === 'session') {
      const { session, known } = authentication
      progress.identity = session.identity
      const decision = decide(application, request, session.identity, now)
      return decision.outcome === 'allow'
        ? allow(decision, application, request, session, known, now, progress)
        : conclude(decision, progress)
    }
    const decision = decide(application, request, undefined, now)
    if (decision.outcome === 'allow') {
      const cookies = withoutCookies(request.credentials.cookies, ports.cookiePrefix)
      const headers = allowHeaders(application, { identity: undefined, assertion: undefined, cookies })
      const answer = { status: 200, headers, body: '' }
      return fits(sizeOf(answer), progress) ? finish(decision, answer, progress) : tooLarge(decision, progress)
    }
    if (decision.outcome !== 'challenge') return conclude(decision, progress)
    const outcome = authentication.kind === 'unavailable' ? 'unavailable' : 'challenge'
    return conclude({ ...decision, outcome, reason: authentication.reason }, progress)
  }

  function allow(
    decision: Decision,
    application: Application,
    request: AccessRequest,
    session: KnownSession,
    known: KnownToken,
    now: number,
    progress: Progress,
  ): CheckAnswer | Promise<CheckAnswer> {
    const { cookies } = request.credentials
    const before = known.remembered
    if (
      before !== undefined &&
      before.application === application &&
      before.cookies === cookies &&
      before.identity === session.identity &&
      (before.assertion === 'not-wanted' || isFresh(before.assertion, session.identity, ports.signingKid(), now)) &&
      fits(before.bytes, progress)
    ) {
      return finish(decision, before.answer, progress)
    }
    const word = (assertion: Assertion | 'not-wanted'): CheckAnswer => {
      const token = assertion === 'not-wanted' ? '' : assertion.token
      if (token === undefined) return tooLarge(decision, progress)
      const { identity } = session
      const headers = allowHeaders(application, {
        identity,
        assertion: token,
        cookies: withoutCookies(cookies, ports.cookiePrefix),
      })
      const answer = { status: 200, headers, body: '' }
      const bytes = sizeOf(answer)
      if (!fits(bytes, progress)) return tooLarge(decision, progress)
      remember(known, { application, cookies, identity, assertion, answer, bytes })
      return finish(decision, answer, progress)
    }
    return application.identityHeaders.includes('Assertion')
      ? ports.assertions.sign(session, application, now).then(word)
      : word('not-wanted')
  }

  function fits(bytes: number, { reader }: Progress): boolean {
    return reader === undefined || bytes <= reader.dialect.maxAnswerBytes
  }

  function tooLarge(decision: Decision, progress: Progress): CheckAnswer {
    return conclude({ ...decision, outcome: 'unavailable', reason: 'answer-too-large' }, progress)
  }

  function refuse(reason: Decision['reason'], progress: Progress): CheckAnswer {
    return conclude(plainDecision('forbid', reason), progress)
  }

  function failed(error: unknown, progress: Progress): CheckAnswer {
    try {
      ports.events.internalError({ where: 'check', error })
      return conclude(plainDecision('unavailable', 'internal-error'), progress)
    } catch {
      // What words and reports refusals has failed too: nothing is left to say it with but a constant.
      return LAST_RESORT
    }
  }

  /** Words a decision other than allow for the proxy. */
  function conclude(decision: Decision, progress: Progress): CheckAnswer {
    return finish(decision, ports.render(decision, progress), progress)
  }

  function finish(decision: Decision, answer: CheckAnswer, progress: Progress): CheckAnswer {
    const { request, application, identity } = progress
    ports.events.decided({
      dialect: progress.dialect,
      application: application?.key,
      decision,
      host: request?.host ?? '',
      path: request?.path ?? '',
      method: request?.method ?? '',
      clientAddress: request?.clientAddress,
      subject: identity?.subject,
      email: identity?.email,
      seconds: ports.monotonicSeconds() - progress.started,
    })
    return answer
  }
}

/**
 * The application that decides. Bound in the check's URL: that one, provided that it is also the one that covers the host
 * and path, so that neither a forged host nor a forgotten location reaches an app under another app's policies.
 */
function chosen(
  set: PolicySet,
  route: Route,
  request: AccessRequest,
): Application | 'no-application' | 'application-unknown' | 'application-mismatch' | 'request-path-ambiguous' {
  const covering = match(set, request.host, request.path)
  if (covering === 'request-path-ambiguous') return covering
  if (route.application === undefined) return covering ?? 'no-application'
  const bound = set.applications.get(route.application)
  if (bound === undefined) return 'application-unknown'
  return covering === bound ? bound : 'application-mismatch'
}

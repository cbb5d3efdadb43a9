import { type Answer, redirect, withHeaders } from '../pages/answer.ts'
import { continuePage } from '../pages/continue.ts'
import { errorPage } from '../pages/error-page.ts'
import type { Application } from '../policy/application.ts'
import { ignoreUnavailable } from '../policy/errors.ts'
import { match } from '../policy/match.ts'
import type { Session } from '../sessions/session.ts'
import { mintAppToken } from '../tokens/app-token.ts'
import { entrancePath } from './admit.ts'
import { type CodeRecord, takeCode } from './code-record.ts'
import { setCookie } from './cookie.ts'
import { clearFlow, type Flow, finishFlow, isProofOf, readFlow } from './flow.ts'
import type { LoginPorts } from './login-ports.ts'
import { refused } from './refusal.ts'
import { liveSession } from './signed-in.ts'
import type { Visit } from './visit.ts'

type LoginCode = Extract<CodeRecord, { kind: 'login' }>

/**
 * `/.gatehouse/authorized` on an app's host: consumes the one-time code, sets the app token as this host's cookie and sends
 * the visitor to the page they first asked for. The code counts only in the browser that holds the flow's cookie. What is
 * missing or used up leads back through a silent login, a bounded number of times.
 */
export async function redeem(ports: LoginPorts, visit: Visit): Promise<Answer> {
  const id = visit.query.get('flow') ?? ''
  const flow = await readFlow(ports, visit, id)
  if (flow?.isFinished) return toPage(ports, visit, flow, coveringApplication(ports, visit, flow))
  const code = await takeCode(ports, 'login', visit.query.get('code'))
  if (code !== undefined && code.host !== visit.host) return foreign(ports, visit)
  if (flow === undefined) {
    return code === undefined ? foreign(ports, visit) : again(ports, visit, homeOf(ports, code), code.round + 1)
  }
  if (code === undefined) return anew(ports, visit, id, flow)
  if (code.flow !== id || !isProofOf(flow, code.flowProof)) return foreign(ports, visit)

  const session = await liveSession(ports, code.sid)
  const application = coveringApplication(ports, visit, flow)
  if (session === undefined || application?.key !== code.application) return anew(ports, visit, id, flow)
  return arrive(ports, visit, { id, flow, code, application, session })
}

async function arrive(
  ports: LoginPorts,
  visit: Visit,
  login: { id: string; flow: Flow; code: LoginCode; application: Application; session: Session },
): Promise<Answer> {
  const { id, flow, code, application, session } = login
  const now = ports.now()
  const lifetimeSeconds = Math.max(
    1,
    Math.floor(
      Math.min(
        (session.expiresAtMs - now) / 1000,
        ports.appTokenSeconds,
        application.sessionSeconds ?? Number.POSITIVE_INFINITY,
        code.sessionSeconds ?? Number.POSITIVE_INFINITY,
      ),
    ),
  )
  const token = await mintAppToken(ports.keyRing(), {
    issuer: ports.urls.issuer,
    audience: application.audience,
    subject: session.identity.subject,
    sid: session.sid,
    now,
    issuedAtMs: ports.issueTime(),
    lifetimeSeconds,
    id: ports.randomBytes(16).toString('base64url'),
  })
  await noteApplication(ports, session, application)
  ports.events.redeemed({ application: application.key, subject: session.identity.subject, sid: session.sid })
  const cookies = [
    setCookie(ports.cookieStyle, application.cookieName, token, {
      maxAgeSeconds: lifetimeSeconds,
      sameSite: application.sameSite,
    }),
    await finishFlow(ports, id, flow),
  ]
  return withHeaders(toPage(ports, visit, flow, application), cookies)
}

/** So that the session is listed by the application. Only a convenience, so nobody is kept out for want of it. */
async function noteApplication(ports: LoginPorts, session: Session, application: Application): Promise<void> {
  await ports.sessions.noteApplication(session.sid, application.key, session.expiresAtMs).catch(ignoreUnavailable)
}

/** On to the page that was first asked for. */
function toPage(
  { urls }: LoginPorts,
  { host }: Visit,
  { returnTo }: Flow,
  application: Application | undefined,
): Answer {
  const target = urls.origin(host) + returnTo
  // Browsers leave a Strict cookie out of a navigation that another site began, so the last step has to begin here.
  return application?.sameSite === 'Strict' ? continuePage({ href: target }) : redirect(303, target)
}

/** The application that the page of a flow belongs to now. */
function coveringApplication({ policySet }: LoginPorts, { host }: Visit, { returnTo }: Flow): Application | undefined {
  const set = policySet()
  const found = set && match(set, host, returnTo.split('?', 1)[0] ?? '/')
  return typeof found === 'object' ? found : undefined
}

/** Begins again with another flow: this one has had its code. */
function anew(ports: LoginPorts, visit: Visit, id: string, { returnTo, round }: Flow): Answer {
  return withHeaders(again(ports, visit, returnTo, round + 1), [clearFlow(ports, id)])
}

function again({ urls }: LoginPorts, { host }: Visit, returnTo: string, round: number): Answer {
  return redirect(
    303,
    `${urls.origin(host)}/.gatehouse/login?${new URLSearchParams({ rd: returnTo, round: String(round) })}`,
  )
}

/** Where to go when the browser no longer knows: the application's own beginning. */
function homeOf(ports: LoginPorts, code: LoginCode): string {
  const application = ports.policySet()?.applications.get(code.application)
  return application === undefined ? '/' : entrancePath(application, code.host)
}

function foreign(ports: LoginPorts, visit: Visit): Answer {
  const page = errorPage({
    status: 400,
    title: 'This sign-in belongs to another browser',
    what: 'The link was made for another browser or another app, or has been used before.',
    next: 'Open the app again, and sign in from there.',
    link: { href: '/', label: 'Open the app' },
    reason: 'login-code-invalid',
  })
  return refused(ports, visit, 'login-code-invalid', page)
}

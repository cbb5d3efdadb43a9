import { type Answer, redirect } from '../pages/answer.ts'
import { deniedPage } from '../pages/denied.ts'
import { personOf } from '../pages/person.ts'
import type { AccessRequest } from '../policy/access-request.ts'
import type { Application } from '../policy/application.ts'
import { decide } from '../policy/decide.ts'
import { wildcardOf } from '../policy/host.ts'
import type { Session } from '../sessions/session.ts'
import { issueCode } from './code-record.ts'
import type { LoginPorts } from './login-ports.ts'
import type { LoginRequest } from './login-request.ts'
import type { Visit } from './visit.ts'

/** Somebody who wants to open an application. */
export interface Entry {
  readonly request: LoginRequest
  /** The same, as it came. */
  readonly sealed: string
  readonly application: Application
}

/**
 * Puts somebody who is signed in before the application's policies of now. Allowed: a one-time code takes them to the
 * app's host. Refused: a page that says who they are, why, and how to switch account; never another login.
 */
export async function admit(
  ports: LoginPorts,
  visit: Visit,
  { request, sealed, application }: Entry,
  session: Session,
): Promise<Answer> {
  const decision = decide(application, entrance(application, request.host, visit), session.identity, ports.now())
  ports.events.admitted({
    application: application.key,
    decision,
    subject: session.identity.subject,
    sid: session.sid,
    email: session.identity.email,
    clientAddress: visit.clientAddress,
  })
  if (decision.outcome !== 'allow') {
    return deniedPage({
      person: personOf(session.identity, ports.providers.get(session.identity.provider)?.displayName),
      application: { title: application.tile?.title ?? application.name, host: request.host },
      reason: decision.reason,
      ruleErrors: decision.errors.map(({ reason }) => reason),
      denyMessage: application.denyMessage,
      switchAccountHref: `/login?${new URLSearchParams({ request: sealed, switch: '1' })}`,
      signOutHref: '/logout',
    })
  }
  const { sessionSeconds } = application.policies.find(({ key }) => key === decision.policy) ?? {}
  const code = await issueCode(ports, {
    kind: 'login',
    application: application.key,
    host: request.host,
    flow: request.flow,
    flowProof: request.flowProof,
    round: request.round,
    sid: session.sid,
    ...(sessionSeconds === undefined ? {} : { sessionSeconds }),
  })
  return redirect(303, `${ports.urls.origin(request.host)}/.gatehouse/authorized?code=${code}&flow=${request.flow}`)
}

/** The request whose admission is decided: opening the application where it begins on this host. */
function entrance(application: Application, host: string, visit: Visit): AccessRequest {
  return {
    method: 'GET',
    host,
    path: entrancePath(application, host),
    query: '',
    clientAddress: visit.clientAddress,
    isNavigation: true,
    credentials: { cookies: '', token: undefined },
  }
}

/** Link to where the application begins on the host that was asked for. */
export function entranceUrl({ urls }: LoginPorts, { application, request: { host } }: Entry): string {
  return urls.origin(host) + entrancePath(application, host)
}

/** Where an application begins on a host. */
export function entrancePath(application: Application, host: string): string {
  const wildcard = wildcardOf(host)
  const { destinations } = application
  return (
    (destinations.find((one) => one.host === host) ?? destinations.find((one) => one.host === wildcard))?.path ?? '/'
  )
}

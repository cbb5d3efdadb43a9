import { entrancePath } from '../login/admit.ts'
import type { LoginPorts } from '../login/login-ports.ts'
import { findSession } from '../login/signed-in.ts'
import type { Visit } from '../login/visit.ts'
import { type Answer, redirect } from '../pages/answer.ts'
import { launcherPage } from '../pages/launcher.ts'
import { personOf } from '../pages/person.ts'
import type { Application } from '../policy/application.ts'
import { decide } from '../policy/decide.ts'
import type { Identity } from '../policy/identity.ts'

/** `/` on the auth host: the apps that this person may open now. */
export async function launcher(ports: LoginPorts, visit: Visit): Promise<Answer> {
  const session = await findSession(ports, visit)
  if (session === undefined) return redirect(302, `${ports.urls.issuer}/login`)
  const { identity } = session
  const tiles = [...(ports.policySet()?.applications.values() ?? [])].flatMap((application) =>
    tileFor(ports, visit, application, identity),
  )
  return launcherPage({
    person: personOf(identity, ports.providers.get(identity.provider)?.displayName),
    tiles: tiles.sort((a, b) => a.title.localeCompare(b.title)),
    sessionsHref: '/sessions',
    signOutHref: '/logout',
  })
}

/** One tile, for its first host that is a host and not a wildcard; none if the person may not open the application. */
function tileFor(ports: LoginPorts, visit: Visit, application: Application, identity: Identity) {
  const host = application.destinations.find((destination) => !destination.host.startsWith('*'))?.host
  if (application.tile === undefined || host === undefined) return []
  const path = entrancePath(application, host)
  const request = {
    method: 'GET',
    host,
    path,
    query: '',
    clientAddress: visit.clientAddress,
    isNavigation: true,
    credentials: { cookies: '', token: undefined },
  }
  if (decide(application, request, identity, ports.now()).outcome !== 'allow') return []
  return [{ ...application.tile, href: `${ports.urls.origin(host)}${path}` }]
}

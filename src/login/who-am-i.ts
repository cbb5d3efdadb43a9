import { type Answer, jsonAnswer } from '../pages/answer.ts'
import type { Session } from '../sessions/session.ts'
import { appSessions } from './app-sessions.ts'
import type { LoginPorts } from './login-ports.ts'
import { loginRequired } from './login-required.ts'
import { findSession } from './signed-in.ts'
import type { Visit } from './visit.ts'

/** `/identity` on the auth host and `/.gatehouse/identity` on an app's: who the visitor is, as JSON, or 401. */
export async function whoAmI(ports: LoginPorts, visit: Visit): Promise<Answer> {
  const session =
    visit.host === ports.urls.authHost ? await findSession(ports, visit) : (await appSessions(ports, visit))[0]?.session
  return session === undefined ? loginRequired(ports.urls) : jsonAnswer(200, describe(session))
}

function describe({ identity, createdAtMs, expiresAtMs }: Session): Record<string, unknown> {
  const { subject, provider, email, emailVerified, name, preferredUsername, groups } = identity
  return {
    sub: subject,
    idp: provider,
    email,
    email_verified: emailVerified,
    name,
    preferred_username: preferredUsername,
    groups,
    iat: Math.floor(createdAtMs / 1000),
    exp: Math.floor(expiresAtMs / 1000),
  }
}

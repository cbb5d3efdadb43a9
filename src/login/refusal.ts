import type { Answer } from '../pages/answer.ts'
import type { LoginPorts } from './login-ports.ts'
import type { LoginReason } from './reasons.ts'
import type { Visit } from './visit.ts'

/** The page that turns a visitor away, its reason being told to the operator as well. */
export function refused(ports: LoginPorts, visit: Visit, reason: LoginReason, page: Answer): Answer {
  ports.events.portalRefused({ reason, host: visit.host, path: visit.path, status: page.status })
  return page
}

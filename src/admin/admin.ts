import type { IncomingMessage } from 'node:http'
import { StoreUnavailableError } from '../policy/errors.ts'
import { type AdminAnswer, type Outcome, reasonOf, refusal, storeSilent } from './answer.ts'
import { createAttempts } from './attempts.ts'
import { type Caller, type CallerRules, readCaller } from './caller.ts'
import type { AdminPorts } from './ports.ts'
import { type Route, routeOf, routesOf } from './routes.ts'

/** Answers one request. Never rejects. */
export type Admin = (request: IncomingMessage) => Promise<AdminAnswer>

/** Makes the admin API: who calls, what they ask for, and the answer. Whoever has no credential learns nothing else. */
export function createAdmin(ports: AdminPorts, rules: CallerRules): Admin {
  const attempts = createAttempts(ports.monotonicMs)
  const routes = routesOf(ports)

  async function answer(request: IncomingMessage): Promise<AdminAnswer> {
    const from = request.socket.remoteAddress ?? ''
    const route = routeOf(routes, request)
    const act = { operation: route.name, clientAddress: from }
    const isBrowser = isFromBrowser(request)
    const caller = isBrowser ? { refused: fromBrowser() } : await readCaller(request, rules)
    if ('refused' in caller) {
      // A page must not be able to make the address it is looked at from wait; but neither may it fill the log.
      const key = isBrowser ? 'browser' : from
      // Only failures wait: whoever shares an address with a guesser gets through, and a token of 32 characters is not
      // found by guessing, however often. The limit keeps the log and the audit trail readable.
      const waitMs = attempts.waitMs(key)
      // Nothing is written of these: what made them wait has been.
      if (waitMs > 0) return isBrowser ? caller.refused : tooMany(waitMs)
      attempts.failed(key)
      ports.events.adminActed({ ...act, ...resultOf(caller.refused), admin: undefined })
      return caller.refused
    }
    const { answer: answered, ...about } = await outcomeOf(request, route, caller.value)
    if (route.isRecorded || answered.status >= 400) {
      ports.events.adminActed({ ...act, ...resultOf(answered), admin: caller.value.name, ...about })
    }
    return answered
  }

  async function outcomeOf(request: IncomingMessage, route: Route, caller: Caller): Promise<Outcome> {
    try {
      return await route.run(request, caller)
    } catch (error) {
      return { answer: failure(error) }
    }
  }

  function failure(error: unknown): AdminAnswer {
    if (error instanceof StoreUnavailableError) return storeSilent('The store gives no answer. Ask again.')
    const reference = ports.newReference()
    ports.events.internalError({ where: 'admin', error, reference })
    return refusal(500, 'internal-error', 'A fault of ours; the log has the details.', { reference })
  }

  return (request) => answer(request).catch(failure)
}

/** Browsers say so: no page may call the admin API, whatever credentials a browser would add. */
function isFromBrowser({ headers }: IncomingMessage): boolean {
  return headers.origin !== undefined || headers['sec-fetch-site'] !== undefined
}

function resultOf(answer: AdminAnswer) {
  const { status } = answer
  const reason = reasonOf(answer) ?? 'done'
  if (status < 400) return { outcome: 'done', reason, status } as const
  return { outcome: status < 500 ? 'refused' : 'failed', reason, status } as const
}

function tooMany(waitMs: number): AdminAnswer {
  const headers = { 'retry-after': String(Math.ceil(waitMs / 1000)) }
  const detail = 'Too many wrong credentials came from this address.'
  return refusal(429, 'admin-too-many-failures', detail, { headers })
}

function fromBrowser(): AdminAnswer {
  return refusal(403, 'admin-browser', 'Pages in a browser may not call this; it is for programs.')
}

import type { IncomingMessage } from 'node:http'
import type { z } from 'zod'
import { type Outcome, refusal } from './answer.ts'
import type { Caller } from './caller.ts'
import { type Operation, type OperationName, operations } from './operations.ts'
import type { AdminPorts } from './ports.ts'
import { type Read, readBy, readJson, readQuery } from './read.ts'
import { revocationStatus, revoke } from './revoke.ts'
import { listSessions, showSession } from './session-list.ts'

/** What a request leads to. */
export interface Route {
  /** As the OpenAPI document names it; `unknown` if it does not. */
  readonly name: OperationName | 'unknown'
  /** Whether a call that succeeds is worth a record. */
  readonly isRecorded: boolean
  readonly run: (request: IncomingMessage, caller: Caller) => Promise<Outcome>
}

/** The route of one operation. */
export interface OperationRoute extends Route {
  readonly method: string
  readonly path: RegExp
}

/** A call that has been read by the schemas of its operation. */
interface Call<Parameters, Query, Body> {
  readonly parameters: Parameters
  readonly query: Query
  readonly body: Body
}

/** The routes of all operations. */
export function routesOf(ports: AdminPorts): readonly OperationRoute[] {
  const { listSessions: list, showSession: show, revoke: end, revocationStatus: status } = operations
  return [
    operationRoute('listSessions', list, ({ query }) => listSessions(ports, query)),
    operationRoute('showSession', show, ({ parameters }) => showSession(ports, parameters.sid)),
    operationRoute('revoke', end, ({ body }, caller) => revoke(ports, body, caller)),
    operationRoute('revocationStatus', status, async () => revocationStatus(ports)),
  ]
}

/** The route that a request means; where there is none, one that says so. */
export function routeOf(routes: readonly OperationRoute[], request: IncomingMessage): Route {
  const { path } = splitUrl(request)
  const here = routes.filter((route) => route.path.test(path))
  const route = here.find(({ method }) => method === request.method)
  if (route !== undefined) return route
  const allow = here.map(({ method }) => method).join(', ')
  const answer = allow === '' ? noSuchPath() : wrongMethod(allow)
  return { name: 'unknown', isRecorded: true, run: async () => ({ answer }) }
}

function operationRoute<Parameters extends z.ZodObject, Query extends z.ZodObject, Body extends z.ZodObject>(
  name: OperationName,
  operation: Operation & { readonly parameters: Parameters; readonly query: Query; readonly body: Body },
  act: (call: Call<z.output<Parameters>, z.output<Query>, z.output<Body>>, caller: Caller) => Promise<Outcome>,
): OperationRoute {
  const { method, parameters, query, body, isRecorded } = operation
  const path = new RegExp(`^${operation.path.replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`)
  return {
    name,
    isRecorded,
    method,
    path,
    async run(request, caller) {
      const { path: asked, search } = splitUrl(request)
      const inPath = readBy(parameters, { ...path.exec(asked)?.groups }, 'path')
      if ('refused' in inPath) return { answer: inPath.refused }
      const inQuery = chained(readQuery(search), (given) => readBy(query, given, 'query'))
      if ('refused' in inQuery) return { answer: inQuery.refused }
      const json: Read<unknown> = method === 'GET' ? { value: {} } : await readJson(request)
      const inBody = chained(json, (given) => readBy(body, given, 'body'))
      if ('refused' in inBody) return { answer: inBody.refused }
      return act({ parameters: inPath.value, query: inQuery.value, body: inBody.value }, caller)
    },
  }
}

function chained<From, To>(first: Read<From>, then: (value: From) => Read<To>): Read<To> {
  return 'refused' in first ? first : then(first.value)
}

function splitUrl({ url = '' }: IncomingMessage): { readonly path: string; readonly search: string } {
  const [path = '', ...search] = url.split('?')
  return { path, search: search.join('?') }
}

function noSuchPath(): Outcome['answer'] {
  return refusal(404, 'admin-no-such-operation', 'There is nothing at this path.')
}

function wrongMethod(allow: string): Outcome['answer'] {
  return refusal(405, 'admin-wrong-method', `This path has ${allow} alone.`, { headers: { allow } })
}

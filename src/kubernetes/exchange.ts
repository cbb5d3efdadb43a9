import { type Agent, type ClientRequest, type IncomingMessage, request as overHttp } from 'node:http'
import { request as overHttps } from 'node:https'
import type { Socket } from 'node:net'
import type { ApiAccess } from './credentials.ts'

const CONNECT_TIMEOUT_MS = 5_000

export interface Question {
  readonly method: string
  /** Path and query. */
  readonly target: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | undefined
}

/** Connections of both schemes. */
export interface Agents {
  readonly http: Agent
  readonly https: Agent
}

/**
 * Sends one request and gives the answer as soon as its head is there, whatever its status.
 *
 * @param signal ends the exchange, the reading of the answer's body included
 * @throws Error as the connection fails, or the signal's reason
 */
export async function exchange(
  access: ApiAccess,
  question: Question,
  agents: Agents,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  try {
    return await once(access, question, agents, signal)
  } catch (error) {
    // The server has closed a connection that was kept, perhaps while the request was under way: a question may be put again.
    if (signal.aborted || question.method !== 'GET' || !(error instanceof StaleConnectionError)) throw error
    return await once(access, question, agents, signal)
  }
}

class StaleConnectionError extends Error {
  override readonly name = 'StaleConnectionError'
}

function once(access: ApiAccess, question: Question, agents: Agents, signal: AbortSignal): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  if (signal.aborted) return Promise.reject(signal.reason)
  const request = begin(access, question, agents)
  const abort = () => request.destroy(signal.reason)
  signal.addEventListener('abort', abort, { once: true })
  request.once('close', () => signal.removeEventListener('abort', abort))
  request.on('error', (error) => {
    if (signal.aborted) reject(signal.reason)
    else if (request.reusedSocket) reject(new StaleConnectionError(error.message, { cause: error }))
    else reject(error)
  })
  request.once('socket', (socket) => limitConnecting(request, socket))
  request.once('response', resolve)
  request.end(question.body)
  return promise
}

function begin({ server, connection, headers }: ApiAccess, question: Question, agents: Agents): ClientRequest {
  const url = new URL(`${server}${question.target}`)
  const common = { method: question.method, headers: { ...question.headers, ...headers } }
  return url.protocol === 'http:'
    ? overHttp(url, { agent: agents.http, auth: connection.auth, ...common })
    : overHttps(url, { agent: agents.https, ...connection, ...common })
}

function limitConnecting(request: ClientRequest, socket: Socket): void {
  if (!socket.connecting) return
  const giveUp = () => request.destroy(new Error(`no connection within ${CONNECT_TIMEOUT_MS} ms`))
  const timer = setTimeout(giveUp, CONNECT_TIMEOUT_MS)
  const connected = 'encrypted' in socket ? 'secureConnect' : 'connect'
  for (const event of [connected, 'close']) socket.once(event, () => clearTimeout(timer))
}

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Events } from '../observe/events.ts'
import type { Check } from './check.ts'
import { CheckMessage } from './check-message.ts'
import type { CheckAnswer } from './render.ts'

/** Largest head of a check, in bytes: proxies accept up to 60 KiB from their clients. */
const MAX_HEADER_BYTES = 64 * 1024
/** Longer than any proxy keeps an idle connection, so that it is never we who close one under a request. */
const KEEP_ALIVE_MS = 620_000
const REQUEST_TIMEOUT_MS = 20_000

/**
 * Makes the server for checks: plain HTTP/1.1, for ingress controllers only. Every path is a check; there is no `upgrade`
 * listener, so a web socket's handshake is one like any other. A body is drained unread: Node does so once the answer is
 * out.
 */
export function checkServer(check: Check, events: Pick<Events, 'internalError'>): Server {
  const answerTo = (request: IncomingMessage, response: ServerResponse) => {
    const answer = check({ url: request.url ?? '', rawHeaders: request.rawHeaders })
    if (answer instanceof Promise) answer.then((settled) => send(request, response, settled))
    else send(request, response, answer)
  }
  const send = (request: IncomingMessage, response: ServerResponse, answer: CheckAnswer) => {
    try {
      write(request, response, answer)
    } catch (error) {
      events.internalError({ where: 'check', error })
      // Without an answer the proxy refuses.
      response.destroy()
    }
  }
  const server = createServer(
    { maxHeaderSize: MAX_HEADER_BYTES, IncomingMessage: CheckMessage, optimizeEmptyRequests: true },
    answerTo,
  )
  // What a client expects besides `100-continue` is between it and the app; Node would answer 417 by itself.
  server.on('checkExpectation', answerTo)
  // Node would otherwise drop what lies beyond, unsaid; the check counts and refuses.
  server.maxHeadersCount = 0
  server.keepAliveTimeout = KEEP_ALIVE_MS
  server.headersTimeout = REQUEST_TIMEOUT_MS
  server.requestTimeout = REQUEST_TIMEOUT_MS
  return server
}

function write(request: IncomingMessage, response: ServerResponse, { status, headers, body }: CheckAnswer): void {
  response.writeHead(status, headers as string[])
  response.end(request.method === 'HEAD' ? undefined : body)
}

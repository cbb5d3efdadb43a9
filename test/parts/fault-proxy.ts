import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { AddressInfo } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'

/** A request on its way to the API server. */
export interface ProxiedRequest {
  readonly method: string
  /** Without the query. */
  readonly path: string
  readonly query: URLSearchParams
  readonly isWatch: boolean
}

/** What goes wrong with a request, and from then on with the answer to one that is under way. */
export type Fault =
  /** This answer in place of the server's, which is not asked; answers under way go on. */
  | {
      readonly kind: 'answer'
      readonly status: number
      readonly headers?: Record<string, string>
      readonly body?: unknown
    }
  /** The connection is reset. */
  | { readonly kind: 'reset' }
  /** Nothing moves and nothing is closed, as in a network that loses every packet; what was held back goes on after. */
  | { readonly kind: 'silent' }
  /** The answer comes in pieces of this many bytes, with a pause after each. */
  | { readonly kind: 'pieces'; readonly bytes: number; readonly pauseMs: number }

export type Matcher = (request: ProxiedRequest) => boolean

/** Stands between a client and an API server, and lets everything through until told otherwise. */
export interface FaultProxy extends AsyncDisposable {
  /** `http://127.0.0.1:port`, for a kubeconfig. */
  readonly url: string
  /** Every request that has come in, oldest first. */
  readonly requests: readonly ProxiedRequest[]
  /** The requests whose answers are under way. */
  open(): ProxiedRequest[]
  /** Adds a fault for all requests that match; of several, the last added holds. @returns what takes it back */
  add(matches: Matcher, fault: Fault): () => void
  /** Writes a text into the answers under way that match, as if the server had sent it. @returns into how many */
  inject(matches: Matcher, text: string): number
  /** Ends the answers under way that match, as a server does that has nothing to add. @returns how many */
  end(matches: Matcher): number
  /** Resets every connection and accepts no more. */
  refuse(): Promise<void>
  /** Takes all faults and `refuse` back. */
  restore(): Promise<void>
  stop(): Promise<void>
}

interface Exchange {
  readonly request: ProxiedRequest
  readonly response: ServerResponse
}

/** Starts a proxy on 127.0.0.1 that speaks http to its clients and https to the API server. */
export async function startFaultProxy(server: { readonly url: string; readonly caFile: string }): Promise<FaultProxy> {
  const ca = readFileSync(server.caFile, 'utf8')
  const requests: ProxiedRequest[] = []
  const exchanges = new Set<Exchange>()
  const faults: { matches: Matcher; fault: Fault }[] = []
  let changed = Promise.withResolvers<void>()

  const faultOf = (request: ProxiedRequest) => faults.findLast(({ matches }) => matches(request))?.fault
  const matching = (matches: Matcher) => [...exchanges].filter(({ request }) => matches(request))

  /** Wakes what is silent, and resets what has to be. */
  function onChange(): void {
    changed.resolve()
    changed = Promise.withResolvers()
    for (const { request, response } of exchanges) if (faultOf(request)?.kind === 'reset') reset(response)
  }
  async function untilNotSilent({ request, response }: Exchange): Promise<void> {
    while (!response.destroyed && faultOf(request)?.kind === 'silent') await changed.promise
  }

  async function relay(exchange: Exchange, incoming: IncomingMessage): Promise<void> {
    const { request, response } = exchange
    await untilNotSilent(exchange)
    const fault = faultOf(request)
    if (fault?.kind === 'reset') return reset(response)
    if (fault?.kind === 'answer') {
      const { status, headers = { 'content-type': 'application/json' }, body = '' } = fault
      response.writeHead(status, headers).end(typeof body === 'string' ? body : JSON.stringify(body))
      return
    }
    const answer = await askServer(exchange, incoming)
    await untilNotSilent(exchange)
    const { connection, 'transfer-encoding': coding, ...headers } = answer.headers
    response.writeHead(answer.statusCode ?? 502, headers).flushHeaders()
    for await (const chunk of answer) await pass(exchange, chunk)
    await untilNotSilent(exchange)
    response.end()
  }

  async function pass(exchange: Exchange, chunk: Buffer): Promise<void> {
    await untilNotSilent(exchange)
    for (const { bytes, pauseMs } of pieces(chunk, faultOf(exchange.request))) {
      if (!exchange.response.writable) return
      exchange.response.write(bytes)
      if (pauseMs > 0) await pause(pauseMs)
    }
  }

  async function askServer({ response }: Exchange, incoming: IncomingMessage): Promise<IncomingMessage> {
    const { method, headers, url } = incoming
    const outgoing = httpsRequest(new URL(url ?? '/', server.url), { method, ca, agent: false, headers })
    response.once('close', () => outgoing.destroy())
    incoming.pipe(outgoing)
    const [answer] = (await once(outgoing, 'response')) as [IncomingMessage]
    return answer
  }

  const listener = createServer((incoming, response) => {
    const exchange = { request: proxiedRequest(incoming), response }
    requests.push(exchange.request)
    exchanges.add(exchange)
    response.once('close', () => {
      exchanges.delete(exchange)
      onChange()
    })
    // Whoever cannot be asked, or ends in the middle, is to the client a connection that is reset.
    relay(exchange, incoming).catch(() => reset(response))
  })
  const listen = async (port: number) => {
    listener.listen(port, '127.0.0.1')
    await once(listener, 'listening')
    return (listener.address() as AddressInfo).port
  }
  const port = await listen(0)

  async function refuse(): Promise<void> {
    if (!listener.listening) return
    listener.close()
    for (const { response } of exchanges) reset(response)
    listener.closeAllConnections()
    await once(listener, 'close')
  }
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    open: () => [...exchanges].map(({ request }) => request),
    add(matches, fault) {
      const entry = { matches, fault }
      faults.push(entry)
      onChange()
      return () => {
        const index = faults.indexOf(entry)
        if (index >= 0) faults.splice(index, 1)
        onChange()
      }
    },
    inject: (matches, text) => matching(matches).map(({ response }) => response.write(text)).length,
    end: (matches) => matching(matches).map(({ response }) => response.end()).length,
    refuse,
    async restore() {
      faults.length = 0
      onChange()
      if (!listener.listening) await listen(port)
    },
    stop: refuse,
    [Symbol.asyncDispose]: refuse,
  }
}

function proxiedRequest({ method = '', url = '/' }: IncomingMessage): ProxiedRequest {
  const { pathname, searchParams } = new URL(url, 'http://server')
  return { method, path: pathname, query: searchParams, isWatch: /^(1|true)$/.test(searchParams.get('watch') ?? '') }
}

function pieces(chunk: Buffer, fault: Fault | undefined): { readonly bytes: Buffer; readonly pauseMs: number }[] {
  if (fault?.kind !== 'pieces') return [{ bytes: chunk, pauseMs: 0 }]
  const { bytes, pauseMs } = fault
  const count = Math.ceil(chunk.length / bytes)
  return Array.from({ length: count }, (_, index) => ({
    bytes: chunk.subarray(index * bytes, (index + 1) * bytes),
    pauseMs,
  }))
}

/** Ends the connection by RST, which no client can take for the end of the answer. */
function reset(response: ServerResponse): void {
  response.socket?.resetAndDestroy()
  response.destroy()
}

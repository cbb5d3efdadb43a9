import { request } from 'node:https'

/** An API server and who asks it. */
export interface ApiServer {
  readonly url: string
  /** PEM of the authority that signed its certificate. */
  readonly ca: string
  readonly token: string
}

/** What a request has beside method and path. */
export interface ApiCall {
  readonly query?: Readonly<Record<string, string>>
  /** Sent as JSON; a text is sent as it is. */
  readonly body?: unknown
  /** Of the body. Default: `application/json`. */
  readonly contentType?: string
  /** Default: whatever the server likes best. */
  readonly accept?: string
  /** In place of the server's own. */
  readonly token?: string
}

export interface Answer {
  readonly status: number
  /** Parsed if it is JSON, else the text. */
  readonly body: unknown
}

/** One request on a connection of its own, since a kept one may have ended with the server. Rejects if none answers. */
export function callApi(server: ApiServer, method: string, path: string, call: ApiCall = {}): Promise<Answer> {
  const { query, body, contentType = 'application/json', accept = '*/*', token = server.token } = call
  const url = new URL(path, server.url)
  for (const [name, value] of Object.entries(query ?? {})) url.searchParams.set(name, value)
  const headers = {
    authorization: `Bearer ${token}`,
    accept,
    ...(body === undefined ? {} : { 'content-type': contentType }),
  }

  const { promise, resolve, reject } = Promise.withResolvers<Answer>()
  const outgoing = request(url, { method, ca: server.ca, agent: false, headers, timeout: 20_000 }, async (response) => {
    try {
      const text = Buffer.concat(await response.toArray()).toString('utf8')
      const isJson = response.headers['content-type']?.startsWith('application/json') === true
      resolve({ status: response.statusCode ?? 0, body: isJson ? JSON.parse(text) : text })
    } catch (error) {
      reject(error as Error)
    }
  })
  outgoing.once('timeout', () => outgoing.destroy(new Error(`${method} ${path}: no answer for 20 s`)))
  outgoing.once('error', reject)
  outgoing.end(body === undefined || typeof body === 'string' ? body : JSON.stringify(body))
  return promise
}

import { Agent as HttpAgent, type IncomingMessage } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { jsonOf, linesOf, refusalOf } from './answer.ts'
import { unreachable } from './api-error.ts'
import type { Credentials } from './credentials.ts'
import { type Deadline, orAborted, startDeadline } from './deadline.ts'
import { type Agents, exchange, type Question } from './exchange.ts'
import { inClusterCredentials, isInCluster, SERVICE_ACCOUNT_DIRECTORY } from './in-cluster.ts'
import { defaultKubeconfigFiles, kubeconfigCredentials } from './kubeconfig.ts'

const REQUEST_TIMEOUT_MS = 10_000
/** Shorter than API servers, and most of what stands before them, keep a connection that nobody uses. */
const KEEP_IDLE_MS = 15_000

export interface KubeRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** As `resourcePath` makes it. */
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  /** Sent as JSON. */
  readonly body?: unknown
  /** Default: `application/json`. */
  readonly contentType?: string
  /** For all of it, from the reading of the credentials to the last byte; default: 10 s. */
  readonly timeoutMs?: number
  readonly signal?: AbortSignal
}

export interface LinesRequest extends Omit<KubeRequest, 'method' | 'body' | 'contentType'> {
  /** Longest time to wait for a whole line; `timeoutMs` holds only until the answer begins. */
  readonly idleTimeoutMs: number
  /** Called when the server has begun to answer. */
  readonly onOpen?: () => void
}

/** The API server. */
export interface KubeClient {
  /**
   * Asks once, but twice where the credentials turn out to have changed.
   *
   * @returns the JSON of an answer of success
   * @throws ApiError if the server refuses
   * @throws ApiUnreachableError if it gives no usable answer
   */
  request(request: KubeRequest): Promise<unknown>
  /** The lines of an answer as they come, until the server ends it. Throws as `request` does. */
  lines(request: LinesRequest): AsyncIterable<string>
  /** Ends all that is under way. */
  close(): void
}

/**
 * A client of the API server.
 *
 * @param options.kubeconfigFile undefined: as the pod that we are; outside of a cluster, the kubeconfig that kubectl would use
 */
export function kubeClient(options: {
  readonly kubeconfigFile: string | undefined
  readonly environment?: Readonly<Record<string, string | undefined>>
  readonly serviceAccountDirectory?: string
}): KubeClient {
  const credentials = credentialsOf(options)
  const kept = agents(true)
  // A watch gets a connection of its own: after a silence, one that was kept may be as dead as the one just given up.
  const single = agents(false)
  const closing = new AbortController()

  async function open(request: KubeRequest, through: Agents, { signal }: Deadline): Promise<IncomingMessage> {
    const what = describe(request)
    const question = questionOf(request)
    const ask = async () => exchange(await orAborted(credentials.current(), signal), question, through, signal)
    let answer = await ask()
    if (answer.statusCode === 401) {
      answer.resume()
      credentials.forget()
      answer = await ask()
    }
    const { statusCode = 0 } = answer
    if (statusCode >= 200 && statusCode < 300) return answer
    throw await refusalOf(what, answer)
  }

  return {
    async request(request) {
      const what = describe(request)
      const { timeoutMs = REQUEST_TIMEOUT_MS } = request
      const deadline = startDeadline(what, timeoutMs, [request.signal, closing.signal])
      try {
        return await jsonOf(what, await open(request, kept, deadline))
      } catch (error) {
        throw unreachable(what, deadline.signal.aborted ? deadline.signal.reason : error)
      } finally {
        deadline.dispose()
      }
    },
    async *lines({ idleTimeoutMs, onOpen, ...rest }) {
      const request: KubeRequest = { ...rest, method: 'GET' }
      const what = describe(request)
      const { timeoutMs = REQUEST_TIMEOUT_MS } = request
      const deadline = startDeadline(what, timeoutMs, [request.signal, closing.signal])
      let answer: IncomingMessage | undefined
      try {
        answer = await open(request, single, deadline)
        deadline.stopClock()
        onOpen?.()
        yield* linesOf(what, answer, idleTimeoutMs)
      } catch (error) {
        throw unreachable(what, deadline.signal.aborted ? deadline.signal.reason : error)
      } finally {
        answer?.destroy()
        deadline.dispose()
      }
    },
    close() {
      closing.abort()
      for (const agent of [kept.http, kept.https, single.http, single.https]) agent.destroy()
    },
  }
}

function credentialsOf({
  kubeconfigFile,
  environment = process.env,
  serviceAccountDirectory = SERVICE_ACCOUNT_DIRECTORY,
}: Parameters<typeof kubeClient>[0]): Credentials {
  if (kubeconfigFile !== undefined) return kubeconfigCredentials([kubeconfigFile])
  if (isInCluster(environment)) return inClusterCredentials(environment, serviceAccountDirectory)
  return kubeconfigCredentials(defaultKubeconfigFiles(environment))
}

function agents(keepAlive: boolean): Agents {
  const settings = { keepAlive, timeout: KEEP_IDLE_MS }
  return { http: new HttpAgent(settings), https: new HttpsAgent(settings) }
}

function describe({ method, path }: KubeRequest): string {
  return `${method} ${path}`
}

function questionOf({ method, path, query, body, contentType = 'application/json' }: KubeRequest): Question {
  const search = new URLSearchParams(query).toString()
  const text = body === undefined ? undefined : JSON.stringify(body)
  return {
    method,
    target: search === '' ? path : `${path}?${search}`,
    headers: {
      accept: 'application/json',
      'user-agent': 'gatehouse',
      ...(text === undefined ? {} : { 'content-type': contentType, 'content-length': String(Buffer.byteLength(text)) }),
    },
    body: text,
  }
}

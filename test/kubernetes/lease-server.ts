import { ApiError, ApiUnreachableError } from '../../src/kubernetes/api-error.ts'
import type { KubeClient, KubeRequest } from '../../src/kubernetes/client.ts'
import type { KubeObject } from '../../src/kubernetes/kube-object.ts'

/** What becomes of a request: answered, or refused, or not answered although (or before) it was carried out. */
export type Fault = 'none' | 'unreachable' | 'answer-lost' | 'silent' | 'forbidden' | 'rubbish'

export interface LeaseServer {
  /** The Lease as it stands. */
  lease: KubeObject | undefined
  /** Puts something in its place, or takes it away, as somebody with kubectl does. */
  edit(change: (spec: Record<string, unknown>) => unknown): void
  remove(): void
  readonly writes: KubeRequest[]
  client(link: { fault: Fault; latencyMs: number }): Pick<KubeClient, 'request'>
}

/** A stand-in for an API server that knows one Lease, guards updates by version, and fails as each link says. */
export function leaseServer(): LeaseServer {
  let version = 100
  const server: LeaseServer = {
    lease: undefined,
    writes: [],
    edit(change) {
      if (server.lease === undefined) return
      store({ ...server.lease, spec: change(structuredClone(server.lease.spec) as Record<string, unknown>) })
    },
    remove() {
      server.lease = undefined
    },
    client: (link) => ({
      async request(request) {
        const { fault, latencyMs } = link
        if (fault === 'unreachable') throw new ApiUnreachableError('unreachable', 'no connection')
        if (fault === 'silent') {
          await elapse(request.timeoutMs ?? 10_000, request.signal)
          throw new ApiUnreachableError('unreachable', 'no answer in time')
        }
        await elapse(latencyMs / 2, request.signal)
        if (fault === 'forbidden') throw refusal(403, 'Forbidden')
        const answer = carryOut(request)
        await elapse(latencyMs / 2, request.signal)
        if (fault === 'answer-lost') throw new ApiUnreachableError('unreachable', 'the connection broke')
        return fault === 'rubbish' ? { hello: 'world' } : answer
      },
    }),
  }

  function store(lease: KubeObject): KubeObject {
    version += 1
    server.lease = { ...lease, metadata: { ...lease.metadata, uid: 'u', resourceVersion: String(version) } }
    return structuredClone(server.lease)
  }

  function carryOut(request: KubeRequest): unknown {
    const body = structuredClone(request.body) as KubeObject
    if (request.method !== 'GET') server.writes.push(request)
    if (request.method === 'POST') {
      if (server.lease !== undefined) throw refusal(409, 'AlreadyExists')
      return store(body)
    }
    if (server.lease === undefined) throw refusal(404, 'NotFound')
    if (request.method === 'GET') return structuredClone(server.lease)
    if (body.metadata.resourceVersion !== server.lease.metadata.resourceVersion) throw refusal(409, 'Conflict')
    return store(body)
  }
  return server
}

function refusal(status: number, statusReason: string): ApiError {
  return new ApiError({ status, statusReason, message: statusReason })
}

function elapse(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const giveUp = () => reject(new ApiUnreachableError('unreachable', 'given up'))
    if (signal?.aborted === true) return giveUp()
    const timer = setTimeout(resolve, ms)
    signal?.addEventListener('abort', () => {
      clearTimeout(timer)
      giveUp()
    })
  })
}

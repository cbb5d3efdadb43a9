import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type KubeClient, kubeClient } from '../../src/kubernetes/client.ts'
import type { KubeObject } from '../../src/kubernetes/kube-object.ts'
import { testCertificate, testCertificatePem } from '../parts/certificate.ts'

export interface Asked {
  readonly method: string
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  readonly isWatch: boolean
  readonly authorization: string | undefined
  readonly at: number
}

/** Answers in place of the server; false: the server answers after all. */
export type Intercept = (asked: Asked, response: ServerResponse, request: IncomingMessage) => boolean

/** An API server of one kind, AccessPolicy, in this process, which can be told to misbehave. */
export interface ScriptedApi extends AsyncDisposable {
  readonly port: number
  /** A client as a pod would have it, and where its token is. */
  readonly client: KubeClient
  readonly tokenFile: string
  readonly asked: Asked[]
  intercept: Intercept | undefined
  put(name: string, spec?: unknown, uid?: string): KubeObject
  remove(name: string): void
  /** By key, what a client ought to have. */
  versions(): Record<string, string>
  /** Ends every open watch: as a server does, or in the middle. */
  endWatches(how: 'end' | 'break'): void
  /** Writes to every open watch, whatever it is. */
  write(text: string | Buffer): void
  /** Open watches say nothing any more. */
  mute(): void
  /** Everything before now can be watched no longer. */
  compact(): void
}

export function status(
  response: ServerResponse,
  code: number,
  reason = '',
  headers: Record<string, string> = {},
): true {
  response.writeHead(code, { 'content-type': 'application/json', ...headers })
  response.end(
    JSON.stringify({ kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason, message: `said ${code}` }),
  )
  return true
}

export function event(type: string, object: unknown): string {
  return `${JSON.stringify({ type, object })}\n`
}

/** Keeps lists as they are. */
export const onWatch =
  (answer: Intercept): Intercept =>
  (asked, response, request) =>
    asked.isWatch && answer(asked, response, request)

export const EXPIRED = { kind: 'Status', apiVersion: 'v1', code: 410, reason: 'Expired', message: 'too old' }

/** Starts one. Its lists come in pages of `pageSize`, whatever the client asked for. */
export async function scriptedApi({ pageSize = 500 } = {}): Promise<ScriptedApi> {
  const objects = new Map<string, KubeObject>()
  const history: { version: number; line: string }[] = []
  const watches = new Set<ServerResponse>()
  const asked: Asked[] = []
  let version = 100
  let compacted = 0
  let uids = 0

  function happened(type: string, object: KubeObject): void {
    const line = event(type, object)
    history.push({ version, line })
    for (const watch of watches) watch.write(line)
  }

  function list(query: Record<string, string>, response: ServerResponse): void {
    const start = Number(query.continue ?? '0')
    const items = [...objects.values()].map(({ apiVersion: _, kind: __, ...rest }) => rest)
    const rest = items.length > start + pageSize ? { continue: String(start + pageSize) } : {}
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(
      JSON.stringify({
        kind: 'AccessPolicyList',
        metadata: { resourceVersion: String(version), ...rest },
        items: items.slice(start, start + pageSize),
      }),
    )
  }

  function watch(query: Record<string, string>, response: ServerResponse): void {
    const from = Number(query.resourceVersion)
    if (from < compacted) {
      status(response, 410, 'Expired')
      return
    }
    response.writeHead(200, { 'content-type': 'application/json' })
    response.flushHeaders()
    for (const one of history) if (one.version > from) response.write(one.line)
    watches.add(response)
    response.on('close', () => watches.delete(response))
  }

  const server = createServer(testCertificatePem(), (request, response) => {
    const url = new URL(request.url ?? '', 'https://api')
    const query = Object.fromEntries(url.searchParams)
    const one: Asked = {
      method: request.method ?? '',
      path: url.pathname,
      query,
      isWatch: query.watch === '1',
      authorization: request.headers.authorization,
      at: performance.now(),
    }
    asked.push(one)
    if (api.intercept?.(one, response, request)) return
    if (one.isWatch) watch(query, response)
    else list(query, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const directory = mkdtempSync(join(tmpdir(), 'gatehouse-api-'))
  const tokenFile = join(directory, 'token')
  writeFileSync(tokenFile, 'first-token\n')
  writeFileSync(join(directory, 'ca.crt'), readFileSync(testCertificate.authorityFile))
  const client = kubeClient({
    kubeconfigFile: undefined,
    environment: { KUBERNETES_SERVICE_HOST: '127.0.0.1', KUBERNETES_SERVICE_PORT: String(port) },
    serviceAccountDirectory: directory,
  })

  const api: ScriptedApi = {
    port,
    client,
    tokenFile,
    asked,
    intercept: undefined,
    put(name, spec = {}, uid) {
      version += 1
      const held = objects.get(name)
      const isNew = held === undefined || (uid !== undefined && uid !== held.metadata.uid)
      const object: KubeObject = {
        apiVersion: 'access.gatehouse.dev/v1alpha1',
        kind: 'AccessPolicy',
        metadata: {
          name,
          namespace: 'shop',
          uid: uid ?? held?.metadata.uid ?? `uid-${++uids}`,
          resourceVersion: String(version),
          generation: isNew ? 1 : (held.metadata.generation ?? 0) + 1,
        },
        spec,
      }
      objects.set(name, object)
      happened(isNew ? 'ADDED' : 'MODIFIED', object)
      return object
    },
    remove(name) {
      const held = objects.get(name)
      if (held === undefined) return
      version += 1
      objects.delete(name)
      happened('DELETED', { ...held, metadata: { ...held.metadata, resourceVersion: String(version) } })
    },
    versions: () => Object.fromEntries([...objects.values()].map((one) => [`shop/${one.metadata.name}`, stamp(one)])),
    endWatches(how) {
      for (const one of watches) {
        if (how === 'end') one.end()
        else one.socket?.destroy()
      }
    },
    write(text) {
      for (const one of watches) one.write(text)
    },
    mute: () => watches.clear(),
    compact() {
      compacted = version + 1
      version += 1
    },
    async [Symbol.asyncDispose]() {
      client.close()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      rmSync(directory, { recursive: true })
    },
  }
  return api
}

/** What makes an object another one. */
export function stamp({ metadata }: KubeObject): string {
  return `${metadata.uid}@${metadata.resourceVersion}`
}

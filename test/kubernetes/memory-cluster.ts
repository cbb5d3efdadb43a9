import { ApiError } from '../../src/kubernetes/api-error.ts'
import { type ApiResource, apiVersionOf } from '../../src/kubernetes/api-resource.ts'
import type { KubeClient, KubeRequest, LinesRequest } from '../../src/kubernetes/client.ts'
import { type KubeObject, keyOf } from '../../src/kubernetes/kube-object.ts'
import { resourcePath } from '../../src/kubernetes/paths.ts'
import { event } from './scripted-api.ts'

/** A cluster in memory, as far as lists and watches go. It knows no selectors but that of a name. */
export interface MemoryCluster {
  readonly client: KubeClient
  /** Every list and watch that was asked for. */
  readonly asked: { readonly path: string; readonly query: Readonly<Record<string, string>> }[]
  /** Makes or changes an object; a change of anything but the status raises the generation. */
  put(resource: ApiResource, namespace: string | undefined, name: string, content: object): KubeObject
  remove(resource: ApiResource, namespace: string | undefined, name: string): void
  /** Lists of a kind are refused with this status until it is undefined. */
  refuse(resource: ApiResource, status: number | undefined): void
}

interface Kept {
  readonly resource: ApiResource
  readonly object: KubeObject
}

interface Watcher {
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  readonly lines: string[]
  wake(): void
}

export function memoryCluster(): MemoryCluster {
  const kept = new Map<string, Kept>()
  const watchers = new Set<Watcher>()
  const refused = new Map<string, number>()
  const asked: MemoryCluster['asked'] = []
  let version = 1_000
  let uids = 0

  const isMeant = (one: Kept, path: string, query: Readonly<Record<string, string>> = {}) => {
    const { name, namespace } = one.object.metadata
    const wanted = /^metadata\.name=(.*)$/.exec(query.fieldSelector ?? '')?.[1]
    const paths = [resourcePath(one.resource), resourcePath(one.resource, namespace)]
    return paths.includes(path) && (wanted === undefined || wanted === name)
  }
  const idOf = (resource: ApiResource, namespace: string | undefined, name: string) =>
    resourcePath(resource, namespace, name)

  function happened(type: string, one: Kept): void {
    for (const watcher of watchers) {
      if (!isMeant(one, watcher.path, watcher.query)) continue
      watcher.lines.push(event(type, one.object))
      watcher.wake()
    }
  }

  async function request({ path, query = {} }: KubeRequest): Promise<unknown> {
    asked.push({ path, query })
    const status = refused.get(path)
    if (status !== undefined) throw new ApiError({ status, statusReason: '', message: `GET ${path}: ${status}` })
    const items = [...kept.values()].filter((one) => isMeant(one, path, query)).map(({ object }) => object)
    return { metadata: { resourceVersion: String(version) }, items }
  }

  async function* lines({ path, query = {}, signal, onOpen }: LinesRequest): AsyncGenerator<string> {
    asked.push({ path, query })
    let awake = Promise.withResolvers<void>()
    const watcher: Watcher = { path, query, lines: [], wake: () => awake.resolve() }
    watchers.add(watcher)
    signal?.addEventListener('abort', watcher.wake)
    onOpen?.()
    while (signal?.aborted !== true) {
      yield* watcher.lines.splice(0)
      await awake.promise
      awake = Promise.withResolvers()
    }
    watchers.delete(watcher)
  }

  return {
    client: { request, lines, close() {} },
    asked,
    put(resource, namespace, name, content) {
      version += 1
      const id = idOf(resource, namespace, name)
      const before = kept.get(id)?.object
      const isStatus = before !== undefined && Object.keys(content).every((field) => field === 'status')
      const generation = (before?.metadata.generation ?? 0) + (isStatus ? 0 : 1)
      const object: KubeObject = {
        ...before,
        apiVersion: apiVersionOf(resource),
        kind: resource.kind,
        ...content,
        metadata: {
          name,
          ...(namespace === undefined ? {} : { namespace }),
          uid: before?.metadata.uid ?? `uid-${++uids}`,
          resourceVersion: String(version),
          generation,
          creationTimestamp: '2026-01-02T03:04:05Z',
          managedFields: [{ manager: 'somebody' }],
        } as KubeObject['metadata'],
      }
      kept.set(id, { resource, object })
      happened(before === undefined ? 'ADDED' : 'MODIFIED', { resource, object })
      return object
    },
    remove(resource, namespace, name) {
      const id = idOf(resource, namespace, name)
      const one = kept.get(id)
      if (one === undefined) throw new Error(`there is no ${keyOf({ metadata: { name, namespace } })}`)
      kept.delete(id)
      version += 1
      const metadata = { ...one.object.metadata, resourceVersion: String(version) }
      happened('DELETED', { resource, object: { ...one.object, metadata } })
    },
    refuse(resource, status) {
      const path = resourcePath(resource)
      if (status === undefined) refused.delete(path)
      else refused.set(path, status)
    },
  }
}

import type { KubeObject } from '../../src/kubernetes/kube-object.ts'
import { OWNER_LABEL } from '../../src/kubernetes/wiring/wiring.ts'
import type { KubernetesApi, ObjectReference } from '../parts/kubernetes-api.ts'
import { until } from '../parts/until.ts'

export interface Condition {
  readonly type: string
  readonly status: string
  readonly reason: string
  readonly message: string
  readonly lastTransitionTime: string
}

/** All objects below a path such as `/apis/networking.k8s.io/v1/ingresses`. */
export async function listOf(api: KubernetesApi, path: string): Promise<KubeObject[]> {
  const { status, body } = await api.request('GET', path)
  if (status !== 200) throw new Error(`${path}: ${status} ${JSON.stringify(body)}`)
  return (body as { items: KubeObject[] }).items
}

/** Every kind of object that the API server keeps, by the path of its list. */
async function listPaths(api: KubernetesApi): Promise<string[]> {
  const groups = (await api.request('GET', '/apis')).body as {
    groups: { preferredVersion: { groupVersion: string } }[]
  }
  const roots = ['/api/v1', ...groups.groups.map(({ preferredVersion }) => `/apis/${preferredVersion.groupVersion}`)]
  const paths: string[] = []
  for (const root of roots) {
    const { resources } = (await api.request('GET', root)).body as { resources: { name: string; verbs: string[] }[] }
    paths.push(...resources.filter(({ verbs }) => verbs.includes('list')).map(({ name }) => `${root}/${name}`))
  }
  return paths
}

/** Whatever of any kind carries the label of the controller: `path/of/list namespace/name`. */
export async function labelled(api: KubernetesApi): Promise<string[]> {
  const [selector] = Object.entries(OWNER_LABEL).map(([name, value]) => encodeURIComponent(`${name}=${value}`))
  const found: string[] = []
  for (const path of await listPaths(api)) {
    const objects = await listOf(api, `${path}?labelSelector=${selector}`)
    found.push(...objects.map(({ metadata }) => `${path.split('/').at(-1)} ${metadata.namespace}/${metadata.name}`))
  }
  return found.sort()
}

/** The conditions of an object by type; empty if it has none, or does not exist. */
export async function conditionsOf(api: KubernetesApi, reference: ObjectReference): Promise<Record<string, Condition>> {
  const status = (await api.get(reference))?.status as { conditions?: Condition[] } | undefined
  return Object.fromEntries((status?.conditions ?? []).map((condition) => [condition.type, condition]))
}

/** Waits until a condition of an object has this reason. */
export function untilReason(
  api: KubernetesApi,
  reference: ObjectReference,
  type: string,
  reason: string,
): Promise<Condition> {
  return until(`${reference.kind} ${reference.metadata.name} is ${type} for ${reason}`, async () => {
    const condition = (await conditionsOf(api, reference))[type]
    if (condition?.reason === reason) return condition
    throw new Error(`it is ${JSON.stringify(condition)}`)
  })
}

/** The events about an object: `type reason`, and what they say. */
export async function eventsAbout(
  api: KubernetesApi,
  { kind, metadata: { namespace = 'default', name } }: ObjectReference,
): Promise<{ what: string; note: string }[]> {
  const events = await listOf(api, `/apis/events.k8s.io/v1/namespaces/${namespace}/events`)
  return (events as (KubeObject & { regarding: { kind: string; name: string }; note: string })[])
    .filter(({ regarding }) => regarding.kind === kind && regarding.name === name)
    .map(({ type, reason, note }) => ({ what: `${type} ${reason}`, note }))
}

export function applicationNamed(namespace: string, name: string): ObjectReference {
  return { apiVersion: 'access.gatehouse.dev/v1alpha1', kind: 'AccessApplication', metadata: { namespace, name } }
}

export function ingressNamed(namespace: string, name: string): ObjectReference {
  return { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata: { namespace, name } }
}

/** Sets annotations of an object, and takes away those that are null, as `kubectl annotate` does. */
export async function annotate(
  api: KubernetesApi,
  reference: ObjectReference,
  annotations: Readonly<Record<string, string | null>>,
): Promise<void> {
  const { status, body } = await api.request('PATCH', await api.pathOf(reference), {
    contentType: 'application/merge-patch+json',
    query: { fieldManager: 'kubectl-annotate' },
    body: { metadata: { annotations } },
  })
  if (status !== 200) throw new Error(`annotate: ${status} ${JSON.stringify(body)}`)
}

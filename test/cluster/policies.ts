import type { KubeClient, KubeRequest } from '../../src/kubernetes/client.ts'
import type { KubeObject } from '../../src/kubernetes/kube-object.ts'
import { stamp } from '../kubernetes/scripted-api.ts'
import type { KubernetesPart } from '../parts/kubernetes.ts'
import { until } from '../parts/until.ts'

const POLICIES = '/apis/access.gatehouse.dev/v1alpha1/accesspolicies'
const SHOP = '/apis/access.gatehouse.dev/v1alpha1/namespaces/shop/accesspolicies'
const CRD = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'accesspolicies.access.gatehouse.dev' },
}

/** AccessPolicies of a real API server, changed past whatever stands before it. */
export interface Policies {
  /** Makes the kind, and waits until it is served. */
  define(): Promise<void>
  undefine(): Promise<void>
  create(name: string): Promise<void>
  /** Writes a number into the spec. */
  change(name: string, number: number): Promise<void>
  remove(name: string): Promise<void>
  removeAll(): Promise<void>
  /** By key, what is there now. */
  versions(): Promise<Record<string, string>>
}

/**
 * The kind as any structural schema admits it: what counts here is that objects come and go.
 *
 * @param client keeps its connections, which is faster. Default: a connection for each request, which outlives any server
 */
export function policiesOf(cluster: KubernetesPart, client?: KubeClient): Policies {
  async function ask(
    method: KubeRequest['method'],
    path: string,
    call: Pick<KubeRequest, 'body' | 'contentType'> = {},
  ) {
    if (client !== undefined) return client.request({ method, path, ...call })
    const answer = await cluster.request(method, path, call)
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`)
    return answer.body
  }
  return {
    async define() {
      await until('the definition of before is gone', async () => (await cluster.get(CRD)) === undefined)
      await cluster.apply({ ...CRD, spec: definition() })
      await cluster.ensureNamespace('shop')
      await until('the kind is served', async () => (await cluster.request('GET', POLICIES)).status === 200)
    },
    undefine: () => cluster.delete(CRD),
    async create(name) {
      await ask('POST', SHOP, {
        body: {
          apiVersion: 'access.gatehouse.dev/v1alpha1',
          kind: 'AccessPolicy',
          metadata: { name },
          spec: { action: 'Allow', include: [{ everyone: {} }] },
        },
      })
    },
    async change(name, number) {
      const contentType = 'application/merge-patch+json'
      await ask('PATCH', `${SHOP}/${name}`, { contentType, body: { spec: { number } } })
    },
    async remove(name) {
      await ask('DELETE', `${SHOP}/${name}`)
    },
    async removeAll() {
      await ask('DELETE', SHOP)
    },
    async versions() {
      const { items } = (await ask('GET', POLICIES)) as { items: KubeObject[] }
      return Object.fromEntries(
        items.map((one) => [`${one.metadata.namespace}/${one.metadata.name}`, stamp(one)] as const),
      )
    },
  }
}

function definition() {
  const anything = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }
  return {
    group: 'access.gatehouse.dev',
    scope: 'Namespaced',
    names: { plural: 'accesspolicies', singular: 'accesspolicy', kind: 'AccessPolicy', listKind: 'AccessPolicyList' },
    versions: [
      {
        name: 'v1alpha1',
        served: true,
        storage: true,
        subresources: { status: {} },
        schema: { openAPIV3Schema: { type: 'object', properties: { spec: anything, status: anything } } },
      },
    ],
  }
}

import { isRecord, valueAt } from '../resources/raw-value.ts'
import { ApiError, ApiUnreachableError } from './api-error.ts'
import { type ApiResource, apiResources } from './api-resource.ts'
import { labelOf } from './apply.ts'
import { backendsOf } from './backends.ts'
import type { KubeClient } from './client.ts'
import { isOurs } from './cluster-view.ts'
import { listAll } from './kube-list.ts'
import type { KubeObject } from './kube-object.ts'
import type { IngressController } from './lockdown-peers.ts'
import { lockdown } from './network-policy.ts'
import type { WiringFindings } from './status.ts'
import { readIntent } from './wiring/annotations.ts'
import type { ClusterView } from './wiring/wiring.ts'

/** What the lockdown of all applications comes to. */
export interface Lockdowns {
  readonly policies: readonly KubeObject[]
  /** Policies, as `NetworkPolicy namespace/name`, that stay as they are if they exist. */
  readonly kept: readonly string[]
  /** Of each application that asks for lockdown, by `namespace/name`. */
  readonly findings: ReadonlyMap<string, WiringFindings>
}

/** How old what is known of Services and Pods may be. They are asked for, not watched: there are too many of them. */
const KNOWN_MS = 10_000

interface Known {
  readonly at: number
  readonly services: readonly KubeObject[]
  readonly pods: readonly KubeObject[]
  /** Why neither could be listed. */
  readonly trouble: string | undefined
}

/**
 * Works out the NetworkPolicies of all applications that ask for lockdown.
 *
 * @param monotonicMs milliseconds on a clock that only goes forward
 * @param signal ends what is being asked
 * @returns a function that does so. Where Services or Pods cannot be listed, policies stay as they are, and a finding says so
 */
export function createLockdowns(
  client: KubeClient,
  ingressControllers: readonly IngressController[],
  { monotonicMs, signal }: { readonly monotonicMs: () => number; readonly signal: AbortSignal },
): (view: ClusterView) => Promise<Lockdowns> {
  const known = new Map<string, Known>()

  async function look(namespace: string): Promise<Known> {
    const before = known.get(namespace)
    if (before !== undefined && monotonicMs() - before.at < KNOWN_MS) return before
    const now = { at: monotonicMs(), ...(await listed(namespace)) }
    known.set(namespace, now)
    return now
  }

  async function listed(namespace: string): Promise<Omit<Known, 'at'>> {
    const list = async (resource: ApiResource) => {
      const { objects } = await listAll(client, { resource, namespace }, signal)
      return [...objects.values()]
    }
    try {
      const [services, pods] = await Promise.all([list(apiResources.services), list(apiResources.pods)])
      return { services, pods, trouble: undefined }
    } catch (error) {
      if (!(error instanceof ApiError || error instanceof ApiUnreachableError)) throw error
      return { services: [], pods: [], trouble: `Services and Pods of ${namespace} cannot be listed: ${error.message}` }
    }
  }

  return async (view) => {
    const asking = [...view.applications].filter(([, application]) => isAsked(application))
    const namespaces = new Set(asking.map(([, { metadata }]) => metadata.namespace ?? ''))
    for (const namespace of known.keys()) if (!namespaces.has(namespace)) known.delete(namespace)
    const policies: KubeObject[] = []
    const kept: string[] = []
    const findings = new Map<string, WiringFindings>()
    for (const [key, application] of asking) {
      const { namespace = '', name } = application.metadata
      const { services, pods, trouble } = await look(namespace)
      const inNamespace = (object: KubeObject) => object.metadata.namespace === namespace && !isOurs(object)
      const ingresses = view.ingresses.filter(inNamespace)
      const httpRoutes = view.httpRoutes.filter(inNamespace)
      const isOwn = (object: KubeObject) => readIntent(object)?.applicationName === name
      const result = lockdown({
        application,
        ingresses: ingresses.filter(isOwn),
        httpRoutes: httpRoutes.filter(isOwn),
        ingressClasses: view.ingressClasses,
        services: new Map(services.map((service) => [service.metadata.name, service])),
        pods,
        othersServices: servicesOfOthers([...ingresses, ...httpRoutes], name),
        ingressControllers,
      })
      policies.push(...result.policies)
      const { kind } = apiResources.networkPolicies
      kept.push(
        ...result.kept.map((policy) => labelOf({ ...application, kind, metadata: { namespace, name: policy } })),
      )
      const flaws =
        trouble === undefined ? result.findings : [{ reason: 'LockdownIncomplete', message: trouble } as const]
      findings.set(key, { flaws, note: result.note })
    }
    return { policies, kept, findings }
  }
}

/** What there is to say where lockdown is switched off: an author must not take an app for locked down that is not. */
export async function withoutLockdown({ applications }: Pick<ClusterView, 'applications'>): Promise<Lockdowns> {
  const asking = [...applications].filter(([, application]) => isAsked(application)).map(([key]) => key)
  const message =
    'whoever runs the cluster has not enabled lockdown (controller.lockdown): there is no NetworkPolicy, and other pods may reach the app'
  const finding: WiringFindings = { flaws: [{ reason: 'LockdownIncomplete', message }], note: undefined }
  return { policies: [], kept: [], findings: new Map(asking.map((key) => [key, finding])) }
}

function isAsked(application: KubeObject): boolean {
  return isRecord(valueAt(application, ['spec', 'lockdown', 'networkPolicy']))
}

function servicesOfOthers(sources: readonly KubeObject[], name: string): ReadonlyMap<string, string> {
  const others = new Map<string, string>()
  for (const source of sources) {
    const application = readIntent(source)?.applicationName
    if (application === undefined || application === name) continue
    for (const service of backendsOf(source).services) others.set(service, application)
  }
  return others
}

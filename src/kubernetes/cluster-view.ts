import { type ApiResource, apiResources } from './api-resource.ts'
import type { KubeClient } from './client.ts'
import { type KubeObject, keyOf, withoutManagedFields } from './kube-object.ts'
import { type Reflection, type ReflectorOptions, reflect } from './reflector.ts'
import { OWNER_LABEL } from './wiring/wiring.ts'

/** The kinds whose objects we create. */
export const OWNED_KINDS = ['accessApplications', 'middlewares', 'ingresses', 'httpRoutes', 'networkPolicies'] as const
export type OwnedKind = (typeof OWNED_KINDS)[number]

/** Everything that only the leader watches. */
export interface LeaderWatches extends AsyncDisposable {
  readonly ingresses: () => readonly KubeObject[]
  readonly ingressClasses: () => readonly KubeObject[]
  readonly httpRoutes: () => readonly KubeObject[]
  /** What carries our label, by kind; of AccessApplications the source knows. */
  readonly owned: (kind: Exclude<OwnedKind, 'accessApplications'>) => readonly KubeObject[]
  readonly reflections: readonly Reflection[]
}

export interface WatchSettings extends Pick<ReflectorOptions, 'now' | 'random' | 'events'> {
  readonly systemNamespace: string
  /** Whether HTTPRoutes are wired too. */
  readonly gatewayApi: boolean
  readonly lockdown: boolean
}

/** Begins to watch what is wired. Ends with its disposal. */
export function watchAsLeader(client: KubeClient, settings: WatchSettings): LeaderWatches {
  const { systemNamespace, gatewayApi, lockdown } = settings
  const [[label = '', value = ''] = []] = Object.entries(OWNER_LABEL)
  const ours = { labelSelector: `${label}=${value}` }
  const watch = (resource: ApiResource, selection: { namespace?: string; labelSelector?: string } = {}) =>
    reflect(client, resource, { ...settings, ...selection, trim: withoutManagedFields })

  const ingresses = watch(apiResources.ingresses)
  const ingressClasses = watch(apiResources.ingressClasses)
  const middlewares = watch(apiResources.middlewares, gatewayApi ? ours : { ...ours, namespace: systemNamespace })
  const httpRoutes = gatewayApi ? watch(apiResources.httpRoutes) : undefined
  const networkPolicies = lockdown ? watch(apiResources.networkPolicies, ours) : undefined
  const reflections = [ingresses, ingressClasses, middlewares, httpRoutes, networkPolicies].filter(
    (one) => one !== undefined,
  )
  const all = (reflection: Reflection | undefined) => [...(reflection?.items().values() ?? [])]
  const owned = { middlewares, ingresses, httpRoutes, networkPolicies }
  return {
    ingresses: () => all(ingresses),
    ingressClasses: () => all(ingressClasses),
    httpRoutes: () => all(httpRoutes),
    owned: (kind) => all(owned[kind]).filter((object) => isOwned(kind, object, systemNamespace)),
    reflections,
    async [Symbol.asyncDispose]() {
      await Promise.all(reflections.map((reflection) => reflection[Symbol.asyncDispose]()))
    },
  }
}

/** Whether the controller has made the object. */
export function isOurs({ metadata: { labels = {} } }: KubeObject): boolean {
  return Object.entries(OWNER_LABEL).every(([name, value]) => labels[name] === value)
}

/** Kinds that own what we make in somebody else's namespace. */
const OWNERS: Readonly<Record<Exclude<OwnedKind, 'ingresses' | 'httpRoutes'>, ReadonlySet<string>>> = {
  accessApplications: new Set(['Ingress', 'HTTPRoute']),
  middlewares: new Set(['HTTPRoute']),
  networkPolicies: new Set(['AccessApplication']),
}

/**
 * Whether an object is one that the controller made, and so may take away. Outside of the system namespace that takes more
 * than our label: authors copy objects, label and all, and give the copy a name of their own.
 */
export function isOwned(kind: OwnedKind, object: KubeObject, systemNamespace: string): boolean {
  const { name, namespace, ownerReferences = [] } = object.metadata
  if (!isOurs(object)) return false
  if (namespace === systemNamespace && kind !== 'accessApplications') return true
  if (kind === 'ingresses' || kind === 'httpRoutes') return false
  const owners = ownerReferences.filter((owner) => OWNERS[kind].has(owner.kind))
  // An application has the name of what is annotated, and everything else one that no author would choose.
  return kind === 'accessApplications'
    ? owners.some((owner) => owner.name === name)
    : owners.length > 0 && name.startsWith('gatehouse-')
}

/** Objects by `namespace/name`. */
export function byKey(objects: readonly KubeObject[]): ReadonlyMap<string, KubeObject> {
  return new Map(objects.map((object) => [keyOf(object), object]))
}

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
  // Elsewhere there is never one of ours, but perhaps the copy of one that somebody made, label and all.
  const isInPlace = (kind: OwnedKind, { metadata }: KubeObject) =>
    (kind !== 'ingresses' && kind !== 'httpRoutes') || metadata.namespace === systemNamespace
  return {
    ingresses: () => all(ingresses),
    ingressClasses: () => all(ingressClasses),
    httpRoutes: () => all(httpRoutes),
    owned: (kind) => all(owned[kind]).filter((object) => isOurs(object) && isInPlace(kind, object)),
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

/** Objects by `namespace/name`. */
export function byKey(objects: readonly KubeObject[]): ReadonlyMap<string, KubeObject> {
  return new Map(objects.map((object) => [keyOf(object), object]))
}

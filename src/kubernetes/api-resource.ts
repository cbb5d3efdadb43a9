import { GROUP, VERSION } from '../resources/v1alpha1/metadata.ts'

/** A kind of object as the API server serves it. */
export interface ApiResource {
  /** Empty for the core group. */
  readonly group: string
  readonly version: string
  readonly kind: string
  /** As in the URL. */
  readonly plural: string
  readonly isNamespaced: boolean
  /** Whether the server need not serve it: then there are none of it, until it does. */
  readonly isOptional: boolean
}

/** Every kind that we read or write, by its name in this program. */
export const apiResources = {
  accessApplications: ours('AccessApplication', 'accessapplications', true),
  accessPolicies: ours('AccessPolicy', 'accesspolicies', true),
  accessGroups: ours('AccessGroup', 'accessgroups', true),
  identityProviders: ours('IdentityProvider', 'identityproviders', false),
  secrets: core('Secret', 'secrets'),
  configMaps: core('ConfigMap', 'configmaps'),
  services: core('Service', 'services'),
  pods: core('Pod', 'pods'),
  leases: builtIn('coordination.k8s.io', 'Lease', 'leases'),
  events: builtIn('events.k8s.io', 'Event', 'events'),
  ingresses: builtIn('networking.k8s.io', 'Ingress', 'ingresses'),
  ingressClasses: { ...builtIn('networking.k8s.io', 'IngressClass', 'ingressclasses'), isNamespaced: false },
  networkPolicies: builtIn('networking.k8s.io', 'NetworkPolicy', 'networkpolicies'),
  httpRoutes: { ...builtIn('gateway.networking.k8s.io', 'HTTPRoute', 'httproutes'), isOptional: true },
  middlewares: { ...builtIn('traefik.io', 'Middleware', 'middlewares'), version: 'v1alpha1', isOptional: true },
} as const satisfies Record<string, ApiResource>

/** `apiVersion` of objects of the kind. */
export function apiVersionOf({ group, version }: ApiResource): string {
  return group === '' ? version : `${group}/${version}`
}

function ours(kind: string, plural: string, isNamespaced: boolean): ApiResource {
  return { group: GROUP, version: VERSION, kind, plural, isNamespaced, isOptional: true }
}

function core(kind: string, plural: string): ApiResource {
  return builtIn('', kind, plural)
}

function builtIn(group: string, kind: string, plural: string): ApiResource {
  return { group, version: 'v1', kind, plural, isNamespaced: true, isOptional: false }
}

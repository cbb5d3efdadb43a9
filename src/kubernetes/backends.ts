import { fieldOf, listOf, valueAt } from '../resources/raw-value.ts'
import { type KubeObject, keyOf } from './kube-object.ts'

/** Where an Ingress or an HTTPRoute sends requests. */
export interface Backends {
  /** Names of Services of its own namespace, each once. */
  readonly services: readonly string[]
  /** Whatever else, in words: another namespace's Service, or no Service at all. */
  readonly others: readonly string[]
}

/** Reads the backends of an Ingress (networking.k8s.io/v1) or an HTTPRoute (gateway.networking.k8s.io/v1). Never throws. */
export function backendsOf(source: KubeObject): Backends {
  const services = new Set<string>()
  const others = new Set<string>()
  for (const backend of source.kind === 'HTTPRoute' ? routeBackends(source) : ingressBackends(source)) {
    if ('service' in backend) services.add(backend.service)
    else others.add(backend.other)
  }
  return { services: [...services], others: [...others] }
}

/**
 * The Services that the lockdown of an application is about: those that it lists, else the backends of what publishes it.
 *
 * @returns names in the application's namespace, sorted; empty where no lockdown is asked for
 */
export function lockdownBackends(
  application: KubeObject,
  ingresses: readonly KubeObject[],
  httpRoutes: readonly KubeObject[],
): readonly string[] {
  const asked = valueAt(application, ['spec', 'lockdown', 'networkPolicy'])
  if (asked === undefined || asked === null) return []
  const listed = listOf(fieldOf(asked, 'services')).filter(isName)
  const names = listed.length > 0 ? listed : [...ingresses, ...httpRoutes].flatMap((one) => backendsOf(one).services)
  return [...new Set(names)].sort()
}

type Backend = { readonly service: string } | { readonly other: string }

function ingressBackends(ingress: KubeObject): Backend[] {
  const paths = listOf(valueAt(ingress, ['spec', 'rules'])).flatMap((rule) => listOf(valueAt(rule, ['http', 'paths'])))
  const all = [valueAt(ingress, ['spec', 'defaultBackend']), ...paths.map((path) => fieldOf(path, 'backend'))]
  return all.filter(isThere).map((backend) => {
    const service = valueAt(backend, ['service', 'name'])
    return isName(service) ? { service } : { other: `a backend of Ingress ${keyOf(ingress)} that is no Service` }
  })
}

function routeBackends(route: KubeObject): Backend[] {
  const refs = listOf(valueAt(route, ['spec', 'rules'])).flatMap((rule) => listOf(fieldOf(rule, 'backendRefs')))
  return refs.filter(isThere).map((ref) => {
    const [name, namespace] = [fieldOf(ref, 'name'), fieldOf(ref, 'namespace') ?? route.metadata.namespace]
    const isService = (fieldOf(ref, 'group') ?? '') === '' && (fieldOf(ref, 'kind') ?? 'Service') === 'Service'
    if (!isService || !isName(name)) return { other: `a backend of HTTPRoute ${keyOf(route)} that is no Service` }
    if (namespace === route.metadata.namespace) return { service: name }
    return { other: `Service ${name} of namespace ${String(namespace)}, a backend of HTTPRoute ${keyOf(route)}` }
  })
}

function isThere(value: unknown): boolean {
  return value !== undefined && value !== null
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

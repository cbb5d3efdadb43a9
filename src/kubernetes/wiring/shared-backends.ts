import { fieldOf, listOf, valueAt } from '../../resources/raw-value.ts'
import type { Flaw } from '../../resources/status.ts'
import type { KubeObject } from '../kube-object.ts'
import { controllersOf } from './ingress-class.ts'
import type { Site } from './site.ts'

/**
 * Looks for Ingresses of other namespaces whose Services Traefik takes for those of an Ingress: it knows a Service by
 * namespace, name and port, joined by dashes, and of two that come to the same it keeps either. So the app may be reached
 * through the other Ingress, on a host and by a check of that one's choosing, or by none.
 *
 * @param sites all Ingresses, also those on their way out
 */
export function sharedBackendReader(sites: readonly Site[]): (site: Site) => Flaw[] {
  const namespaces = new Map<string, Set<string>>()
  for (const { ingress, namespace } of sites.filter(mayBeOfTraefik)) {
    for (const name of backendNames(ingress)) {
      const there = namespaces.get(name) ?? new Set()
      namespaces.set(name, there)
      there.add(namespace)
    }
  }

  return (site) => {
    if (!mayBeOfTraefik(site)) return []
    const isShared = backendNames(site.ingress).some((name) => (namespaces.get(name)?.size ?? 0) > 1)
    return isShared ? [SHARED] : []
  }
}

const SHARED: Flaw = {
  reason: 'HostPublishedElsewhere',
  message:
    'an Ingress of another namespace leads to a Service that Traefik takes for one of this Ingress, as namespace and name come to the same when a dash joins them: people may reach the app there unasked, or that one’s app here; give the Service another name, or ask whoever runs the cluster',
}

function mayBeOfTraefik({ serving }: Site): boolean {
  return controllersOf(serving).some(({ joinsNames }) => joinsNames)
}

const known = new WeakMap<KubeObject, readonly string[]>()

/** What Traefik calls the Services of an Ingress, each once. */
function backendNames(ingress: KubeObject): readonly string[] {
  const before = known.get(ingress)
  if (before !== undefined) return before
  const { namespace = '' } = ingress.metadata
  const rules = listOf(valueAt(ingress, ['spec', 'rules']))
  const backends = rules
    .flatMap((rule) => listOf(valueAt(rule, ['http', 'paths'])))
    .map((path) => valueAt(path, ['backend', 'service']))
  const names = backends.flatMap((service) => {
    const port = valueAt(service, ['port', 'name']) ?? valueAt(service, ['port', 'number'])
    const parts = [namespace, fieldOf(service, 'name'), port]
    return service === undefined ? [] : parts.join('-').replace(/[^a-z0-9]+/gi, '-')
  })
  const found = [...new Set(names)]
  known.set(ingress, found)
  return found
}

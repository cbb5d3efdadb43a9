import { wildcardOf } from '../../policy/host.ts'
import { fieldOf } from '../../resources/raw-value.ts'
import type { Flaw } from '../../resources/status.ts'
import type { KubeObject } from '../kube-object.ts'
import type { IngressController } from './ingress-controller.ts'
import { hasTlsFor } from './ingress-tls.ts'
import { portalIngress, portalIngressName } from './portal-ingress.ts'
import type { ProtectedSite } from './site.ts'
import type { ClusterView, WiringSettings } from './wiring.ts'

interface Route {
  readonly host: string
  readonly controller: IngressController
  readonly sites: ProtectedSite[]
}

/** The routes to the portal, and which Ingresses have a host that can have none. */
export interface PortalIngresses {
  readonly objects: readonly KubeObject[]
  readonly flaws: readonly { readonly site: ProtectedSite; readonly flaw: Flaw }[]
}

/**
 * One route to the portal for each host and class, on hosts that the application's namespace has. Where several Ingresses
 * publish a host, the route is like the oldest of those with TLS for it.
 */
export function portalIngresses(
  sites: readonly ProtectedSite[],
  hostsOf: ClusterView['hostsOf'],
  settings: WiringSettings,
): PortalIngresses {
  const routes = new Map<string, Route>()
  const flaws: { site: ProtectedSite; flaw: Flaw }[] = []
  for (const site of sites) {
    if (site.serving.outcome !== 'Known') continue
    const { reference, controller } = site.serving
    const own = new Set(hostsOf(site.key))
    for (const host of site.published.hosts) {
      if (!own.has(host) && !own.has(wildcardOf(host) ?? '')) continue
      const name = portalIngressName(host, reference)
      const route = name === undefined ? undefined : routes.get(name)
      if (name === undefined) flaws.push({ site, flaw: tooLong(host, reference.name) })
      else if (route === undefined) routes.set(name, { host, controller, sites: [site] })
      else route.sites.push(site)
    }
  }
  const objects = [...routes].flatMap(([name, { host, controller, sites: all }]) => {
    const model = all.reduce((best, site) => (comesBefore(site, best, host) ? site : best))
    if (model.serving.outcome !== 'Known') return []
    const site = { host, reference: model.serving.reference, namespace: model.namespace }
    return portalIngress(name, site, controller.portalShape(model.ingress, host), settings)
  })
  return { objects, flaws }
}

function comesBefore({ ingress: one }: ProtectedSite, { ingress: other }: ProtectedSite, host: string): boolean {
  const [hasTls, otherHasTls] = [one, other].map((ingress) => hasTlsFor(fieldOf(ingress, 'spec'), host))
  if (hasTls !== otherHasTls) return hasTls === true
  return rank(one) < rank(other)
}

/** Oldest first: times in RFC 3339 sort as text. */
function rank({ metadata: { creationTimestamp = '', namespace = '', name } }: KubeObject): string {
  return `${creationTimestamp} ${namespace}/${name}`
}

function tooLong(host: string, className: string): Flaw {
  const message = `the host ${host} and the class ${className} together are too long for the name of the route to Gatehouse, without which nobody can sign in; choose shorter ones`
  return { reason: 'NameTooLong', message }
}

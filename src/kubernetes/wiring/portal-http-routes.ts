import { wildcardOf } from '../../policy/host.ts'
import { type KubeObject, keyOf } from '../kube-object.ts'
import type { Findings } from './findings.ts'
import type { ProtectedRoute } from './http-route-site.ts'
import { mayShadowPortal, parentsOfRoute } from './http-route-spec.ts'
import { isSettled, portalHttpRoute, portalHttpRouteFlaws } from './portal-http-route.ts'
import type { ClusterView, WiringSettings } from './wiring.ts'

/**
 * One route to the portal for each host and set of parents, on hosts that the application's namespace has, and what
 * Gateways say of it.
 */
export function portalHttpRoutes(
  sites: readonly ProtectedRoute[],
  { httpRoutes, hostsOf }: Pick<ClusterView, 'httpRoutes' | 'hostsOf'>,
  settings: WiringSettings,
  findings: Findings,
): KubeObject[] {
  const routes = new Map<string, KubeObject>()
  const observed = new Map(httpRoutes.map((route) => [keyOf(route), route]))
  for (const { route, key, published } of sites) {
    const parents = parentsOfRoute(route)
    const own = new Set(hostsOf(key))
    const hosts = published.hosts.filter((host) => own.has(host) || own.has(wildcardOf(host) ?? ''))
    if (parents.length === 0 || hosts.length === 0) continue
    if (mayShadowPortal(route)) findings.note(key, SHADOWED)
    for (const host of hosts) {
      const wanted = portalHttpRoute(host, parents, settings)
      const there = observed.get(keyOf(wanted))
      routes.set(keyOf(wanted), wanted)
      if (there !== undefined) findings.flaw(route, key, ...portalHttpRouteFlaws(there, parents, settings))
      if (!isSettled(there))
        findings.note(key, `No Gateway has taken HTTPRoute ${keyOf(wanted)} yet, by which people sign in.`)
    }
  }
  return [...routes.values()]
}

const SHADOWED =
  'Some Gateways prefer a regular expression to a prefix: let none of the route match /.gatehouse/login, or nobody can sign in.'

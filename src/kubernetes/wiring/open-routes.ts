import { destinationKey } from '../../policy/policy-set.ts'
import type { Flaw } from '../../resources/status.ts'
import { MOST_DESTINATIONS } from './destinations.ts'
import { createFewPublishers } from './few-publishers.ts'
import { filterFlaws, isFiltered, TRAEFIK } from './http-route-filter.ts'
import { protectedRoute, type RouteSite } from './http-route-site.ts'
import { gatewayControllersOf } from './http-route-status.ts'
import { createOpenings } from './openings.ts'
import type { ProtectedPlace } from './site.ts'

/** An HTTPRoute that publishes something, as those see it that protect the same. */
interface Publisher {
  readonly site: RouteSite
  /** Whether its own namespace takes it to ask Gatehouse; others do not take somebody else's word for that. */
  readonly isTrustedAtHome: boolean
}

/**
 * Looks for HTTPRoutes that publish what is protected and do not ask Gatehouse. Gateways prefer the exact host to any
 * wildcard, but for Traefik, which prefers the longer path. Another namespace's HTTPRoute is not named to the author.
 *
 * @param sites all HTTPRoutes, also those on their way out; ours not among them
 */
export function openRouteReader(sites: readonly RouteSite[]): (place: ProtectedPlace) => Flaw[] {
  const openings = createOpenings<Publisher>()
  for (const site of sites) {
    const application = protectedRoute(site)
    if (application !== undefined && filterFlaws(application).length === 0) continue
    // Somebody who has put such a filter there by hand is asking Gatehouse already.
    const isByHand = isFiltered(site.route, (name) => typeof name === 'string' && name.startsWith('gatehouse-'))
    const isTrustedAtHome = application !== undefined || site.isLeaving || isByHand
    for (const { host, path } of site.published.destinations) {
      openings.add(host, destinationKey(path), { site, isTrustedAtHome })
    }
  }

  return (place) => {
    const few = createFewPublishers()
    for (const { host, path } of place.published.destinations.slice(0, MOST_DESTINATIONS)) {
      const key = destinationKey(path)
      const preferred = wildcardsOver(host).flatMap((over) => openings.within(over, key).filter(isOfTraefik))
      for (const { site, isTrustedAtHome } of [...openings.within(host, key), ...preferred]) {
        if (isTrustedAtHome && site.namespace === place.namespace) continue
        const { namespace, route } = site
        const publisher = { name: route.metadata.name, isForeign: namespace !== place.namespace }
        few.add(publisher, () => exposed(site, place, host))
      }
    }
    return few.flaws()
  }
}

/** Those of the Gateway API cover several labels. */
function wildcardsOver(host: string): string[] {
  const labels = host.replace(/^\*\./, '').split('.')
  return labels.slice(1).map((_, index) => `*.${labels.slice(index + 1).join('.')}`)
}

function isOfTraefik({ site }: Publisher): boolean {
  return gatewayControllersOf(site.route).includes(TRAEFIK)
}

function exposed(site: RouteSite, place: ProtectedPlace, host: string): Flaw {
  const mending =
    site.namespace === place.namespace
      ? `annotate it with access.gatehouse.dev/application: ${place.application.application}, or take the host out of it`
      : 'ask whoever runs the cluster to take the host out of it'
  const message = `${nameOf(site, place)} publishes ${host} without asking Gatehouse; ${mending}`
  return { reason: 'HostPublishedElsewhere', message }
}

function nameOf({ route, namespace }: RouteSite, place: ProtectedPlace): string {
  return namespace === place.namespace ? `HTTPRoute ${route.metadata.name}` : 'an HTTPRoute of another namespace'
}

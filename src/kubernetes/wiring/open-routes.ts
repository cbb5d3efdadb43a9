import { isBelow } from '../../policy/path.ts'
import { destinationKey } from '../../policy/policy-set.ts'
import type { Flaw } from '../../resources/status.ts'
import { isFiltered } from './http-route-filter.ts'
import type { RouteSite } from './http-route-site.ts'
import type { ProtectedPlace } from './site.ts'

/** On one host; more would tell an author nothing new, and take time from everybody else's. */
const MOST_OPENINGS = 32
const MOST_NAMED = 3

/**
 * Looks for HTTPRoutes that publish what is protected and are not annotated. Of Gateways the exact host counts: they prefer
 * it to any wildcard. Another namespace's HTTPRoute is not named to the author.
 *
 * @param unprotected HTTPRoutes that are not annotated, ours not among them
 */
export function openRouteReader(unprotected: readonly RouteSite[]): (place: ProtectedPlace) => Flaw[] {
  const open = new Map<string, { readonly site: RouteSite; readonly key: string }[]>()
  for (const site of unprotected) {
    // Somebody who has put such a filter there by hand is asking Gatehouse already.
    if (isFiltered(site.route, (name) => typeof name === 'string' && name.startsWith('gatehouse-'))) continue
    for (const { host, path } of site.published.destinations) {
      const there = open.get(host) ?? []
      open.set(host, there)
      if (there.length < MOST_OPENINGS) there.push({ site, key: destinationKey(path) })
    }
  }

  return (place) => {
    const flaws = new Map<string, Flaw>()
    for (const { host, path } of place.published.destinations) {
      const own = destinationKey(path)
      for (const { site, key } of open.get(host) ?? []) {
        if (own === '' || isBelow(key, own)) flaws.set(nameOf(site, place), exposed(site, place, host))
      }
    }
    return [...flaws.values()].slice(0, MOST_NAMED)
  }
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

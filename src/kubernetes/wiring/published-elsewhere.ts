import type { Destination } from '../../policy/application.ts'
import { wildcardOf } from '../../policy/host.ts'
import { isBelow } from '../../policy/path.ts'
import { destinationKey } from '../../policy/policy-set.ts'
import type { Flaw } from '../../resources/status.ts'
import { annotationsOf } from './annotation-map.ts'
import { controllersOf } from './ingress-class.ts'
import type { ProtectedPlace, Site } from './site.ts'
import type { WiringSettings } from './wiring.ts'

/** What certificate authorities fetch to see whose a host is, without a login. */
const ACME = '/.well-known/acme-challenge'

/** On one host; more would tell an author nothing new, and take time from everybody else's. */
const MOST_OPENINGS = 32
const MOST_NAMED = 3

interface Opening {
  readonly site: Site
  readonly key: string
}

/** What other Ingresses publish of what an Ingress protects. */
export interface Elsewhere {
  readonly flaws: readonly Flaw[]
  readonly notes: readonly string[]
}

/**
 * Looks for Ingresses that publish a protected host, or part of it, and do not ask Gatehouse. Another namespace's Ingress is
 * not named to the author.
 *
 * @param unprotected Ingresses that are not annotated
 */
export function elsewhereReader(
  unprotected: readonly Site[],
  settings: WiringSettings,
): (site: ProtectedPlace) => Elsewhere {
  const openings = new Map<string, Opening[]>()
  for (const site of unprotected) {
    if (isHarmless(site, settings)) continue
    for (const { host, path } of site.published.destinations) {
      // Of the auth host nobody but Gatehouse has anything; that is said elsewhere.
      if (isBelow(path, ACME) || host === settings.authHost) continue
      const there = openings.get(host)
      const opening = { site, key: destinationKey(path) }
      if (there === undefined) openings.set(host, [opening])
      else if (there.length < MOST_OPENINGS) there.push(opening)
    }
  }

  return (site) => {
    const flaws = new Map<string, Flaw>()
    const notes = new Set<string>()
    for (const destination of site.published.destinations) {
      const there = openings.get(destination.host) ?? []
      const over = openings.get(wildcardOf(destination.host) ?? '') ?? []
      for (const opening of there) {
        const relation = relate(opening.key, destination)
        const other = opening.site
        if (relation === 'Within') flaws.set(nameOf(other, site), exposed(other, site, destination.host))
        if (relation === 'Around') notes.add(around(other, site, destination))
      }
      for (const { site: other } of over.filter((opening) => mayTakeOver(opening, destination))) {
        flaws.set(nameOf(other, site), preferred(other, site, destination.host))
      }
    }
    return { flaws: [...flaws.values()].slice(0, MOST_NAMED), notes: [...notes].slice(0, MOST_NAMED) }
  }
}

function isHarmless({ ingress, namespace, serving, published }: Site, settings: WiringSettings): boolean {
  const isOurs =
    namespace === settings.systemNamespace && published.destinations.every(({ path }) => path === '/.gatehouse')
  if (isOurs) return true
  const annotations = annotationsOf(ingress)
  return controllersOf(serving).some(
    ({ asksGatehouse, isShadow }) => asksGatehouse(annotations, settings) || isShadow(annotations),
  )
}

function relate(key: string, { path }: Destination): 'Within' | 'Around' | 'Apart' {
  const own = destinationKey(path)
  if (own === '' || isBelow(key, own)) return 'Within'
  return key === '' || isBelow(own, key) ? 'Around' : 'Apart'
}

function mayTakeOver({ site, key }: Opening, destination: Destination): boolean {
  const isPossible = controllersOf(site.serving).some(({ mayPreferWildcards }) => mayPreferWildcards)
  return isPossible && relate(key, destination) !== 'Apart'
}

function exposed(other: Site, site: ProtectedPlace, host: string): Flaw {
  const message = `${nameOf(other, site)} publishes ${host} without asking Gatehouse; ${mending(other, site)}`
  return { reason: 'HostPublishedElsewhere', message }
}

function preferred(other: Site, site: ProtectedPlace, host: string): Flaw {
  const message = `${nameOf(other, site)} publishes ${wildcardOf(host)} without asking Gatehouse, and Traefik may prefer it for ${host}; ${mending(other, site)}`
  return { reason: 'HostPublishedElsewhere', message }
}

function around(other: Site, site: ProtectedPlace, { host, path }: Destination): string {
  return `${nameOf(other, site)} publishes ${host} around ${path} without asking Gatehouse; if both lead to the same app, another spelling of the path may reach it unasked.`
}

function mending(other: Site, site: ProtectedPlace): string {
  return other.namespace === site.namespace
    ? `annotate it with access.gatehouse.dev/application: ${site.application.application}, or take the host out of it`
    : 'ask whoever runs the cluster to take the host out of it'
}

function nameOf({ ingress, namespace }: Site, site: ProtectedPlace): string {
  return namespace === site.namespace ? `Ingress ${ingress.metadata.name}` : 'an Ingress of another namespace'
}

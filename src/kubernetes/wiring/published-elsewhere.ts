import type { Destination } from '../../policy/application.ts'
import { wildcardOf } from '../../policy/host.ts'
import { isBelow } from '../../policy/path.ts'
import { destinationKey } from '../../policy/policy-set.ts'
import type { Flaw } from '../../resources/status.ts'
import { type Annotations, annotationsOf } from './annotation-map.ts'
import { MOST_DESTINATIONS } from './destinations.ts'
import { createFewPublishers } from './few-publishers.ts'
import { controllersOf } from './ingress-class.ts'
import { createOpenings } from './openings.ts'
import { type ProtectedPlace, protectedSite, type Site } from './site.ts'
import type { WiringSettings } from './wiring.ts'

/** What certificate authorities fetch to see whose a host is, without a login. */
const ACME = '/.well-known/acme-challenge'

const MOST_NOTES = 3

/** An Ingress that publishes something, as those see it that protect the same. */
interface Publisher {
  readonly site: Site
  /** Whether its own namespace takes it to ask Gatehouse; others do not take somebody else's word for that. */
  readonly isTrustedAtHome: boolean
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
 * @param sites all Ingresses, also those on their way out
 */
export function elsewhereReader(sites: readonly Site[], settings: WiringSettings): (site: ProtectedPlace) => Elsewhere {
  const openings = createOpenings<Publisher>()
  for (const site of sites) {
    const trust = trustIn(site, settings)
    if (trust === 'Everywhere') continue
    for (const { host, path } of site.published.destinations) {
      // Of the auth host nobody but Gatehouse has anything; that is said elsewhere.
      if (isBelow(path, ACME) || host === settings.authHost) continue
      openings.add(host, destinationKey(path), { site, isTrustedAtHome: trust === 'AtHome' })
    }
  }

  return (place) => {
    const few = createFewPublishers()
    const notes = new Set<string>()
    const distrusted = (all: readonly Publisher[]) =>
      all.filter(({ site, isTrustedAtHome }) => !(isTrustedAtHome && site.namespace === place.namespace))
    for (const { host, path } of place.published.destinations.slice(0, MOST_DESTINATIONS)) {
      const key = destinationKey(path)
      const over = wildcardOf(host) ?? ''
      for (const { site } of distrusted(openings.within(host, key))) {
        few.add(publisherOf(site, place), () => exposed(site, place, host))
      }
      for (const { site } of distrusted(openings.around(host, key))) {
        if (notes.size < MOST_NOTES) notes.add(around(site, place, { host, path }))
      }
      for (const { site } of distrusted([...openings.within(over, key), ...openings.around(over, key)])) {
        if (mayPreferWildcards(site)) few.add(publisherOf(site, place), () => preferred(site, place, host))
      }
    }
    return { flaws: few.flaws(), notes: [...notes] }
  }
}

/** Who believes of an Ingress that its proxy asks Gatehouse, or that it publishes nothing of its own. */
function trustIn(site: Site, settings: WiringSettings): 'Everywhere' | 'AtHome' | 'Nowhere' {
  const { namespace, published, serving, intent, isLeaving } = site
  const isOurs =
    namespace === settings.systemNamespace && published.destinations.every(({ path }) => path === '/.gatehouse')
  if (isOurs) return 'Everywhere'
  const controllers = controllersOf(serving)
  const annotations = annotationsSoon(site, settings)
  const isCertain =
    serving.outcome !== 'Unknown' &&
    controllers.every((one) => one.asksThisGatehouse(site.ingress, annotations, settings))
  if (isCertain) return 'Everywhere'
  const seemsSo = controllers.some(
    ({ asksGatehouse, isShadow }) => asksGatehouse(annotations, settings) || isShadow(annotations),
  )
  return intent !== undefined || isLeaving || seemsSo ? 'AtHome' : 'Nowhere'
}

/** The annotations of an Ingress once it is wired. */
function annotationsSoon(site: Site, settings: WiringSettings): Annotations {
  const annotations = annotationsOf(site.ingress)
  const { application } = protectedSite(site) ?? {}
  if (application === undefined || site.isLeaving) return annotations
  const keys = controllersOf(site.serving).map((one) => one.keys(site.ingress, application, settings).set)
  return Object.assign({}, annotations, ...keys)
}

function mayPreferWildcards({ serving }: Site): boolean {
  return controllersOf(serving).some((one) => one.mayPreferWildcards)
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

function publisherOf({ ingress, namespace }: Site, site: ProtectedPlace) {
  return { name: ingress.metadata.name, isForeign: namespace !== site.namespace }
}

function nameOf({ ingress, namespace }: Site, site: ProtectedPlace): string {
  return namespace === site.namespace ? `Ingress ${ingress.metadata.name}` : 'an Ingress of another namespace'
}

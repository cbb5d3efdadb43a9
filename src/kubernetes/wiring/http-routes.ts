import { fieldOf } from '../../resources/raw-value.ts'
import type { Flaw } from '../../resources/status.ts'
import { type KubeObject, keyOf } from '../kube-object.ts'
import { CLOSED, idleAnnotations, readIntent } from './annotations.ts'
import { accessApplication, isMadeFor } from './application.ts'
import { coverageFlaws } from './covered-hosts.ts'
import { MOST_DESTINATIONS } from './destinations.ts'
import { createFindings, type Findings } from './findings.ts'
import { filterFlaws, routeMiddlewares, TRAEFIK } from './http-route-filter.ts'
import { type ProtectedRoute, protectedRoute, type RouteSite, readRoute } from './http-route-site.ts'
import { gatewayControllersOf } from './http-route-status.ts'
import { ingressClassReader } from './ingress-class.ts'
import { openRouteReader } from './open-routes.ts'
import { portalHttpRoutes } from './portal-http-routes.ts'
import { elsewhereReader } from './published-elsewhere.ts'
import { protectedSite, readSite } from './site.ts'
import { type ClusterView, OWNER_LABEL, type Wiring, type WiringSettings } from './wiring.ts'

/**
 * What is to be in the cluster for the HTTPRoutes (gateway.networking.k8s.io/v1) that are annotated. Their rules are lists
 * that belong to their authors, so nothing is written into them: what a Gateway has to be told, the author is told. Never
 * throws.
 */
export function wireHttpRoutes(view: ClusterView, settings: WiringSettings): Wiring {
  const findings = createFindings()
  const all = view.httpRoutes
    .filter((route) => !isOurs(route, settings))
    .map(readRoute)
    .filter((site) => site !== undefined)
  const sites = all.filter(({ isLeaving }) => !isLeaving)
  const unprotected = sites.filter(({ intent }) => intent === undefined)
  const annotated = sites.map(protectedRoute).filter((site) => site !== undefined)
  const wired = annotated.filter((site) => !isPortal(site, settings))

  for (const { route } of unprotected) findings.problem(route, ...idleAnnotations(route))
  for (const { route } of annotated.filter((site) => isPortal(site, settings))) {
    findings.problem(route, { reason: 'AuthHost', message: PORTAL_ANNOTATED })
  }

  const applications = applicationsOf(wired, view, findings)
  for (const site of wired) {
    const { route, key, intent, published } = site
    findings.open(key)
    if (intent.settings === undefined) {
      const named = applications.get(key) ?? view.applications.get(key)
      findings.flaw(route, key, ...intent.flaws, ...published.flaws, ...coverageFlaws(site, named))
    }
    findings.note(key, ...published.notes)
    reportProxies(site, settings, findings)
  }
  reportOpenings(view, settings, findings, wired, all)
  const portal = portalHttpRoutes(wired, view, settings, findings)
  return {
    objects: [...applications.values(), ...routeMiddlewares(wired, settings), ...portal],
    edits: [],
    ...findings.all(),
  }
}

const PORTAL_ANNOTATED =
  'this is the HTTPRoute of Gatehouse itself, which has to be reached without a login; remove the annotation'

function isOurs({ metadata }: KubeObject, { systemNamespace }: WiringSettings): boolean {
  const isLabelled = Object.entries(OWNER_LABEL).every(([key, value]) => fieldOf(metadata.labels, key) === value)
  return isLabelled && metadata.namespace === systemNamespace
}

/** The HTTPRoute of the chart. One of another namespace with the auth host gets nothing there. */
function isPortal({ namespace, published }: ProtectedRoute, { systemNamespace, authHost }: WiringSettings): boolean {
  return namespace === systemNamespace && published.hosts.includes(authHost)
}

/** The applications that annotations ask for, by key; those that cannot be made are reported. */
function applicationsOf(
  sites: readonly ProtectedRoute[],
  view: ClusterView,
  findings: Findings,
): ReadonlyMap<string, KubeObject> {
  const applications = new Map<string, KubeObject>()
  const ingresses = new Map(view.ingresses.map((ingress) => [keyOf(ingress), ingress]))
  for (const { route, key, intent, published } of sites) {
    if (intent.settings === undefined) continue
    const present = view.applications.get(key)
    const flaws = [...intent.flaws, ...published.flaws]
    const isTaken = present === undefined ? asksToo(ingresses.get(key)) : !isMadeFor(present, route)
    if (isTaken) {
      // Nothing is wrong with the application that is there.
      findings.problem(route, notOwned(route), ...flaws)
      continue
    }
    findings.flaw(route, key, ...flaws)
    const destinations = published.destinations.slice(0, MOST_DESTINATIONS)
    if (destinations.length === 0) continue
    const isWhole = destinations.length === published.destinations.length
    applications.set(key, accessApplication(route, isWhole ? intent.settings : CLOSED, destinations))
  }
  return applications
}

/** Whether an Ingress asks for an application of its name. It comes first. */
function asksToo(ingress: KubeObject | undefined): boolean {
  return ingress !== undefined && readIntent(ingress)?.settings !== undefined
}

function notOwned({ metadata: { name } }: KubeObject): Flaw {
  const message = `there is an AccessApplication ${name} that was not made for this HTTPRoute; it decides, and the annotations do not. To use it, write access.gatehouse.dev/application: ${name} in place of access.gatehouse.dev/policies; else rename one of the two`
  return { reason: 'ApplicationNotOwned', message }
}

/** Says what Gateways have to be told, by who serves the route. */
function reportProxies(site: ProtectedRoute, settings: WiringSettings, findings: Findings): void {
  const { route, key } = site
  const controllers = gatewayControllersOf(route)
  for (const controller of controllers) {
    const flaws = controller === TRAEFIK ? filterFlaws(site) : [byHand(site, controller, settings)]
    findings.flaw(route, key, ...flaws)
  }
  if (controllers.length > 0) return
  findings.note(key, `No Gateway has taken HTTPRoute ${keyOf(route)} yet, so nobody knows what it takes to protect it.`)
}

function byHand({ route, application, published }: ProtectedRoute, controller: string, settings: WiringSettings): Flaw {
  const { namespace, application: name } = application
  const message = `HTTPRoute ${keyOf(route)} is served by ${controller}, which Gatehouse does not configure. By hand: let it ask ${settings.checkUrl}/<dialect>/app/${namespace}/${name} before each request for ${published.hosts.join(', ') || 'its hosts'}; docs/guides/other-controllers.md tells how. /.gatehouse is routed to the portal already`
  return { reason: 'ControllerUnknown', message }
}

/** What else publishes the same, and does not ask. An Ingress that is annotated learns of such HTTPRoutes too. */
function reportOpenings(
  { ingresses, ingressClasses }: ClusterView,
  settings: WiringSettings,
  findings: Findings,
  wired: readonly ProtectedRoute[],
  all: readonly RouteSite[],
): void {
  const servingOf = ingressClassReader(ingressClasses)
  const sites = ingresses.map((ingress) => readSite(ingress, servingOf)).filter((site) => site !== undefined)
  const openRoutes = openRouteReader(all)
  const openIngresses = elsewhereReader(sites, settings)
  for (const site of wired) {
    const { flaws, notes } = openIngresses(site)
    findings.flaw(site.route, site.key, ...flaws, ...openRoutes(site))
    findings.note(site.key, ...notes)
  }
  const annotated = sites.filter(({ isLeaving }) => !isLeaving).map(protectedSite)
  for (const site of annotated.filter((one) => one !== undefined)) {
    findings.flaw(site.ingress, site.key, ...openRoutes(site))
  }
}

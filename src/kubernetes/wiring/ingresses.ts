import type { Flaw } from '../../resources/status.ts'
import type { KubeObject } from '../kube-object.ts'
import { CLOSED, idleAnnotations, WIRED } from './annotations.ts'
import { accessApplication, isMadeFor } from './application.ts'
import { byHand } from './by-hand.ts'
import { coverageFlaws } from './covered-hosts.ts'
import { MOST_DESTINATIONS } from './destinations.ts'
import { createFindings, type Findings } from './findings.ts'
import { controllersOf, ingressClassReader } from './ingress-class.ts'
import { ingressControllers } from './ingress-controllers.ts'
import { portalIngresses } from './portal-ingresses.ts'
import { elsewhereReader } from './published-elsewhere.ts'
import { sharedBackendReader } from './shared-backends.ts'
import { type ProtectedSite, protectedSite, readSite, type Site } from './site.ts'
import { takeBackFrom, undo } from './undo.ts'
import type { AnnotationEdit, ClusterView, Wiring, WiringSettings } from './wiring.ts'

/**
 * What is to be in the cluster for the Ingresses that are annotated, or were. Whatever is wrong with one of them, its proxy
 * is told to ask Gatehouse, which then refuses; and it hinders no other. Never throws.
 */
export function wireIngresses(view: ClusterView, settings: WiringSettings): Wiring {
  const findings = createFindings()
  const servingOf = ingressClassReader(view.ingressClasses)
  const all = view.ingresses.map((ingress) => readSite(ingress, servingOf)).filter((site) => site !== undefined)
  const sites = all.filter(({ isLeaving }) => !isLeaving)
  const unprotected = sites.filter(({ intent }) => intent === undefined)
  const annotated = sites.map(protectedSite).filter((site) => site !== undefined)
  const wired = annotated.filter((site) => !isPortal(site, settings))

  for (const site of unprotected) {
    findings.problem(site.ingress, ...idleAnnotations(site.ingress))
    if (isIntruder(site, settings)) findings.problem(site.ingress, { reason: 'AuthHost', message: INTRUDER })
  }
  for (const { ingress } of annotated.filter((site) => isPortal(site, settings))) {
    findings.problem(ingress, { reason: 'AuthHost', message: PORTAL_ANNOTATED })
  }

  const applications = applicationsOf(wired, view, findings)
  const elsewhereOf = elsewhereReader(all, settings)
  const sharedOf = sharedBackendReader(all)
  const edits = unprotected.map(({ ingress }) => undo(ingress, settings)).filter((edit) => edit !== undefined)
  const middlewares = new Map<string, KubeObject>()
  for (const site of wired) {
    findings.open(site.key)
    const { intent, ingress, key, published } = site
    if (intent.settings === undefined) {
      const named = applications.get(key) ?? view.applications.get(key)
      findings.flaw(ingress, key, ...intent.flaws, ...published.flaws, ...coverageFlaws(site, named))
    }
    const elsewhere = elsewhereOf(site)
    findings.flaw(ingress, key, ...servingFlaws(site, settings), ...elsewhere.flaws, ...sharedOf(site))
    findings.note(key, ...published.notes, ...elsewhere.notes, ...servingNotes(site, settings))
    edits.push(wireKeys(site, settings, findings))
    for (const object of keyObjects(site, settings, findings)) middlewares.set(object.metadata.name, object)
  }
  const portal = portalIngresses(wired, view.hostsOf, settings)
  for (const { site, flaw } of portal.flaws) findings.flaw(site.ingress, site.key, flaw)
  return {
    objects: [...applications.values(), ...middlewares.values(), ...portal.objects],
    edits,
    ...findings.all(),
  }
}

const PORTAL_ANNOTATED =
  'this is the Ingress of Gatehouse itself, which has to be reached without a login; remove the annotation'

/** The Ingress of the chart. One of another namespace with the auth host is wired, and gets nothing there. */
function isPortal({ namespace, published }: Site, { systemNamespace, authHost }: WiringSettings): boolean {
  return namespace === systemNamespace && published.hosts.includes(authHost)
}

const INTRUDER =
  'it publishes the host of Gatehouse itself, and may receive what people bring along there; take the host out of it'

/** An Ingress of somebody else with the auth host: a path of it may go there in place of the portal. */
function isIntruder({ namespace, published }: Site, { systemNamespace, authHost }: WiringSettings): boolean {
  return namespace !== systemNamespace && published.hosts.includes(authHost)
}

/** The applications that annotations ask for, by key; those that cannot be made are reported. */
function applicationsOf(
  sites: readonly ProtectedSite[],
  view: ClusterView,
  findings: Findings,
): ReadonlyMap<string, KubeObject> {
  const applications = new Map<string, KubeObject>()
  for (const { ingress, key, intent, published } of sites) {
    if (intent.settings === undefined) continue
    const present = view.applications.get(key)
    const flaws = [...intent.flaws, ...published.flaws]
    if (present !== undefined && !isMadeFor(present, ingress)) {
      // Nothing is wrong with the object that is there.
      findings.problem(ingress, notOwned(ingress), ...flaws)
      continue
    }
    findings.flaw(ingress, key, ...flaws)
    const destinations = published.destinations.slice(0, MOST_DESTINATIONS)
    if (destinations.length === 0) continue
    const isWhole = destinations.length === published.destinations.length
    applications.set(key, accessApplication(ingress, isWhole ? intent.settings : CLOSED, destinations))
  }
  return applications
}

function notOwned({ metadata: { name } }: KubeObject): Flaw {
  const message = `there is an AccessApplication ${name} that somebody else made; it decides, and the annotations do not. To use it, write access.gatehouse.dev/application: ${name} in place of access.gatehouse.dev/policies; else rename one of the two`
  return { reason: 'ApplicationNotOwned', message }
}

function servingFlaws({ serving, application, published }: ProtectedSite, settings: WiringSettings): Flaw[] {
  if (serving.outcome === 'Unclear') return [serving.flaw]
  if (serving.outcome === 'Known') return []
  return [byHand(application, published.hosts, serving.reference, serving.controllerName, settings)]
}

function servingNotes({ serving }: ProtectedSite, { admissionPolicies }: WiringSettings): string[] {
  if (serving.outcome !== 'Known') return []
  const { controller, reference } = serving
  const own = controller.note(reference.name)
  return [
    ...(own === undefined ? [] : [own]),
    ...(admissionPolicies.has(reference.name) ? [] : [window(reference.name, controller.guide)]),
  ]
}

function window(className: string, guide: string): string {
  return `No admission policy covers the class ${className}: from the creation of an Ingress until the controller has edited it, its app is answered unchecked. ${guide} tells how the proxy refuses by default.`
}

function wireKeys(
  { ingress, key, serving, application }: ProtectedSite,
  settings: WiringSettings,
  findings: Findings,
): AnnotationEdit {
  const ours = controllersOf(serving)
  const stale = takeBackFrom(
    ingressControllers.filter((controller) => !ours.includes(controller)),
    ingress,
    settings,
  )
  const keys = ours.map((controller) => controller.keys(ingress, application, settings))
  findings.flaw(ingress, key, ...keys.flatMap(({ flaws }) => flaws))
  const mark = { [WIRED]: ours.map(({ name }) => name).join(',') }
  return {
    target: ingress,
    set: Object.assign({}, stale.set, ...keys.map(({ set }) => set), mark),
    remove: stale.remove,
  }
}

/** Where it is not certain who serves an Ingress the objects are left out: without them a proxy refuses. */
function keyObjects(
  { ingress, key, serving, application }: ProtectedSite,
  settings: WiringSettings,
  findings: Findings,
): readonly KubeObject[] {
  if (serving.outcome !== 'Known') return []
  const { objects, flaws } = serving.controller.objects(application, settings)
  findings.flaw(ingress, key, ...flaws)
  return objects
}

import { fieldOf, listOf } from '../../resources/raw-value.ts'
import type { Flaw } from '../../resources/status.ts'
import { apiResources } from '../api-resource.ts'
import { boundedName } from '../bounded-name.ts'
import { type KubeObject, keyOf, type OwnerReference } from '../kube-object.ts'
import { forwardAuth } from './forward-auth.ts'
import type { ProtectedRoute } from './http-route-site.ts'
import { rulesOf } from './http-route-spec.ts'
import { gatewayControllersOf } from './http-route-status.ts'
import type { WiringSettings } from './wiring.ts'

const { group: GROUP, kind: KIND } = apiResources.middlewares

/** By this name Traefik signs what it says of an HTTPRoute. */
export const TRAEFIK = 'traefik.io/gateway-controller'

/**
 * A Middleware for each application that an HTTPRoute of Traefik's asks about, or is about to: in the namespace of the
 * HTTPRoute, since a filter can name no other. It goes when the last of its HTTPRoutes goes.
 */
export function routeMiddlewares(
  sites: readonly ProtectedRoute[],
  settings: Pick<WiringSettings, 'checkUrl'>,
): KubeObject[] {
  const byApplication = Map.groupBy(sites.filter(needsMiddleware), ({ key }) => key)
  return [...byApplication.values()].flatMap((all) => {
    const [first] = all
    if (first === undefined) return []
    const { application } = first
    const name = middlewareName(application.application)
    const middleware = forwardAuth({ name, namespace: application.namespace }, application, settings)
    const ownerReferences = all.flatMap(({ route }) => ownerReference(route) ?? [])
    if (ownerReferences.length === 0) return middleware
    return { ...middleware, metadata: { ...middleware.metadata, ownerReferences } }
  })
}

/** Also while no status says so: what a filter names has to be there when Traefik looks. */
function needsMiddleware({ route, application }: ProtectedRoute): boolean {
  const name = middlewareName(application.application)
  return (
    gatewayControllersOf(route).includes(TRAEFIK) ||
    rulesOf(route).some((rule) => filtersOf(rule).some((filter) => middlewareOf(filter) === name))
  )
}

function middlewareName(application: string): string {
  return boundedName('gatehouse-', application)
}

/** Whether every rule begins with the filter, so that no request comes by it. */
export function isFiltered(route: KubeObject, isOurs: (name: unknown) => boolean): boolean {
  return rulesOf(route).every((rule) => isOurs(namedFirst(rule)))
}

/** What is to be added to the rules of an HTTPRoute that Traefik serves; empty once it is there. */
export function filterFlaws({ route, application }: ProtectedRoute): Flaw[] {
  const name = middlewareName(application.application)
  const rules = rulesOf(route)
  const open = rules.flatMap((rule, index) => (namedFirst(rule) === name ? [] : `spec.rules[${index}]`))
  if (open.length === 0) return []
  return [
    {
      reason: 'FilterMissing',
      message: `Traefik lets requests through HTTPRoute ${keyOf(route)} without asking Gatehouse, and its rules are not Gatehouse's to change. Let the list of filters of ${open.join(', ')} begin with\n${filterLines(name)}`,
    },
  ]
}

/** The lines that belong into a rule, as YAML. */
function filterLines(name: string): string {
  return [
    'filters:',
    '  - type: ExtensionRef',
    '    extensionRef:',
    `      group: ${GROUP}`,
    `      kind: ${KIND}`,
    `      name: ${name}`,
  ].join('\n')
}

function ownerReference({ apiVersion, kind, metadata: { name, uid } }: KubeObject): OwnerReference | undefined {
  return uid === undefined ? undefined : { apiVersion, kind, name, uid }
}

function namedFirst(rule: unknown): unknown {
  return middlewareOf(filtersOf(rule)[0])
}

/** @returns the name of the Middleware of Traefik that a filter stands for; undefined if it does something else */
function middlewareOf(filter: unknown): unknown {
  const reference = fieldOf(filter, 'extensionRef')
  const isMiddleware =
    fieldOf(filter, 'type') === 'ExtensionRef' &&
    fieldOf(reference, 'group') === GROUP &&
    fieldOf(reference, 'kind') === KIND
  return isMiddleware ? fieldOf(reference, 'name') : undefined
}

function filtersOf(rule: unknown): readonly unknown[] {
  return listOf(fieldOf(rule, 'filters'))
}

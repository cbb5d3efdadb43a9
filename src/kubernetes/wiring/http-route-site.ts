import { type KubeObject, keyOf } from '../kube-object.ts'
import { type Intent, readIntent } from './annotations.ts'
import type { Published } from './destinations.ts'
import { publishedByRoute } from './http-route-spec.ts'
import type { Protected } from './ingress-controller.ts'

/** An HTTPRoute, and all that it says for itself. */
export interface RouteSite {
  readonly route: KubeObject
  readonly namespace: string
  /** Undefined: it is not annotated. */
  readonly intent: Intent | undefined
  readonly published: Published
  /** Whether it is on its way out. Gateways serve it until it has gone, which may be never. */
  readonly isLeaving: boolean
}

/** An annotated HTTPRoute. */
export interface ProtectedRoute extends RouteSite {
  readonly intent: Intent
  readonly application: Protected
  /** Key of the application. */
  readonly key: string
}

export function readRoute(route: KubeObject): RouteSite | undefined {
  const { namespace, deletionTimestamp } = route.metadata
  if (namespace === undefined) return undefined
  const isLeaving = deletionTimestamp !== undefined
  return { route, namespace, intent: readIntent(route), published: publishedOnce(route), isLeaving }
}

/** A large HTTPRoute takes long to read, and nobody else is to wait for it at every look. */
const known = new WeakMap<KubeObject, Published>()

function publishedOnce(route: KubeObject): Published {
  const published = known.get(route) ?? publishedByRoute(route)
  known.set(route, published)
  return published
}

/** @returns undefined if the HTTPRoute is not annotated */
export function protectedRoute(site: RouteSite): ProtectedRoute | undefined {
  const { intent, namespace } = site
  if (intent === undefined) return undefined
  const name = intent.applicationName
  return {
    ...site,
    intent,
    application: { namespace, application: name },
    key: keyOf({ metadata: { namespace, name } }),
  }
}

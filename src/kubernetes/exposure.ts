import { fieldOf, valueAt } from '../resources/raw-value.ts'
import { backendsOf } from './backends.ts'
import { type KubeObject, keyOf } from './kube-object.ts'
import { gatewayControllersOf } from './wiring/http-route-status.ts'

/** How an Ingress or an HTTPRoute lets the world reach Services. */
export interface Exposure {
  /** As `Ingress monitoring/grafana`. */
  readonly source: string
  /** Names of Services of its namespace. */
  readonly services: readonly string[]
  /** Backends of another sort, in words. */
  readonly otherBackends: readonly string[]
  /** Which ingress controllers serve it: names of IngressClasses, or controller names of Gateways. */
  readonly controllers: readonly string[]
}

/** Reads exposures off Ingresses and HTTPRoutes. Never throws. */
export function exposuresOf(
  ingresses: readonly KubeObject[],
  httpRoutes: readonly KubeObject[],
  ingressClasses: readonly KubeObject[],
): Exposure[] {
  return [
    ...ingresses.map((one) => exposure('Ingress', one, classesOf(one, ingressClasses))),
    ...httpRoutes.map((one) => exposure('HTTPRoute', one, gatewayControllersOf(one))),
  ]
}

function exposure(kind: string, source: KubeObject, controllers: readonly string[]): Exposure {
  const { services, others } = backendsOf(source)
  return { source: `${kind} ${keyOf(source)}`, services, otherBackends: others, controllers }
}

/** Both where two are named: which of them serves the Ingress is for the controllers to say. */
function classesOf(ingress: KubeObject, ingressClasses: readonly KubeObject[]): string[] {
  const named = [
    valueAt(ingress, ['spec', 'ingressClassName']),
    fieldOf(ingress.metadata.annotations, 'kubernetes.io/ingress.class'),
  ].filter(isText)
  if (named.length > 0) return [...new Set(named)]
  return ingressClasses
    .filter(({ metadata }) => fieldOf(metadata.annotations, 'ingressclass.kubernetes.io/is-default-class') === 'true')
    .map(({ metadata }) => metadata.name)
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

import { type KubeObject, keyOf } from '../kube-object.ts'
import { annotationsOf } from './annotation-map.ts'
import { type Intent, readIntent } from './annotations.ts'
import { type Published, publishedBy } from './destinations.ts'
import { controllersOf, type Serving } from './ingress-class.ts'
import type { Protected } from './ingress-controller.ts'

/** An Ingress, and all that bears on it. */
export interface Site {
  readonly ingress: KubeObject
  readonly namespace: string
  /** Undefined: it is not annotated. */
  readonly intent: Intent | undefined
  readonly serving: Serving
  readonly published: Published
}

/** An annotated Ingress. */
export interface ProtectedSite extends Site {
  readonly intent: Intent
  readonly application: Protected
  /** Key of the application. */
  readonly key: string
}

/** What is protected, by whatever kind of object. */
export type ProtectedPlace = Pick<ProtectedSite, 'namespace' | 'application' | 'published'>

/** @returns undefined for what is going away */
export function readSite(ingress: KubeObject, servingOf: (ingress: KubeObject) => Serving): Site | undefined {
  const { namespace, deletionTimestamp } = ingress.metadata
  if (namespace === undefined || deletionTimestamp !== undefined) return undefined
  const serving = servingOf(ingress)
  const annotations = annotationsOf(ingress)
  const controllers = controllersOf(serving)
  const readsRegex = (type: unknown) => controllers.some((controller) => controller.readsRegex(annotations, type))
  return { ingress, namespace, intent: readIntent(ingress), serving, published: publishedBy(ingress, readsRegex) }
}

/** @returns undefined if the Ingress is not annotated */
export function protectedSite(site: Site): ProtectedSite | undefined {
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

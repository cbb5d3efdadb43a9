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
  /** Whether it is on its way out. Proxies serve it until it has gone, which may be never. */
  readonly isLeaving: boolean
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

export function readSite(ingress: KubeObject, servingOf: (ingress: KubeObject) => Serving): Site | undefined {
  const { namespace, deletionTimestamp } = ingress.metadata
  if (namespace === undefined) return undefined
  const serving = servingOf(ingress)
  const isLeaving = deletionTimestamp !== undefined
  return {
    ingress,
    namespace,
    intent: readIntent(ingress),
    serving,
    published: publishedOnce(ingress, serving),
    isLeaving,
  }
}

/** A large Ingress takes long to read, and nobody else is to wait for it at every look. */
const known = new WeakMap<KubeObject, { readonly readers: string; readonly published: Published }>()

function publishedOnce(ingress: KubeObject, serving: Serving): Published {
  const controllers = controllersOf(serving)
  const readers = controllers.map(({ name }) => name).join()
  const before = known.get(ingress)
  if (before?.readers === readers) return before.published
  const annotations = annotationsOf(ingress)
  const published = publishedBy(ingress, (type) => controllers.some((one) => one.readsRegex(annotations, type)))
  known.set(ingress, { readers, published })
  return published
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

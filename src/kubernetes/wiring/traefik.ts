import { fieldOf } from '../../resources/raw-value.ts'
import type { KubeObject } from '../kube-object.ts'
import { type Annotations, annotationsOf } from './annotation-map.ts'
import { forwardAuth } from './forward-auth.ts'
import type { IngressController, PortalShape } from './ingress-controller.ts'
import { hasTlsFor } from './ingress-tls.ts'
import { isMiddleware, isMiddlewareOf, LONGEST_NAME, middlewareName, middlewareReference } from './middleware-name.ts'

const PREFIX = 'traefik.ingress.kubernetes.io/router.'
const MIDDLEWARES = `${PREFIX}middlewares`
const PRIORITY = `${PREFIX}priority`
/** Above that of any rule, which is its length. */
const PORTAL_PRIORITY = 100_000
/** The copy stands in the system namespace, once for each host: an author must not fill it. */
const LONGEST_COPIED = 1024

/**
 * Traefik, which asks by a ForwardAuth middleware in `router.middlewares`. Where a middleware does not exist Traefik
 * refuses the route.
 */
export const traefik: IngressController = {
  name: 'traefik',
  legacyClass: 'traefik',
  guide: 'docs/guides/traefik.md',
  isMeantBy: (controller) => controller === 'traefik.io/ingress-controller',
  keys(ingress, { namespace, application }, { systemNamespace }) {
    const annotations = annotationsOf(ingress)
    const others = entries(annotations).filter((entry) => !isMiddlewareOf(entry, systemNamespace, namespace))
    const value = [middlewareReference(systemNamespace, namespace, application), ...others].join(',')
    return { set: { [MIDDLEWARES]: value }, flaws: priorityFlaws(annotations) }
  },
  objects(application, settings) {
    const name = middlewareName(application.namespace, application.application)
    if (name.length > LONGEST_NAME) {
      const message = `the name ${application.application} is too long for that of a Middleware; give it a shorter one`
      return { objects: [], flaws: [{ reason: 'NameTooLong', message }] }
    }
    return { objects: [forwardAuth({ name, namespace: settings.systemNamespace }, application, settings)], flaws: [] }
  },
  takeBack(annotations, namespace, { systemNamespace }) {
    const all = entries(annotations)
    const others = all.filter((entry) => !isMiddlewareOf(entry, systemNamespace, namespace))
    if (others.length === all.length) return { set: {}, remove: [] }
    return others.length === 0
      ? { set: {}, remove: [MIDDLEWARES] }
      : { set: { [MIDDLEWARES]: others.join(',') }, remove: [] }
  },
  portalShape,
  readsRegex: (annotations, pathType) =>
    pathType !== 'Prefix' && pathType !== 'Exact' && /^PathRegexp$/i.test(annotations[`${PREFIX}pathmatcher`] ?? ''),
  asksGatehouse: (annotations, { systemNamespace }) =>
    entries(annotations).some(
      (entry) => /(^|-)gatehouse-/.test(entry) || entry.trim().startsWith(`${systemNamespace}-`),
    ),
  // What comes before may change what is asked about.
  asksThisGatehouse: (_, annotations, { systemNamespace }) =>
    entries(annotations)
      .slice(0, 1)
      .some((entry) => isMiddleware(entry, systemNamespace)),
  isShadow: () => false,
  mayPreferWildcards: true,
  joinsNames: true,
  note: () => undefined,
}

/** On the entry points of the app, and with its TLS: a router without TLS answers no https, and options must agree. */
function portalShape(ingress: KubeObject, host: string): PortalShape {
  const copied = Object.entries(annotationsOf(ingress)).filter(
    ([key, value]) => isCopied(key) && value.length <= LONGEST_COPIED,
  )
  return {
    annotations: { ...Object.fromEntries(copied), [PRIORITY]: String(PORTAL_PRIORITY) },
    pathType: 'Prefix',
    hasTls: hasTlsFor(fieldOf(ingress, 'spec'), host),
  }
}

/** Traefik reads what follows its prefix in any letter case. */
function isCopied(key: string): boolean {
  const name = key.toLowerCase()
  return name === `${PREFIX}entrypoints` || name === `${PREFIX}tls` || name.startsWith(`${PREFIX}tls.`)
}

function entries(annotations: Annotations): string[] {
  return (annotations[MIDDLEWARES] ?? '').split(',').filter((entry) => entry.trim() !== '')
}

function priorityFlaws(annotations: Annotations): ReturnType<IngressController['keys']>['flaws'] {
  const priority = Number(annotations[PRIORITY] ?? 0)
  if (!(priority >= PORTAL_PRIORITY)) return []
  const message = `${PRIORITY} is so high that /.gatehouse/ of the host does not reach Gatehouse and nobody can sign in; choose one below ${PORTAL_PRIORITY}`
  return [{ reason: 'AnnotationConflict', message }]
}

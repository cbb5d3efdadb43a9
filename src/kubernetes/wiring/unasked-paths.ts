import { fieldOf, listOf, valueAt } from '../../resources/raw-value.ts'
import type { Flaw } from '../../resources/status.ts'
import type { KubeObject } from '../kube-object.ts'
import { annotationsOf } from './annotation-map.ts'

/**
 * By default ingress-nginx asks nobody about paths of an Ingress that begin with this text (`no-auth-locations`), whatever
 * its annotations say.
 */
const UNASKED = '/.well-known/acme-challenge'
const CHALLENGE = /^\/\.well-known\/acme-challenge(?:\/[A-Za-z0-9_-]*)?$/
const MOST_NAMED = 3

/** Paths of an Ingress by which the app would be answered unchecked. Challenges of a certificate authority are none. */
export function unaskedPaths(ingress: KubeObject): string[] {
  const annotations = annotationsOf(ingress)
  const isRewritten =
    (annotations['nginx.ingress.kubernetes.io/use-regex'] ?? 'false') !== 'false' ||
    (annotations['nginx.ingress.kubernetes.io/rewrite-target'] ?? '') !== ''
  const rules = listOf(valueAt(ingress, ['spec', 'rules']))
  const paths = rules.flatMap((rule) => listOf(valueAt(rule, ['http', 'paths']))).map((one) => fieldOf(one, 'path'))
  return paths.filter(
    (path): path is string =>
      typeof path === 'string' && path.startsWith(UNASKED) && (isRewritten || !CHALLENGE.test(path)),
  )
}

/** What is wrong with such paths. */
export function unaskedFlaws(paths: readonly string[]): Flaw[] {
  if (paths.length === 0) return []
  const named = paths.slice(0, MOST_NAMED).map((path) => path.slice(0, 80))
  const message = `${named.join(', ')}: ingress-nginx asks nobody about paths that begin with ${UNASKED}; choose another one. Until then nobody is let in`
  return [{ reason: 'PathNotSupported', message }]
}

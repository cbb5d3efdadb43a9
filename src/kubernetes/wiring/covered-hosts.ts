import { wildcardOf } from '../../policy/host.ts'
import { claimedDestinations } from '../../resources/claimed-destinations.ts'
import { fieldOf } from '../../resources/raw-value.ts'
import type { Flaw } from '../../resources/status.ts'
import type { KubeObject } from '../kube-object.ts'
import type { ProtectedPlace } from './site.ts'

/** What is wrong with naming an application that the author keeps. */
export function coverageFlaws(
  { published, application, namespace }: ProtectedPlace,
  named: KubeObject | undefined,
): Flaw[] {
  const name = application.application
  if (named === undefined) {
    const message = `there is no AccessApplication ${name} in the namespace ${namespace}; create it, or name another one. Until then everybody is refused`
    return [{ reason: 'ApplicationNotFound', message }]
  }
  const covered = new Set(claimedDestinations(fieldOf(named, 'spec')).claims.map(({ host }) => host))
  const missing = published.hosts.filter((host) => !covered.has(host) && !covered.has(wildcardOf(host) ?? ''))
  if (missing.length === 0) return []
  const hosts = `${missing.slice(0, 3).join(', ')}${missing.length > 3 ? ` and ${missing.length - 3} more` : ''}`
  const message = `no destination of AccessApplication ${name} is on ${hosts}, where everybody is refused; add it to spec.destinations`
  return [{ reason: 'HostNotCovered', message }]
}

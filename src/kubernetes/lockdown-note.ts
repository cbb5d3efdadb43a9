import type { KubeObject } from './kube-object.ts'
import type { Peer } from './lockdown-peers.ts'
import type { Target } from './lockdown-target.ts'

const MOST_NAMED = 10

/** What one policy selects and lets through, in words. Pods and peers beyond ten are counted. */
export function selectionWords(
  policy: string,
  { service, ports }: Target,
  peers: readonly Peer[],
  pods: readonly KubeObject[],
  sharer: string | undefined,
): string {
  const names = pods.map(({ metadata }) => metadata.name).sort()
  const selected = names.length === 0 ? 'no pods now' : `${names.length} pods: ${firstOf(names)}`
  const shared = sharer === undefined ? '' : `; application ${sharer} uses the Service too`
  return `NetworkPolicy ${policy} admits to the pods of Service ${service} (${selected}), on ${firstOf(
    ports.map(({ protocol, port }) => `${protocol} ${port}`),
  )}, only ${firstOf(peers.map(({ words }) => words))}${shared}`
}

/**
 * What an author ought to know of the policies of an application.
 *
 * @param selected the words of each policy
 * @param open names of Services that publish the application and have none
 */
export function noteOf(selected: readonly string[], open: readonly string[]): string | undefined {
  if (selected.length === 0) return undefined
  return [
    ...selected.slice(0, MOST_NAMED),
    ...(selected.length > MOST_NAMED ? [`${selected.length - MOST_NAMED} more NetworkPolicies do the same`] : []),
    ...(open.length > 0 ? [`not listed in services, and so not locked down: ${firstOf(open)}`] : []),
    CUT_OFF,
  ].join('. ')
}

const CUT_OFF =
  'Everything else is cut off from these pods: other namespaces, other pods of this one, Prometheus, every port not named; spec.lockdown.networkPolicy.from admits more. This holds where the network of the cluster enforces NetworkPolicies.'

function firstOf(names: readonly string[]): string {
  const more = names.length > MOST_NAMED ? ` and ${names.length - MOST_NAMED} more` : ''
  return `${names.slice(0, MOST_NAMED).join(', ')}${more}`
}

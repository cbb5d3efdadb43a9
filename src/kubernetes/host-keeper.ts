import type { Events } from '../observe/events.ts'
import type { HostGrant } from '../resources/host-owners.ts'
import { apiResources, apiVersionOf } from './api-resource.ts'
import type { Writer } from './apply.ts'
import type { Task } from './controller.ts'
import { formatHostClaims, parseHostClaims, type RecordedHost } from './host-claims-text.ts'
import { recordHostClaims, wantedHosts } from './hosts.ts'
import type { KubeObject } from './kube-object.ts'
import type { Served } from './reconcile.ts'
import { hostClaimsIn } from './source.ts'

export interface HostKeeperOptions {
  readonly systemNamespace: string
  /** Name of the ConfigMap. */
  readonly name: string
  readonly configured: readonly HostGrant[]
  readonly authHost: string
  readonly events: Pick<Events, 'hostClaimsProblem'>
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/**
 * Keeps the record of which namespace claimed a host first. The leader remembers what it read and wrote: a record that
 * somebody deletes or garbles while it leads is put back.
 *
 * @returns a function that gives the write that is due, if any; `record` is the ConfigMap as it is now
 */
export function createHostKeeper(
  options: HostKeeperOptions,
): (served: Served, record: KubeObject | undefined, writer: Writer) => readonly Task[] {
  const { systemNamespace, name, configured, authHost, events, now } = options
  let known: readonly RecordedHost[] = []
  let told = ''

  function tell(problems: readonly { readonly line: number | undefined; readonly problem: string }[]): void {
    const text = JSON.stringify(problems)
    if (text === told) return
    told = text
    for (const problem of problems) events.hostClaimsProblem(problem)
  }

  return ({ snapshot, catalogue }, record, writer) => {
    const text = hostClaimsIn(record)
    const { claims, problems } = parseHostClaims(text)
    const isIntact = text !== undefined && problems.length === 0
    const recorded = isIntact ? claims : withLost(claims, known)
    const wanted = wantedHosts(snapshot.objects, catalogue.lastKnown)
    const next = recordHostClaims({ recorded, wanted, configured, authHost, nowMs: now() }).recorded
    known = next
    const { text: wantedText, isTooLarge, bytes } = formatHostClaims(next)
    const size = { line: undefined, problem: `${bytes} bytes are more than a ConfigMap holds; set hostClaims` }
    tell([...problems, ...(isTooLarge ? [size] : [])])
    if (isTooLarge || wantedText === text) return []
    const configMap: KubeObject = {
      apiVersion: apiVersionOf(apiResources.configMaps),
      kind: 'ConfigMap',
      // What was recorded meanwhile, by whoever led before, must not be overwritten.
      metadata: { name, namespace: systemNamespace, resourceVersion: record?.metadata.resourceVersion },
      data: { claims: wantedText },
    }
    // Without the times, which are other ones at every look where somebody undoes the record.
    const content = JSON.stringify(next.map((one) => [one.host, one.namespace, one.unclaimedSince === undefined]))
    const run = () => writer.apply(apiResources.configMaps, configMap)
    return [{ key: `ConfigMap ${systemNamespace}/${name}`, content, run }]
  }
}

/** Of a record that is not whole, what is remembered of it. */
function withLost(claims: readonly RecordedHost[], known: readonly RecordedHost[]): readonly RecordedHost[] {
  const hosts = new Set(claims.map(({ host }) => host))
  return [...claims, ...known.filter(({ host }) => !hosts.has(host))]
}

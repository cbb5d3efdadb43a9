import type { Events } from '../observe/events.ts'
import type { HostGrant } from '../resources/host-owners.ts'
import { type ApiResource, apiResources } from './api-resource.ts'
import { createWriter } from './apply.ts'
import type { KubeClient } from './client.ts'
import { byKey, isOwned, type OwnedKind, watchAsLeader } from './cluster-view.ts'
import { type Plan, runController } from './controller.ts'
import { createEventTasks } from './event-tasks.ts'
import { createHostKeeper } from './host-keeper.ts'
import type { KeyKeeperSettings } from './key-keeper.ts'
import type { EventContent } from './kube-event.ts'
import type { KubeObject } from './kube-object.ts'
import type { IngressController } from './lockdown-peers.ts'
import { createLockdowns, withoutLockdown } from './lockdowns.ts'
import { type Desired, type Served, statusWrites, writesFor } from './reconcile.ts'
import type { Reflection } from './reflector.ts'
import { runKeyKeeper } from './run-key-keeper.ts'
import type { KubernetesSource } from './source.ts'
import type { WiringFindings } from './status.ts'
import type { Term } from './term.ts'
import { wire } from './wiring/index.ts'
import type { SourceProblem, Wiring, WiringSettings } from './wiring/wiring.ts'

export interface LeaderOptions {
  readonly client: KubeClient
  readonly source: KubernetesSource
  /** The set that this replica serves; undefined before the first. */
  readonly served: () => Served | undefined
  /** Calls back whenever another set is served. @returns a function that ends the listening */
  readonly onServed: (listener: () => void) => () => void
  readonly wiring: WiringSettings
  readonly hostClaims: readonly HostGrant[]
  /** Name of the ConfigMap that records first claims. */
  readonly hostClaimsConfigMap: string
  readonly gatewayApi: boolean
  /** Undefined: `spec.lockdown` is not heeded. */
  readonly lockdown: { readonly ingressControllers: readonly IngressController[] } | undefined
  /** Undefined: the keys are kept elsewhere. */
  readonly keys: Omit<KeyKeeperSettings, 'client' | 'namespace' | 'now' | 'events'> | undefined
  readonly events: Events
  /** Name of this replica. */
  readonly instance: string
  readonly followWatch: (watch: Reflection) => () => void
  readonly now: () => number
  readonly monotonicMs: () => number
  readonly random: () => number
}

/** Does everything that only one replica may do, for as long as the term lasts. Resolves when the last write has ended. */
export async function lead(term: Term, options: LeaderOptions): Promise<void> {
  const { client, source, wiring: settings, events, now, monotonicMs } = options
  const { systemNamespace } = settings
  const watches = watchAsLeader(client, {
    ...options,
    systemNamespace,
    lockdown: options.lockdown !== undefined,
  })
  const unfollow = watches.reflections.map(options.followWatch)
  const writer = createWriter(client, term)
  const keepHosts = createHostKeeper({
    ...options,
    systemNamespace,
    name: options.hostClaimsConfigMap,
    configured: options.hostClaims,
    authHost: settings.authHost,
  })
  const lockdowns =
    options.lockdown === undefined
      ? withoutLockdown
      : createLockdowns(client, options.lockdown.ingressControllers, { monotonicMs, signal: term.lost })
  const eventTasks = createEventTasks(writer, options)

  const live = (resource: ApiResource, key: string) =>
    source.reflections
      .find((reflection) => reflection.resource === resource)
      ?.items()
      .get(key)

  async function plan(): Promise<Plan | undefined> {
    const served = options.served()
    // Whatever has not been seen to its end must not be taken for gone.
    if (served === undefined || !watches.reflections.every((one) => one.isSynced())) return undefined
    const applications = byKey(liveApplications(source))
    const { desired, problems } = await decide(served, applications)
    const owned = (kind: OwnedKind) =>
      kind === 'accessApplications'
        ? [...applications.values()].filter((one) => isOwned(kind, one, systemNamespace))
        : watches.owned(kind)
    const statuses = statusWrites(served, desired.findings, live, writer, now())
    const record = live(apiResources.configMaps, `${systemNamespace}/${options.hostClaimsConfigMap}`)
    const hosts = keepHosts(served, record, writer)
    return [
      hosts,
      ...writesFor(desired, owned, writer),
      [...statuses.tasks, ...eventTasks([...statuses.events, ...problems.map(warningOf)])],
    ]
  }

  async function decide({ catalogue }: Served, applications: ReadonlyMap<string, KubeObject>) {
    const view = {
      ingresses: watches.ingresses(),
      ingressClasses: watches.ingressClasses(),
      httpRoutes: watches.httpRoutes(),
      applications,
      hostsOf: (key: string) => [...(catalogue.hosts.get(key) ?? [])],
    }
    const wiring = wire(view, settings)
    const locked = await lockdowns(view)
    const desired: Desired = {
      objects: [...wiring.objects, ...locked.policies],
      kept: new Set(locked.kept),
      edits: wiring.edits,
      findings: findingsOf(wiring, locked.findings),
    }
    return { desired, problems: wiring.problems }
  }

  try {
    await Promise.all([
      runController({
        plan,
        onChange: (listener) => listenTo([...source.reflections, ...watches.reflections], options.onServed, listener),
        signal: term.lost,
        events,
        monotonicMs,
      }),
      lookAfterKeys(term, options),
    ])
  } finally {
    for (const end of unfollow) end()
    await watches[Symbol.asyncDispose]()
  }
}

async function lookAfterKeys(term: Term, { client, source, keys, wiring, events, now }: LeaderOptions): Promise<void> {
  if (keys === undefined) return
  const secrets = source.reflections.find(({ resource }) => resource === apiResources.secrets)
  const onChange = (listener: () => void) => secrets?.onChange(listener) ?? (() => undefined)
  await runKeyKeeper({ ...keys, client, namespace: wiring.systemNamespace, now, term, events, onChange })
}

function listenTo(
  reflections: readonly Reflection[],
  onServed: LeaderOptions['onServed'],
  listener: () => void,
): () => void {
  const ends = [onServed(listener), ...reflections.map((reflection) => reflection.onChange(listener))]
  return () => {
    for (const end of ends) end()
  }
}

function liveApplications(source: KubernetesSource): readonly KubeObject[] {
  const reflection = source.reflections.find(({ resource }) => resource === apiResources.accessApplications)
  return [...(reflection?.items().values() ?? [])]
}

/** Of each application that is wired or locked down, everything that the controller found. */
function findingsOf(
  wiring: Wiring,
  lockdowns: ReadonlyMap<string, WiringFindings>,
): ReadonlyMap<string, WiringFindings> {
  const findings = new Map<string, WiringFindings>()
  for (const key of new Set([...wiring.findings.keys(), ...wiring.notes.keys(), ...lockdowns.keys()])) {
    const locked = lockdowns.get(key)
    const notes = [wiring.notes.get(key), locked?.note].filter((note) => note !== undefined)
    findings.set(key, {
      flaws: [...(wiring.findings.get(key) ?? []), ...(locked?.flaws ?? [])],
      note: notes.length === 0 ? undefined : notes.join('\n'),
    })
  }
  return findings
}

function warningOf({ target, reason, message }: SourceProblem): EventContent {
  return { about: target, type: 'Warning', reason, note: message }
}

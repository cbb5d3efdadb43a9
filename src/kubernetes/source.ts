import { fieldOf } from '../resources/raw-value.ts'
import type { ResourceSource, SourceSnapshot } from '../resources/source.ts'
import { type ApiResource, apiResources } from './api-resource.ts'
import { burst } from './burst.ts'
import type { KubeClient } from './client.ts'
import { type KubeObject, keyOf, withoutManagedFields } from './kube-object.ts'
import { isSameMeaning, type Meaning, meaningOf } from './meaning.ts'
import { objectReader } from './read-objects.ts'
import { type Reflection, type ReflectorTimings, reflect } from './reflector.ts'
import { secretValue } from './secret-value.ts'
import type { WatchEvents } from './watch-health.ts'

const HOST_CLAIMS_KEY = 'claims'
/** Helm keeps its releases in Secrets, large ones that change at every release. */
const NO_HELM_RELEASES = 'type!=helm.sh/release.v1'
const BURST_MS = 20

/** What an object of a snapshot says about itself, for whoever writes its status. */
export interface ObjectState {
  readonly uid: string | undefined
  readonly generation: number | undefined
  readonly resourceVersion: string | undefined
  /** As it came. */
  readonly status: unknown
}

/** A snapshot of a cluster. Its names are reliable: what is not in it has been deleted. */
export interface KubernetesSnapshot extends SourceSnapshot {
  /** The recorded hosts as the ConfigMap holds them; undefined if it does not exist. */
  readonly hostClaimsText: string | undefined
  /** The very object that was read, when the snapshot was taken; undefined if there is none of that name. */
  readonly metadataOf: (kind: string, namespace: string | undefined, name: string) => ObjectState | undefined
}

/** A cluster as a source of resources. */
export interface KubernetesSource extends ResourceSource<KubernetesSnapshot> {
  /** As things are now. Until all kinds are there, `unread` names those that are missing. */
  readonly current: () => KubernetesSnapshot
  /**
   * Calls the listener when everything is there for the first time, and after each change that means anything: not of a
   * status. Changes in quick succession come as one.
   */
  readonly onChange: (listener: (snapshot: KubernetesSnapshot) => void) => () => void
  /** Whether a whole set is there. Once true, always true. */
  readonly isSynced: () => boolean
  /** Resolves when it is; never rejects. Also resolves when the source is closed. */
  readonly whenSynced: () => Promise<void>
  /** What is not there yet, one line for each kind, and why. Empty once synced. */
  readonly pending: () => readonly string[]
  /** Everything that is watched, for whoever measures ages, or wants to hear of every change. */
  readonly reflections: readonly Reflection[]
}

/**
 * Watches everything that decisions are made of: our kinds in all namespaces, Secrets and the recorded hosts in the system
 * namespace. It begins at once, and goes on whatever the API server does.
 *
 * @param options.hostClaimsConfigMap name of the ConfigMap that holds the recorded hosts
 * @param options.now milliseconds since 1970
 * @param options.random from 0 up to but not including 1
 */
export function kubernetesSource(options: {
  readonly client: KubeClient
  readonly systemNamespace: string
  readonly hostClaimsConfigMap: string
  readonly now: () => number
  readonly random: () => number
  readonly events: WatchEvents
  readonly timings?: Partial<ReflectorTimings>
}): KubernetesSource {
  const { client, systemNamespace, hostClaimsConfigMap, now, random, events, timings } = options
  const reader = objectReader()
  const common = { now, random, events, timings, trim: withoutManagedFields }
  function readAndTrim(object: KubeObject): KubeObject {
    reader.prepare(object)
    return withoutManagedFields(object)
  }
  const inSystemNamespace = (resource: ApiResource, fieldSelector: string) =>
    reflect(client, resource, { ...common, namespace: systemNamespace, fieldSelector })
  const ours = [
    apiResources.accessApplications,
    apiResources.accessPolicies,
    apiResources.accessGroups,
    apiResources.identityProviders,
  ].map((resource) => reflect(client, resource, { ...common, trim: readAndTrim }))
  const secrets = inSystemNamespace(apiResources.secrets, NO_HELM_RELEASES)
  const hostClaims = inSystemNamespace(apiResources.configMaps, `metadata.name=${hostClaimsConfigMap}`)
  const reflections = [...ours, secrets, hostClaims]
  const listeners = new Set<(snapshot: KubernetesSnapshot) => void>()
  const synced = Promise.withResolvers<void>()
  const isSynced = () => reflections.every((one) => one.isSynced())
  let told: Meaning | undefined

  function pending(): string[] {
    return reflections
      .filter((one) => !one.isSynced())
      .map(({ resource, trouble }) => `${resource.kind}: ${trouble() ?? 'its first list is not there yet'}`)
  }

  function current(): KubernetesSnapshot {
    const byKind = new Map(ours.map(({ resource, items }) => [resource.kind, new Map(items())] as const))
    const secretsNow = new Map(secrets.items())
    return {
      objects: reader.read([...byKind.values()].flatMap(inOrder)),
      problems: [],
      notices: [],
      unread: pending(),
      secret: ({ name, key }) => secretValue(secretsNow.get(`${systemNamespace}/${name}`), key),
      hostClaimsText: hostClaimsIn(hostClaims.items().get(`${systemNamespace}/${hostClaimsConfigMap}`)),
      metadataOf: (kind, namespace, name) => stateOf(byKind.get(kind)?.get(keyOf({ metadata: { namespace, name } }))),
    }
  }

  function tell(): void {
    const meaning = meaningOf(ours, [secrets, hostClaims])
    if (!isSynced() || isSameMeaning(meaning, told)) return
    told = meaning
    const snapshot = current()
    for (const listener of [...listeners]) reporting(() => listener(snapshot))
  }

  function reporting(action: () => void): void {
    try {
      action()
    } catch (error) {
      events.internalError({ where: 'resources', error })
    }
  }

  const changes = burst(BURST_MS, () => reporting(tell))
  for (const reflection of reflections) {
    reflection.onChange(() => {
      if (!isSynced()) return
      synced.resolve()
      changes.trigger()
    })
  }

  return {
    current,
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    isSynced,
    whenSynced: () => synced.promise,
    pending,
    reflections,
    async [Symbol.asyncDispose]() {
      listeners.clear()
      changes.stop()
      await Promise.all(reflections.map((one) => one[Symbol.asyncDispose]()))
      synced.resolve()
    },
  }
}

/** In the order of keys, so that every replica has the same. */
function inOrder(objects: ReadonlyMap<string, KubeObject>): KubeObject[] {
  return [...objects].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, object]) => object)
}

function stateOf(object: KubeObject | undefined): ObjectState | undefined {
  if (object === undefined) return undefined
  const { uid, generation, resourceVersion } = object.metadata
  return { uid, generation, resourceVersion, status: object.status }
}

/** The record of first claims in its ConfigMap; undefined if there is none. */
export function hostClaimsIn(configMap: KubeObject | undefined): string | undefined {
  const text = fieldOf(configMap?.data, HOST_CLAIMS_KEY)
  return typeof text === 'string' ? text : undefined
}

import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import type { Config } from './config/schema.ts'
import { apiResources } from './kubernetes/api-resource.ts'
import { kubeClient } from './kubernetes/client.ts'
import { parseHostClaims } from './kubernetes/host-claims-text.ts'
import { recordedClaims } from './kubernetes/hosts.ts'
import { keySecretLabel } from './kubernetes/key-keeper.ts'
import { readKeySecret } from './kubernetes/key-secret.ts'
import { type LeaderOptions, lead } from './kubernetes/leader.ts'
import { holdLease, type Leadership } from './kubernetes/lease.ts'
import type { Reflection } from './kubernetes/reflector.ts'
import { type KubernetesSnapshot, type KubernetesSource, kubernetesSource } from './kubernetes/source.ts'
import { configuredClaims } from './resources/host-owners.ts'
import { type ServedResources, serveResources } from './served-resources.ts'
import type { Supply, SupplyPorts } from './supply.ts'
import { type CurrentKeys, createCurrentKeys } from './tokens/current-keys.ts'
import type { KeyRing } from './tokens/key-ring.ts'
import { newKeySet } from './tokens/key-set.ts'
import { standardRotation } from './tokens/standard-rotation.ts'

const monotonicMs = () => performance.now()
const clocks = { now: Date.now, monotonicMs, random: Math.random }

/** Follows a watch for the metric of its age. */
export type FollowWatch = (watch: { readonly kind: string; readonly ageMs: () => number }) => () => void

/** Keys that do not come from the cluster. */
export interface OwnKeys {
  readonly ring: () => KeyRing
  readonly close: () => Promise<void>
}

/**
 * Resources and keys from the API server of a cluster, and this replica's part in leading it. Nothing is waited for: what
 * is not there yet is an obstacle. Throws if there is no usable kubeconfig.
 *
 * @param ownKeys the keys, where the configuration has them elsewhere than in the cluster
 */
export function supplyFromCluster(
  config: Config,
  ports: SupplyPorts,
  { followWatch, ownKeys }: { readonly followWatch: FollowWatch; readonly ownKeys: OwnKeys | undefined },
): Supply {
  if (config.resources.type !== 'Kubernetes') throw new TypeError('the resources are not in a cluster')
  const { events } = ports
  const client = kubeClient({ kubeconfigFile: config.resources.kubeconfig })
  const source = kubernetesSource({
    ...clocks,
    client,
    events,
    systemNamespace: config.namespace,
    hostClaimsConfigMap: config.controller.hostClaims,
  })
  const follow = (reflection: Reflection) =>
    followWatch({ kind: reflection.resource.kind, ageMs: () => reflection.ageMs() })
  const ends = source.reflections.map(follow)
  const keys = followKeys(config, source, ports)
  const listeners = new Set<() => void>()
  const tell = () => {
    for (const listener of [...listeners]) listener()
  }
  let served: ServedResources<KubernetesSnapshot> | undefined
  let leadership: Leadership | undefined
  let isClosed = false

  async function begin(): Promise<void> {
    await source.whenSynced()
    if (isClosed) return
    served = await serveCluster(config, source, ports)
    served.onServed(tell)
    tell()
  }
  const begun = begin().catch((error) => events.internalError({ where: 'resources', error }))

  if (config.controller.enabled) {
    const options = leaderOptions(config, ports, {
      client,
      source,
      keys,
      followWatch: follow,
      served: () => served?.served(),
      onServed(listener) {
        listeners.add(listener)
        return () => listeners.delete(listener)
      },
    })
    leadership = holdLease({
      ...clocks,
      client,
      events,
      namespace: config.namespace,
      name: config.controller.lease,
      identity: `${options.instance}_${randomBytes(6).toString('hex')}`,
      onLeading: (term) => lead(term, options),
    })
  }

  return {
    policySet: () => served?.policySet(),
    keyRing() {
      const ring = keys === undefined ? ownKeys?.ring() : keys.current.ring()
      if (ring === undefined) throw new TypeError('there are no keys yet')
      return ring
    },
    whenKeys: keys === undefined ? async () => undefined : keys.whenThere,
    obstacles: () => [
      ...(served?.policySet() === undefined ? ['resources-not-loaded', ...source.pending()] : []),
      ...(keys !== undefined && keys.current.ring() === undefined ? ['keys-not-loaded'] : []),
    ],
    async close() {
      isClosed = true
      await leadership?.release()
      await source[Symbol.asyncDispose]()
      await begun
      for (const end of ends) end()
      client.close()
      await ownKeys?.close()
    },
  }
}

/** Serves what the cluster holds. */
async function serveCluster(
  config: Config,
  source: KubernetesSource,
  ports: SupplyPorts,
): Promise<ServedResources<KubernetesSnapshot>> {
  const configured = configuredClaims(config.hostClaims)
  return serveResources({
    ...ports,
    source,
    name: 'the cluster',
    objectsFrom: 'ApiServer',
    hostClaims: ({ hostClaimsText }) => [...configured, ...recordedClaims(parseHostClaims(hostClaimsText).claims)],
    systemNamespace: config.namespace,
    allowHttpLocalhost: config.development,
  })
}

interface FollowedKeys {
  readonly current: CurrentKeys
  readonly whenThere: () => Promise<void>
}

/** Takes the keys out of their Secret whenever it changes; undefined if they are kept elsewhere. */
function followKeys(config: Config, source: KubernetesSource, { events }: SupplyPorts): FollowedKeys | undefined {
  if (config.keys.type !== 'KubernetesSecret') return undefined
  const place = { namespace: config.namespace, name: config.keys.secret }
  const current = createCurrentKeys({ source: keySecretLabel(place), events })
  const there = Promise.withResolvers<void>()
  const secrets = source.reflections.find(({ resource }) => resource === apiResources.secrets)
  let version: string | undefined

  secrets?.onChange(() => {
    const secret = secrets.items().get(`${place.namespace}/${place.name}`)
    const seen = secret === undefined ? 'none' : `${secret.metadata.uid} ${secret.metadata.resourceVersion}`
    // Before the leader has made it for the first time nothing is wrong.
    if (seen === version || (secret === undefined && current.ring() === undefined)) return
    version = seen
    void current.replace(readKeySecret(secret)).then(() => {
      if (current.ring() !== undefined) there.resolve()
    })
  })
  return { current, whenThere: () => there.promise }
}

type LeaderPorts = Pick<LeaderOptions, 'client' | 'source' | 'served' | 'onServed' | 'followWatch'> & {
  readonly keys: FollowedKeys | undefined
}

function leaderOptions(config: Config, { urls, events }: SupplyPorts, ports: LeaderPorts): LeaderOptions {
  const { controller, namespace, tokens } = config
  const authUrl = new URL(config.auth.url)
  const environment = { now: Date.now, randomBytes }
  const longestLifeSeconds = Math.max(tokens.appTokenLifetimeSeconds, config.sessions.durationSeconds)
  return {
    ...clocks,
    ...ports,
    events,
    instance: process.env.POD_NAME ?? hostname(),
    wiring: {
      systemNamespace: namespace,
      checkUrl: controller.checkUrl ?? `http://gatehouse-check.${namespace}.svc.cluster.local:8181`,
      portalService: controller.portalService,
      scheme: urls.scheme,
      authHost: authUrl.hostname,
      admissionPolicies: new Set(controller.admissionPolicies),
    },
    hostClaims: config.hostClaims,
    hostClaimsConfigMap: controller.hostClaims,
    gatewayApi: controller.gatewayApi,
    lockdown: controller.lockdown ? { ingressControllers: controller.ingressControllers } : undefined,
    keys:
      ports.keys === undefined || config.keys.type !== 'KubernetesSecret'
        ? undefined
        : {
            name: config.keys.secret,
            keys: ports.keys.current,
            newKeySet: () => newKeySet(tokens.algorithm, environment),
            rotation: standardRotation(tokens.algorithm, longestLifeSeconds, environment),
          },
  }
}

import { fieldOf, isRecord, valueAt } from '../resources/raw-value.ts'
import type { Flaw } from '../resources/status.ts'
import { apiResources, apiVersionOf } from './api-resource.ts'
import { lockdownBackends } from './backends.ts'
import { boundedName } from './bounded-name.ts'
import { type Exposure, exposuresOf } from './exposure.ts'
import type { KubeObject } from './kube-object.ts'
import { noteOf, selectionWords } from './lockdown-note.ts'
import { controllerPeers, type IngressController, listedPeers, type Peer, type Peers } from './lockdown-peers.ts'
import { hasLabels, lockdownTarget, selectorOf, type Target } from './lockdown-target.ts'
import { OWNER_LABEL } from './wiring/wiring.ts'

/** What bears on the lockdown of one application. Everything is of its namespace, but for the IngressClasses. */
export interface LockdownView {
  readonly application: KubeObject
  /** The Ingresses that publish the application, those of the portal not among them. */
  readonly ingresses: readonly KubeObject[]
  readonly httpRoutes: readonly KubeObject[]
  readonly ingressClasses: readonly KubeObject[]
  /** By name. */
  readonly services: ReadonlyMap<string, KubeObject>
  readonly pods: readonly KubeObject[]
  /** Services that other applications are published by, by name, with the name of one such application. */
  readonly othersServices: ReadonlyMap<string, string>
  readonly ingressControllers: readonly IngressController[]
}

/** What is to be in the cluster so that nobody reaches the pods but through the ingress controller. */
export interface Lockdown {
  /** NetworkPolicies, one per Service. Each carries the owner label. */
  readonly policies: readonly KubeObject[]
  /**
   * Names of policies that stay as they are if they exist: what should be in them cannot be told now, and to delete them
   * would open what they hold shut.
   */
  readonly kept: readonly string[]
  readonly findings: readonly Flaw[]
  /** What was selected and what that cuts off; undefined if nothing was. */
  readonly note: string | undefined
}

const NONE: Lockdown = { policies: [], kept: [], findings: [], note: undefined }
const NO_PEERS: Peers = { peers: [], flaws: [] }

/**
 * Works out the NetworkPolicies that `spec.lockdown.networkPolicy` of an AccessApplication asks for. A Service for which
 * not every ingress controller that serves it is known gets none, since the policy would cut the application off: a
 * finding says what is missing. Never throws.
 * https://kubernetes.io/docs/concepts/services-networking/network-policies/
 */
export function lockdown(view: LockdownView): Lockdown {
  const { application, ingresses, httpRoutes } = view
  const asked = valueAt(application, ['spec', 'lockdown', 'networkPolicy'])
  if (asked === undefined || asked === null) return NONE
  const names = lockdownBackends(application, ingresses, httpRoutes)
  const listed = listedPeers(fieldOf(asked, 'from'))
  const exposures = exposuresOf(ingresses, httpRoutes, view.ingressClasses)
  const results = names.map((name) => lockService(name, names, listed.peers, exposures, view))
  const flaws = [
    ...(isRecord(asked) ? [] : ['spec.lockdown.networkPolicy cannot be read']),
    ...(names.length > 0 ? [] : [NO_SERVICE]),
    ...listed.flaws,
    ...exposures.flatMap(({ otherBackends }) => otherBackends.map((other) => `${other} is not locked down`)),
    ...results.flatMap((result) => result.flaws),
  ]
  return {
    policies: results.flatMap(({ policy }) => policy ?? []),
    kept: results.flatMap(({ policyName, policy }) => (policy === undefined ? policyName : [])),
    findings: [...new Set(flaws)].map((message) => ({ reason: 'LockdownIncomplete', message })),
    note: noteOf(
      results.flatMap(({ policy, words }) => (policy === undefined ? [] : words)),
      openBackends(names, exposures),
    ),
  }
}

const NO_SERVICE =
  'no Ingress or HTTPRoute publishes the application; name its Services in spec.lockdown.networkPolicy.services'

interface Locked {
  readonly policyName: string
  readonly policy: KubeObject | undefined
  readonly words: string
  readonly flaws: readonly string[]
}

function lockService(
  name: string,
  names: readonly string[],
  listed: readonly Peer[],
  exposures: readonly Exposure[],
  view: LockdownView,
): Locked {
  const policyName = policyNameOf(view.application.metadata.name, name)
  const refused = (flaws: readonly string[]): Locked => ({ policyName, policy: undefined, words: '', flaws })
  const target = lockdownTarget(name, view.services.get(name))
  if (typeof target === 'string') return refused([target])
  const pods = view.pods.filter((pod) => hasLabels(pod, target.selector))
  const overlap = overlapOf(target, names, pods, view)
  if (overlap !== undefined) return refused([overlap])
  const admitted = controllersOf(name, exposures, view.ingressControllers)
  if (admitted.flaws.length > 0) {
    return refused(admitted.flaws.map((flaw) => `Service ${name} is not locked down: ${flaw}`))
  }
  const peers = distinct([...admitted.peers, ...listed])
  if (peers.length === 0) {
    return refused([`Service ${name} is not locked down: list in spec.lockdown.networkPolicy.from who may reach it`])
  }
  return {
    policyName,
    policy: networkPolicy(policyName, target, peers, view.application),
    words: selectionWords(policyName, target, peers, pods, view.othersServices.get(name)),
    flaws: pods.some((pod) => valueAt(pod, ['spec', 'hostNetwork']) === true)
      ? [`pods of Service ${name} are on the host network, where no NetworkPolicy applies`]
      : [],
  }
}

/** The ingress controllers that reach a Service; of one that no Ingress or HTTPRoute names, those of all of them. */
function controllersOf(name: string, exposures: readonly Exposure[], declared: readonly IngressController[]): Peers {
  const naming = exposures.filter(({ services }) => services.includes(name))
  const found = (naming.length > 0 ? naming : exposures).map(({ source, controllers }) =>
    controllers.length === 0
      ? { peers: [], flaws: [`nobody knows which ingress controller serves ${source}`] }
      : controllers.map((controller) => controllerPeers(controller, declared)).reduce(together, NO_PEERS),
  )
  return found.reduce(together, NO_PEERS)
}

function together(one: Peers, other: Peers): Peers {
  return { peers: [...one.peers, ...other.peers], flaws: [...one.flaws, ...other.flaws] }
}

function distinct(peers: readonly Peer[]): Peer[] {
  return [...new Map(peers.map((peer) => [JSON.stringify(peer.peer), peer])).values()]
}

/** Another application's Service whose pods the selector takes too: its author has not asked for them to be cut off. */
function overlapOf(
  { service, selector }: Target,
  names: readonly string[],
  pods: readonly KubeObject[],
  { services, othersServices }: LockdownView,
): string | undefined {
  for (const [other, application] of othersServices) {
    const others = services.get(other)
    const wanted = others === undefined || names.includes(other) ? undefined : selectorOf(others)
    if (wanted === undefined) continue
    const isNarrower = Object.entries(selector).every(([key, value]) => wanted[key] === value)
    if (isNarrower || pods.some((pod) => hasLabels(pod, wanted))) {
      return `Service ${service} is not locked down: its selector takes pods of Service ${other} of application ${application} too; give them selectors that differ, or name both in spec.lockdown.networkPolicy.services`
    }
  }
  return undefined
}

function networkPolicy(name: string, target: Target, peers: readonly Peer[], application: KubeObject): KubeObject {
  const { apiVersion, kind, metadata } = application
  const { namespace, uid } = metadata
  return {
    apiVersion: apiVersionOf(apiResources.networkPolicies),
    kind: apiResources.networkPolicies.kind,
    metadata: {
      name,
      namespace,
      labels: OWNER_LABEL,
      ...(uid === undefined
        ? {}
        : { ownerReferences: [{ apiVersion, kind, name: metadata.name, uid, controller: true }] }),
    },
    spec: {
      podSelector: { matchLabels: target.selector },
      policyTypes: ['Ingress'],
      ingress: [{ from: peers.map(({ peer }) => peer), ports: target.ports }],
    },
  }
}

/** The name of a Service has no dot, so no two pairs of application and Service make the same. */
function policyNameOf(application: string, service: string): string {
  return boundedName('gatehouse-', application, `.${service}`)
}

/** Backends that the author has left out of `services`. */
function openBackends(names: readonly string[], exposures: readonly Exposure[]): string[] {
  return [...new Set(exposures.flatMap(({ services }) => services))].filter((name) => !names.includes(name)).sort()
}

import { fieldOf, listOf, valueAt } from '../../resources/raw-value.ts'
import type { Flaw } from '../../resources/status.ts'
import type { KubeObject } from '../kube-object.ts'
import { type Published, publishedBy } from './destinations.ts'
import { literalPrefix } from './literal-prefix.ts'

/** A ParentReference of Gateway API with everything filled in that its defaults say. */
export interface ParentRef {
  readonly group: string
  readonly kind: string
  readonly namespace: string
  readonly name: string
  readonly sectionName?: string
  readonly port?: number
}

export const GATEWAY_GROUP = 'gateway.networking.k8s.io'

/**
 * Reads hosts and paths off an HTTPRoute. An exact path counts as a prefix and a regular expression by what it begins with;
 * a match of headers, a method or a query narrows nothing.
 */
export function publishedByRoute(route: KubeObject): Published {
  const hostnames = valueAt(route, ['spec', 'hostnames'])
  const hosts = listOf(hostnames).map((host: unknown) => (typeof host === 'string' ? host.toLowerCase() : host))
  const paths = matchesOf(route).map(pathMatch)
  const rules = hosts.map((host) => ({ host, http: { paths } }))
  const published = publishedBy({ ...route, spec: { rules } }, (type) => type === 'RegularExpression')
  const wide = published.hosts.filter((host) => host.startsWith('*.'))
  const notes = [...published.notes, ...wide.map((host) => `${host} of an application covers one label, not several.`)]
  return { ...published, notes, flaws: hosts.length === 0 ? [HOST_MISSING] : published.flaws }
}

const HOST_MISSING: Flaw = {
  reason: 'HostMissing',
  message:
    'spec.hostnames is empty, so that the route answers for every host of its Gateway, and an application is of certain hosts; name them',
}

/** Whether a regular expression of an HTTPRoute may match `/.gatehouse/login`: some Gateways ask those before prefixes. */
export function mayShadowPortal(route: KubeObject): boolean {
  return matchesOf(route)
    .map(pathMatch)
    .some(
      ({ path, pathType }) => pathType === 'RegularExpression' && ['/', '/.gatehouse'].includes(literalPrefix(path)),
    )
}

/** The rules of an HTTPRoute. One without any has one that matches everything. */
export function rulesOf(route: KubeObject): readonly unknown[] {
  return listOrDefault(valueAt(route, ['spec', 'rules']))
}

/** What an HTTPRoute is attached to, each once and in an order of their own; Services of a mesh are none of them. */
export function parentsOfRoute(route: KubeObject): ParentRef[] {
  const parents = listOf(valueAt(route, ['spec', 'parentRefs'])).map((ref) => readParentRef(ref, route))
  const byKey = new Map(parents.filter((parent) => parent !== undefined).map((parent) => [parentKey(parent), parent]))
  return [...byKey].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, parent]) => parent)
}

/** @returns undefined for a Service, or for what cannot be read */
export function readParentRef(ref: unknown, route: KubeObject): ParentRef | undefined {
  const [group, kind] = [textOr(fieldOf(ref, 'group'), GATEWAY_GROUP), textOr(fieldOf(ref, 'kind'), 'Gateway')]
  const [name, sectionName, port] = ['name', 'sectionName', 'port'].map((field) => fieldOf(ref, field))
  const namespace = textOr(fieldOf(ref, 'namespace'), route.metadata.namespace ?? '')
  if (typeof name !== 'string' || name === '' || group === '') return undefined
  return {
    group,
    kind,
    namespace,
    name,
    ...(typeof sectionName === 'string' && sectionName !== '' ? { sectionName } : {}),
    ...(typeof port === 'number' ? { port } : {}),
  }
}

/** What two references to the same parent share, and no others. */
export function parentKey({ group, kind, namespace, name, sectionName = '', port = 0 }: ParentRef): string {
  return [namespace, name, kind, group, sectionName, port].join(' ')
}

function matchesOf(route: KubeObject): readonly unknown[] {
  return rulesOf(route).flatMap((rule) => listOrDefault(fieldOf(rule, 'matches')))
}

/** What is no path match that we know counts as one of everything. */
function pathMatch(match: unknown): { readonly path: string; readonly pathType: string } {
  const [type, value] = [valueAt(match, ['path', 'type']) ?? 'PathPrefix', valueAt(match, ['path', 'value']) ?? '/']
  const isKnown = type === 'PathPrefix' || type === 'Exact' || type === 'RegularExpression'
  return isKnown && typeof value === 'string' ? { path: value, pathType: type } : { path: '/', pathType: 'PathPrefix' }
}

function listOrDefault(value: unknown): readonly unknown[] {
  return Array.isArray(value) && value.length > 0 ? value : [{}]
}

function textOr(value: unknown, otherwise: string): string {
  return typeof value === 'string' ? value : otherwise
}

import { fieldOf, isRecord, listOf, valueAt } from '../resources/raw-value.ts'
import type { KubeObject } from './kube-object.ts'
import { isLabels, type Labels } from './lockdown-peers.ts'

/** A NetworkPolicyPort: the port of the pods, by number or by the name that they give it. */
export interface PolicyPort {
  readonly protocol: 'TCP' | 'UDP'
  readonly port: number | string
}

/** What a NetworkPolicy for a Service selects. */
export interface Target {
  readonly service: string
  /** Never empty: an empty selector selects every pod of the namespace. */
  readonly selector: Labels
  readonly ports: readonly PolicyPort[]
}

/**
 * Reads what stands behind a Service (core/v1).
 *
 * @returns why there is nothing that a NetworkPolicy could select, in words, or what it selects
 */
export function lockdownTarget(name: string, service: KubeObject | undefined): Target | string {
  if (service === undefined) return `Service ${name} does not exist`
  if (valueAt(service, ['spec', 'type']) === 'ExternalName') {
    return `Service ${name} is of type ExternalName and has no pods; lock down the Service that it stands for`
  }
  const selector = selectorOf(service)
  if (selector === undefined) {
    return `Service ${name} has no selector, so nobody knows its pods; write a NetworkPolicy for them by hand`
  }
  const ports = portsOf(service)
  return ports.length === 0 ? `Service ${name} has no TCP or UDP port` : { service: name, selector, ports }
}

/** The labels that a Service selects its pods by; undefined if it selects none. */
export function selectorOf(service: KubeObject): Labels | undefined {
  const selector = valueAt(service, ['spec', 'selector'])
  return isLabels(selector) && Object.keys(selector).length > 0 ? selector : undefined
}

/** Whether an object has all of the labels. */
export function hasLabels({ metadata: { labels } }: KubeObject, wanted: Labels): boolean {
  return Object.entries(wanted).every(([key, value]) => fieldOf(labels, key) === value)
}

function portsOf(service: KubeObject): PolicyPort[] {
  const ports = valueAt(service, ['spec', 'ports'])
  const found = listOf(ports)
    .map(portOf)
    .filter((port) => port !== undefined)
  return [...new Map(found.map((port) => [`${port.protocol} ${typeof port.port} ${port.port}`, port])).values()]
}

function portOf(entry: unknown): PolicyPort | undefined {
  if (!isRecord(entry)) return undefined
  const protocol = entry.protocol ?? 'TCP'
  const port = isSet(entry.targetPort) ? entry.targetPort : entry.port
  if ((protocol !== 'TCP' && protocol !== 'UDP') || !isPort(port)) return undefined
  return { protocol, port }
}

/** Absent, zero and empty all mean that the target is the port itself. */
function isSet(targetPort: unknown): boolean {
  return targetPort !== undefined && targetPort !== null && targetPort !== 0 && targetPort !== ''
}

function isPort(value: unknown): value is number | string {
  if (typeof value === 'string') return /^(?=.*[a-z])[a-z0-9](?:[a-z0-9-]{0,13}[a-z0-9])?$/.test(value)
  return typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 65_535
}

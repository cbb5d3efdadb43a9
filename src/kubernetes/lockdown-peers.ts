import ipaddr from 'ipaddr.js'
import { fieldOf, isRecord } from '../resources/raw-value.ts'

/** Which pods an ingress controller is, as the configuration declares it. */
export interface IngressController {
  /** Name of its IngressClass, or, of one that serves Gateways, the controller name in the status of its HTTPRoutes. */
  readonly className: string
  readonly namespace?: string | undefined
  readonly podLabels?: Labels | undefined
  readonly cidrs?: readonly string[] | undefined
  readonly hostNetwork?: boolean | undefined
}

export type Labels = Readonly<Record<string, string>>

/** Somebody who is let through: the NetworkPolicyPeer, and the same in words. */
export interface Peer {
  readonly peer: Readonly<Record<string, unknown>>
  readonly words: string
}

export interface Peers {
  readonly peers: readonly Peer[]
  /** What is wrong, in words. */
  readonly flaws: readonly string[]
}

const NAMESPACE_LABEL = 'kubernetes.io/metadata.name'
const V6_RANGE = /^[0-9a-f:]{2,39}\/\d{1,3}$/i
const LABEL_KEY = /^(?:[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?\/)?[A-Za-z0-9](?:[\w.-]{0,61}[A-Za-z0-9])?$/
const LABEL_VALUE = /^(?:[A-Za-z0-9](?:[\w.-]{0,61}[A-Za-z0-9])?)?$/

/**
 * The peers that stand for the ingress controller of a class. A flaw means that some of its requests would be cut off if
 * these were all that is let through.
 */
export function controllerPeers(className: string, controllers: readonly IngressController[]): Peers {
  const declared = controllers.filter((one) => one.className === className)
  if (declared.length === 0) {
    return { peers: [], flaws: [`the configuration declares no ingress controller ${className} (${SETTING})`] }
  }
  const found = declared.map(declaredPeers)
  return { peers: found.flatMap(({ peers }) => peers), flaws: found.flatMap(({ flaws }) => flaws) }
}

const SETTING = 'controller.ingressControllers'

function declaredPeers({ className, namespace, podLabels, cidrs = [], hostNetwork = false }: IngressController): Peers {
  const blocks = cidrs.map((cidr) => [cidr, blockOf(cidr)] as const)
  const flaws = blocks
    .filter(([, block]) => block === undefined)
    .map(([cidr]) => `ingress controller ${className}: ${cidr} is no address range (${SETTING})`)
  const peers = blocks.flatMap(([, block]) => (block === undefined ? [] : [block]))
  if (hostNetwork) {
    return peers.length > 0 || flaws.length > 0 ? { peers, flaws } : { peers, flaws: [onHostNetwork(className)] }
  }
  if (namespace !== undefined) {
    return { peers: [podsPeer({ [NAMESPACE_LABEL]: namespace }, podLabels), ...peers], flaws }
  }
  if (peers.length > 0 || flaws.length > 0) return { peers, flaws }
  return { peers, flaws: [`ingress controller ${className} is declared without its namespace or cidrs (${SETTING})`] }
}

function onHostNetwork(className: string): string {
  return `ingress controller ${className} is on the host network, and a NetworkPolicy cannot select pods of the host network; name their CIDRs (${SETTING})`
}

/** The peers that an author lists in `from`. What cannot be read, or what the API server would refuse, is left out. */
export function listedPeers(from: unknown): Peers {
  if (from === undefined || from === null) return { peers: [], flaws: [] }
  if (!Array.isArray(from)) return { peers: [], flaws: [`${FROM} is no list`] }
  const found = from.map((entry: unknown, index) => listedPeer(entry) ?? `${FROM}[${index}] says nothing usable`)
  return {
    peers: found.filter((one) => typeof one !== 'string'),
    flaws: found.filter((one) => typeof one === 'string'),
  }
}

const FROM = 'spec.lockdown.networkPolicy.from'

function listedPeer(entry: unknown): Peer | undefined {
  const [cidr, namespaces, pods] = ['cidr', 'namespaceLabels', 'podLabels'].map((name) => fieldOf(entry, name))
  if (cidr !== undefined) {
    return namespaces === undefined && pods === undefined && typeof cidr === 'string' ? blockOf(cidr) : undefined
  }
  if (namespaces === undefined && pods === undefined) return undefined
  if ([namespaces, pods].some((labels) => labels !== undefined && !hasSome(labels))) return undefined
  return podsPeer(namespaces as Labels | undefined, pods as Labels | undefined)
}

/** @returns undefined if the text is no range; otherwise its canonical form, which stricter API servers ask for */
function blockOf(text: string): Peer | undefined {
  // Four decimal parts without leading zeros, which others read as octal, or groups of hexadecimal digits.
  if (ipaddr.IPv4.isValidCIDRFourPartDecimal(text)) return rangeOf(ipaddr.IPv4.networkAddressFromCIDR(text), text)
  if (!V6_RANGE.test(text) || !ipaddr.IPv6.isValidCIDR(text)) return undefined
  const network = ipaddr.IPv6.networkAddressFromCIDR(text)
  return network.isIPv4MappedAddress() ? undefined : rangeOf(network, text)
}

function rangeOf(network: ipaddr.IPv4 | ipaddr.IPv6, text: string): Peer {
  const cidr = `${network.toString()}/${Number(text.slice(text.indexOf('/') + 1))}`
  return { peer: { ipBlock: { cidr } }, words: cidr }
}

function podsPeer(namespaces: Labels | undefined, pods: Labels | undefined): Peer {
  const peer = {
    ...(namespaces === undefined ? {} : { namespaceSelector: { matchLabels: namespaces } }),
    ...(pods === undefined ? {} : { podSelector: { matchLabels: pods } }),
  }
  return { peer, words: `${podWords(pods)} ${namespaceWords(namespaces)}` }
}

function podWords(labels: Labels = {}): string {
  return Object.keys(labels).length === 0 ? 'all pods' : `pods with ${labelsText(labels)}`
}

function namespaceWords(labels: Labels | undefined): string {
  if (labels === undefined) return 'of this namespace'
  const keys = Object.keys(labels)
  if (keys.length === 0) return 'of every namespace'
  if (keys.length === 1 && keys[0] === NAMESPACE_LABEL) return `of namespace ${labels[NAMESPACE_LABEL]}`
  return `of namespaces with ${labelsText(labels)}`
}

function labelsText(labels: Labels): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(', ')
}

/** An empty selector would mean everybody. */
function hasSome(labels: unknown): boolean {
  return isLabels(labels) && Object.keys(labels).length > 0
}

/** Whether a value may stand in a `matchLabels`. */
export function isLabels(value: unknown): value is Labels {
  return (
    isRecord(value) &&
    Object.entries(value).every(
      ([key, text]) => LABEL_KEY.test(key) && typeof text === 'string' && LABEL_VALUE.test(text),
    )
  )
}

import type { KubeObject } from '../../../src/kubernetes/kube-object.ts'
import { wireIngresses } from '../../../src/kubernetes/wiring/ingresses.ts'
import type { AnnotationEdit, ClusterView, Wiring, WiringSettings } from '../../../src/kubernetes/wiring/wiring.ts'

export const settings: WiringSettings = {
  systemNamespace: 'gatehouse',
  checkUrl: 'http://gatehouse-check.gatehouse.svc.cluster.local:8181',
  portalService: { name: 'gatehouse-portal', port: 8080 },
  scheme: 'https',
  authHost: 'auth.example.com',
  admissionPolicies: new Set(['nginx', 'traefik']),
}

export const POLICIES = 'access.gatehouse.dev/policies'
export const APPLICATION = 'access.gatehouse.dev/application'
export const WIRED = 'access.gatehouse.dev/wired'
export const AUTH_URL = 'nginx.ingress.kubernetes.io/auth-url'
export const AUTH_SIGNIN = 'nginx.ingress.kubernetes.io/auth-signin'
export const RESPONSE = 'nginx.ingress.kubernetes.io/auth-response-headers'
export const BUFFER = 'nginx.ingress.kubernetes.io/proxy-buffer-size'
export const MIDDLEWARES = 'traefik.ingress.kubernetes.io/router.middlewares'

export function ingressClass(name: string, controller: string, annotations: Record<string, string> = {}): KubeObject {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'IngressClass',
    metadata: { name, annotations },
    spec: { controller },
  }
}

export const classes = [
  ingressClass('nginx', 'k8s.io/ingress-nginx'),
  ingressClass('traefik', 'traefik.io/ingress-controller'),
  ingressClass('haproxy', 'haproxy.org/ingress-controller'),
]

/** One path of a rule: `grafana.example.com/admin`, with its type before it where that is not Prefix. */
export type Path = string | { host?: string; path?: unknown; pathType?: string }

export interface IngressParts {
  name?: string
  namespace?: string
  annotations?: Record<string, string>
  className?: string | undefined
  paths?: Path[]
  spec?: object
  metadata?: object
}

/** An Ingress `monitoring/grafana` of class nginx, protected by `engineers`, unless it is told otherwise. */
export function ingress(parts: IngressParts = {}): KubeObject {
  const { name = 'grafana', namespace = 'monitoring', annotations = { [POLICIES]: 'engineers' } } = parts
  const { paths = ['grafana.example.com/'], spec, metadata } = parts
  const className = 'className' in parts ? parts.className : 'nginx'
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: {
      name,
      namespace,
      uid: `uid-${namespace}-${name}`,
      creationTimestamp: '2026-01-01T00:00:00Z',
      annotations,
      ...metadata,
    },
    spec: { ...(className === undefined ? {} : { ingressClassName: className }), rules: paths.map(ruleOf), ...spec },
  }
}

export function application(
  name: string,
  more: { namespace?: string; metadata?: object; spec?: object } = {},
): KubeObject {
  return {
    apiVersion: 'access.gatehouse.dev/v1alpha1',
    kind: 'AccessApplication',
    metadata: { name, namespace: more.namespace ?? 'monitoring', ...more.metadata },
    spec: more.spec ?? {},
  }
}

export interface World {
  ingressClasses?: KubeObject[]
  applications?: KubeObject[]
  /** Default: every host of the namespace that is there. */
  hosts?: Record<string, string[]>
  settings?: Partial<WiringSettings>
}

export function view(ingresses: readonly KubeObject[], world: World = {}): ClusterView {
  const { ingressClasses = classes, applications = [], hosts } = world
  const own = (key: string) =>
    ingresses
      .filter(({ metadata }) => key.startsWith(`${metadata.namespace}/`))
      .flatMap(({ spec }) => (spec as { rules?: { host?: string }[] }).rules ?? [])
      .flatMap(({ host }) => host ?? [])
  return {
    ingresses,
    ingressClasses,
    httpRoutes: [],
    applications: new Map(applications.map((one) => [`${one.metadata.namespace}/${one.metadata.name}`, one])),
    hostsOf: (key) => (hosts === undefined ? own(key) : (hosts[key] ?? [])),
  }
}

export function wired(ingresses: KubeObject | readonly KubeObject[], world: World = {}): Wiring {
  return wireIngresses(view([ingresses].flat() as KubeObject[], world), { ...settings, ...world.settings })
}

/** The annotations of an Ingress as they are once the edit is made. */
export function edited({ edits }: Wiring, name = 'grafana'): Record<string, string> | undefined {
  const edit = editOf({ edits }, name)
  if (edit === undefined) return undefined
  const kept = Object.entries(edit.target.metadata.annotations ?? {}).filter(([key]) => !edit.remove.includes(key))
  return { ...Object.fromEntries(kept), ...edit.set }
}

export function editOf({ edits }: Pick<Wiring, 'edits'>, name = 'grafana'): AnnotationEdit | undefined {
  return edits.find(({ target }) => target.metadata.name === name)
}

export function objectOf({ objects }: Wiring, kind: string, name?: string): KubeObject | undefined {
  return objects.find((object) => object.kind === kind && (name === undefined || object.metadata.name === name))
}

/** Reasons of an application's findings; undefined if it is not wired at all. */
export function reasonsOf({ findings }: Wiring, key = 'monitoring/grafana'): string[] | undefined {
  return findings.get(key)?.map(({ reason }) => reason)
}

export function problemsOf({ problems }: Wiring): string[] {
  return problems.map(({ reason, target }) => `${target.metadata.name}: ${reason}`)
}

function ruleOf(path: Path): object {
  const parts = typeof path === 'string' ? fromText(path) : path
  const { host, ...rest } = parts
  const backend = { service: { name: 'app', port: { number: 80 } } }
  return { ...(host === undefined ? {} : { host }), http: { paths: [{ pathType: 'Prefix', ...rest, backend }] } }
}

function fromText(text: string): { host: string; path: string } {
  const slash = text.indexOf('/')
  return { host: text.slice(0, slash), path: text.slice(slash) }
}

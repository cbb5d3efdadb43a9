import type { KubeObject } from '../../src/kubernetes/kube-object.ts'
import { externalService } from '../parts/cluster-world.ts'
import type { EchoApp } from '../parts/echo-app.ts'

/** What the Ingress of an app says. */
export interface Publication {
  readonly namespace: string
  readonly name: string
  readonly hosts: readonly string[]
  /** Default: `/`. */
  readonly paths?: readonly string[]
  /** Without their prefix `access.gatehouse.dev/`. */
  readonly ours?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
  /** Null: it names none. Default: `traefik`. */
  readonly className?: string | null
  /** Name of a Secret with a certificate. */
  readonly certificate?: string
  /** What it leads to, by the Service of its name. */
  readonly port: number
}

/** An app's Ingress. */
export function ingress(publication: Publication): KubeObject {
  const { namespace, name, hosts, paths = ['/'], ours = {}, annotations = {}, port, certificate } = publication
  const { className = 'traefik' } = publication
  const backend = { service: { name, port: { number: port } } }
  const prefixed = Object.entries(ours).map(([key, value]) => [`access.gatehouse.dev/${key}`, value])
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { namespace, name, annotations: { ...annotations, ...Object.fromEntries(prefixed) } },
    spec: {
      ...(className === null ? {} : { ingressClassName: className }),
      ...(certificate === undefined ? {} : { tls: [{ hosts, secretName: certificate }] }),
      rules: hosts.map((host) => ({
        ...(host === '' ? {} : { host }),
        http: { paths: paths.map((path) => ({ path, pathType: 'Prefix', backend })) },
      })),
    },
  }
}

/** An app's Service. */
export function serviceOf({ namespace, name }: Pick<Publication, 'namespace' | 'name'>, app: EchoApp): KubeObject {
  return externalService(namespace, name, 'localhost', app.port)
}

/** A policy that lets in whoever fulfils one of the rules. */
export function policy(namespace: string, name: string, ...include: readonly object[]): KubeObject {
  return ours('AccessPolicy', namespace, name, { action: 'Allow', include })
}

/** A policy that asks nobody for a login. */
export function openPolicy(namespace: string, name: string): KubeObject {
  return ours('AccessPolicy', namespace, name, { action: 'Bypass', include: [{ everyone: {} }] })
}

/** An application with the one policy. */
export function application(
  namespace: string,
  name: string,
  destinations: readonly { readonly host: string; readonly path?: string }[],
  policyName: string,
): KubeObject {
  return ours('AccessApplication', namespace, name, { destinations, policies: [{ name: policyName }] })
}

function ours(kind: string, namespace: string, name: string, spec: object): KubeObject {
  return { apiVersion: 'access.gatehouse.dev/v1alpha1', kind, metadata: { namespace, name }, spec }
}

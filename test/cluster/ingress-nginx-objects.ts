import type { KubeObject } from '../../src/kubernetes/kube-object.ts'
import { certificateFor } from '../parts/cluster-world.ts'
import { objectsOf } from '../parts/kubernetes-api.ts'
import { documented } from '../proxies/configuration.ts'
import { proxyWorld } from '../proxies/manifests.ts'

/** The Ingress of an app, of the class `nginx`. */
export interface Published {
  readonly namespace: string
  readonly name: string
  readonly host: string
  /** Default: `/`. */
  readonly path?: string
  /** Default: `Prefix`. */
  readonly pathType?: string
  /** Default: `web`. */
  readonly service?: string
  readonly annotations?: Readonly<Record<string, string>>
  /** Name of a Secret with its certificate. Default: none. */
  readonly certificate?: string
}

/** Of every app's Service here, whatever port the app has. */
const PORT = 80

export function published(settings: Published): KubeObject {
  const { namespace, name, host, path = '/', pathType = 'Prefix', service = 'web', annotations = {} } = settings
  const { certificate } = settings
  const backend = { service: { name: service, port: { number: PORT } } }
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { namespace, name, annotations },
    spec: {
      ingressClassName: 'nginx',
      ...(certificate === undefined ? {} : { tls: [{ hosts: [host], secretName: certificate }] }),
      rules: [{ host, http: { paths: [{ path, pathType, backend }] } }],
    },
  }
}

/** A Service that leads to a port of this machine. */
export function serviceFor(namespace: string, name: string, targetPort: number, port: number = PORT): KubeObject {
  const ports = [{ name: 'http', port, targetPort }]
  const spec = { type: 'ExternalName', externalName: 'this-machine.example.test', ports }
  return { apiVersion: 'v1', kind: 'Service', metadata: { namespace, name }, spec }
}

/**
 * What `proxyWorld` protects, as a cluster has it: annotated Ingresses in place of applications, where annotations can say
 * it, and one that is wired by hand as the guide shows, so that it has no route to the portal.
 *
 * @param portOf the port of an app
 */
export function protectedApps(checkUrl: string, portOf: (app: string) => number): KubeObject[] {
  const byHand = new Set(['sparing', 'unrouted', 'open'])
  const resources = objectsOf(proxyWorld.resources).filter(
    ({ kind, metadata: { name } }) => kind === 'AccessPolicy' || byHand.has(name),
  )
  const shop = { namespace: 'shop', host: 'shop.example.com', certificate: 'certificate' }
  const lab = { namespace: 'lab', service: 'grafana' }
  const grafana = { namespace: 'monitoring', name: 'grafana', host: 'grafana.example.com', service: 'grafana' }
  return [
    ...resources,
    ...['monitoring', 'shop'].map((namespace) => certificateFor(namespace, 'certificate')),
    ...['monitoring', 'lab'].map((namespace) => serviceFor(namespace, 'grafana', portOf('grafana'))),
    ...['web', 'api'].map((app) => serviceFor('shop', app, portOf(app))),
    published({ ...grafana, certificate: 'certificate', annotations: ours('policies', 'engineers') }),
    published({ ...shop, name: 'web', annotations: ours('policies', 'readers') }),
    published({ ...shop, name: 'api', path: '/api', service: 'api', annotations: ours('policies', 'engineers') }),
    published({ ...shop, name: 'public', path: '/public', annotations: ours('policies', 'open') }),
    published({ ...lab, name: 'wildcard', host: '*.wild.example.com', annotations: ours('policies', 'everyone') }),
    published({ ...lab, name: 'sparing', host: 'sparing.example.com', annotations: ours('application', 'sparing') }),
    published({ ...lab, name: 'unrouted', host: 'unrouted.example.com', annotations: documentedKeys(checkUrl) }),
  ]
}

/** An annotation of ours. */
export function ours(key: string, value: string): Record<string, string> {
  return { [`access.gatehouse.dev/${key}`]: value }
}

/** The annotations that the guide shows, for `lab/unrouted`. */
function documentedKeys(checkUrl: string): Record<string, string> {
  const [ingress] = objectsOf(
    documented('ingress-nginx/application.yaml', {
      'http://gatehouse-check.gatehouse.svc.cluster.local:8181': checkUrl,
      '/monitoring/grafana': '/lab/unrouted',
    }),
  )
  return ingress?.metadata.annotations ?? {}
}

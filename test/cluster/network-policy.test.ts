import { afterAll, beforeAll, expect, test } from 'vitest'
import { generators } from '../../scripts/generators/crds.ts'
import type { KubeObject } from '../../src/kubernetes/kube-object.ts'
import { lockdown } from '../../src/kubernetes/network-policy.ts'
import { type KubernetesPart, startKubernetes } from '../parts/kubernetes.ts'
import { needs } from '../parts/needs.ts'

needs(['etcd', 'kube-apiserver'], 'the API server takes the NetworkPolicies of a lockdown', () => {
  let server: KubernetesPart
  let application: KubeObject
  beforeAll(async () => {
    server = await startKubernetes()
    await server.ensureNamespace('monitoring')
    for (const { content } of generators) await server.apply(content())
    const [made] = await server.apply(APPLICATION)
    application = made!
  }, 90_000)
  afterAll(() => server.stop())

  test('that let in pods and addresses, by numbers and names of ports, and keeps them word by word', async () => {
    const { policies, findings } = lockdown(viewOf(application))
    expect(findings).toEqual([])
    expect(policies).toHaveLength(2)
    for (const policy of policies) {
      const [applied] = await server.apply(policy, { fieldManager: 'gatehouse' })
      expect(applied).toMatchObject(policy)
      expect(applied?.spec).toEqual(policy.spec)
    }
  })

  test('under a name that had to be cut', async () => {
    const metadata = { ...application.metadata, name: `${'a.'.repeat(125)}bcd` }
    const { policies } = lockdown(viewOf({ ...application, metadata }))
    expect(policies).toHaveLength(2)
    await server.apply(policies, { dryRun: true })
  })
})

const APPLICATION = `
apiVersion: access.gatehouse.dev/v1alpha1
kind: AccessApplication
metadata: { name: grafana, namespace: monitoring }
spec:
  destinations: [{ host: grafana.example.com }]
  lockdown:
    networkPolicy:
      from:
        - podLabels: { app.kubernetes.io/name: prometheus }
        - namespaceLabels: { example.com/team: "1" }
          podLabels: { app: probe }
        - cidr: 192.0.2.0/24
        - cidr: 2001:db8::/32
`

/** Two Services behind two controllers, one of them on the host network, and every sort of port. */
function viewOf(application: KubeObject): Parameters<typeof lockdown>[0] {
  const services = [
    object('Service', 'grafana', {
      clusterIP: 'None',
      selector: { app: 'grafana' },
      ports: [
        { port: 80, targetPort: 'http-web', protocol: 'TCP' },
        { port: 443, protocol: 'UDP' },
      ],
    }),
    object('Service', 'api', { selector: { app: 'api' }, ports: [{ port: 80, targetPort: 8080 }] }),
  ]
  const backends = ['grafana', 'api'].map((name) => ({
    path: '/',
    backend: { service: { name, port: { number: 80 } } },
  }))
  const rules = [{ host: 'grafana.example.com', http: { paths: backends } }]
  const backendRefs = ['grafana', 'api'].map((name) => ({ name, port: 80 }))
  const parents = [{ parentRef: { name: 'web' }, controllerName: 'traefik.io/gateway-controller' }]
  return {
    application,
    ingresses: [object('Ingress', 'grafana', { ingressClassName: 'nginx', rules })],
    httpRoutes: [{ ...object('HTTPRoute', 'grafana', { rules: [{ backendRefs }] }), status: { parents } }],
    ingressClasses: [],
    services: new Map(services.map((one) => [one.metadata.name, one])),
    pods: [],
    othersServices: new Map(),
    ingressControllers: [
      { className: 'nginx', namespace: 'ingress-nginx', podLabels: { 'app.kubernetes.io/name': 'ingress-nginx' } },
      { className: 'traefik.io/gateway-controller', hostNetwork: true, cidrs: ['10.1.2.3/16'] },
    ],
  }
}

function object(kind: string, name: string, spec: unknown): KubeObject {
  return { apiVersion: 'v1', kind, metadata: { name, namespace: 'monitoring' }, spec }
}

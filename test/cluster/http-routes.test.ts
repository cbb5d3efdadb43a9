import { get } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { generators } from '../../scripts/generators/crds.ts'
import { differs } from '../../src/kubernetes/difference.ts'
import { type KubeObject, keyOf } from '../../src/kubernetes/kube-object.ts'
import { wireHttpRoutes } from '../../src/kubernetes/wiring/http-routes.ts'
import type { Wiring } from '../../src/kubernetes/wiring/wiring.ts'
import { type EchoApp, startEchoApp } from '../parts/echo-app.ts'
import { type KubernetesPart, startKubernetes } from '../parts/kubernetes.ts'
import { needs } from '../parts/needs.ts'
import { prepareTraefik, startTraefik, type TraefikPart } from '../parts/traefik.ts'
import { until } from '../parts/until.ts'

const HOST = 'grafana.example.com'
const KEY = 'monitoring/grafana'

needs(['etcd', 'kube-apiserver', 'traefik'], 'an annotated HTTPRoute behind a real Traefik', () => {
  const stack = new AsyncDisposableStack()
  let server: KubernetesPart
  let traefik: TraefikPart
  let checks: EchoApp

  beforeAll(async () => {
    server = stack.use(await startKubernetes())
    checks = stack.use(await startEchoApp())
    for (const { content } of generators) await server.apply(content())
    const kubeconfig = await prepareTraefik(server)
    for (const name of ['monitoring', 'gatehouse', 'infra']) await server.ensureNamespace(name)
    await server.apply(SERVICES)
    traefik = stack.use(await startTraefik({ kubeconfig, gatewayApi: true }))
    await server.apply(gateway(traefik.ports.web, { from: 'All' }))
    await server.apply(route())
  }, 120_000)
  afterAll(() => stack.disposeAsync())

  test('is open, and told so, until its rules begin with the filter; then every request is asked about', async () => {
    const told = await until('Traefik has taken the route', async () => {
      const wiring = await wire()
      return wiring.findings.get(KEY)?.some(({ reason }) => reason === 'FilterMissing') && wiring
    })
    const lines = /begin with\n([\s\S]*)$/.exec(told.findings.get(KEY)?.[0]?.message ?? '')?.[1]
    await server.apply(told.objects, { fieldManager: 'gatehouse' })
    await until('the route is served', async () => (await visit('/')) === 503)
    expect(checks.received).toEqual([])

    await server.apply(route(lines))
    await until('the filter is heeded', async () => {
      await visit('/')
      return checks.received.length > 0
    })
    expect(checks.received.at(-1)).toMatchObject({
      url: '/forward/app/monitoring/grafana',
      headers: { 'x-forwarded-host': [HOST], 'x-forwarded-uri': ['/'], 'x-forwarded-method': ['GET'] },
    })
    const { findings, notes } = await until('all is well', async () => {
      const wiring = await wire()
      return wiring.findings.get(KEY)?.length === 0 && wiring.notes.size === 0 && wiring
    })
    expect([[...findings.values()].flat(), [...notes]]).toEqual([[], []])
  })

  test('leaves /.gatehouse of its host to the portal, unasked, and nothing beside it', async () => {
    const before = checks.received.length
    for (const path of ['/.gatehouse', '/.gatehouse/login?rd=%2F'])
      expect([path, await visit(path)]).toEqual([path, 503])
    expect(checks.received.length).toBe(before)
    for (const path of ['/.gatehousekeeping', '/x/.gatehouse/login']) await visit(path)
    expect(checks.received.slice(before).map(({ headers }) => headers['x-forwarded-uri']?.[0])).toEqual([
      '/.gatehousekeeping',
      '/x/.gatehouse/login',
    ])
  })

  test('has everything that was made for it, as the API server keeps it', async () => {
    for (const object of (await wire()).objects) {
      const kept = await server.get(object)
      expect([keyOf(object), kept && differs(object, kept)]).toEqual([keyOf(object), false])
    }
  })

  describe('at a Gateway that admits no route of the system namespace', () => {
    test('is told what to allow', async () => {
      await server.apply(gateway(traefik.ports.web, { from: 'Selector', selector: { matchLabels: { app: 'yes' } } }))
      await server.apply('{apiVersion: v1, kind: Namespace, metadata: {name: monitoring, labels: {app: "yes"}}}')
      const { findings } = await until('Traefik refuses the route to the portal', async () => {
        const wiring = await wire()
        return wiring.findings.get(KEY)?.some(({ reason }) => reason === 'RouteNotAccepted') && wiring
      })
      expect(findings.get(KEY)?.map(({ message }) => message)).toEqual([
        expect.stringContaining('has to admit the namespace gatehouse too (NotAllowedByListeners)'),
      ])
    })
  })

  async function wire(): Promise<Wiring> {
    const { body } = await server.request('GET', '/apis/gateway.networking.k8s.io/v1/httproutes')
    const httpRoutes = (body as { items: KubeObject[] }).items.map((item) => ({
      ...item,
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'HTTPRoute',
    }))
    return wireHttpRoutes(
      { httpRoutes, ingresses: [], ingressClasses: [], applications: new Map(), hostsOf: () => [HOST] },
      {
        systemNamespace: 'gatehouse',
        checkUrl: `http://127.0.0.1:${checks.port}`,
        portalService: { name: 'gatehouse-portal', port: 8080 },
        scheme: 'https',
        authHost: 'auth.example.com',
        admissionPolicies: new Set(),
      },
    )
  }

  function visit(path: string): Promise<number | undefined> {
    const { promise, resolve, reject } = Promise.withResolvers<number | undefined>()
    const options = { port: traefik.ports.web, host: '127.0.0.1', path, headers: { host: HOST }, agent: false }
    get(options, (response) => {
      response.resume()
      resolve(response.statusCode)
    }).once('error', reject)
    return promise
  }
})

/** Nothing runs behind them: a request that gets as far as that is answered 503. */
const SERVICES = ['monitoring/grafana', 'gatehouse/gatehouse-portal']
  .map((key) => key.split('/'))
  .map(
    ([namespace, name]) => `
apiVersion: v1
kind: Service
metadata: { name: ${name}, namespace: ${namespace} }
spec: { selector: { app: ${name} }, ports: [{ port: 8080 }] }
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: { name: ${name}, namespace: ${namespace}, labels: { kubernetes.io/service-name: ${name} } }
addressType: IPv4
endpoints: []
ports: [{ port: 8080 }]
`,
  )
  .join('---')

function gateway(port: number, namespaces: object): KubeObject[] {
  const listener = { name: 'web', protocol: 'HTTP', port, allowedRoutes: { namespaces } }
  return [
    {
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'GatewayClass',
      metadata: { name: 'traefik' },
      spec: { controllerName: 'traefik.io/gateway-controller' },
    },
    {
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'Gateway',
      metadata: { name: 'web', namespace: 'infra' },
      spec: { gatewayClassName: 'traefik', listeners: [listener] },
    },
  ]
}

/** @param filters the lines that belong into its rule */
function route(filters = ''): string {
  return `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata:
  name: grafana
  namespace: monitoring
  annotations: { access.gatehouse.dev/policies: engineers }
spec:
  parentRefs: [{ namespace: infra, name: web }]
  hostnames: [${HOST}]
  rules:
    - backendRefs: [{ name: grafana, port: 8080 }]
${filters.replace(/^/gm, '      ')}
`
}

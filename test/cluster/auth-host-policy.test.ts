import { afterAll, beforeAll, expect, test } from 'vitest'
import type { KubeObject } from '../../src/kubernetes/kube-object.ts'
import { minimal, render } from '../chart/helm.ts'
import { type KubernetesPart, startKubernetes } from '../parts/kubernetes.ts'
import { needs } from '../parts/needs.ts'
import { gatewayApiCrds, traefikCrds } from '../parts/traefik.ts'
import { until } from '../parts/until.ts'

needs(['kube-apiserver', 'etcd', 'helm', 'traefik'], 'the admission policies of the chart refuse', () => {
  let kubernetes: KubernetesPart

  beforeAll(async () => {
    kubernetes = await startKubernetes()
    for (const namespace of ['shop', 'gatehouse']) await kubernetes.ensureNamespace(namespace)
    await kubernetes.apply([...(await gatewayApiCrds()), ...(await traefikCrds())])
    const values = { ...minimal, admissionPolicies: { enabled: true }, gatewayAPI: { enabled: true } }
    const kinds = ['ValidatingAdmissionPolicy', 'ValidatingAdmissionPolicyBinding']
    await kubernetes.apply((await render('helm', [], values)).filter(({ kind }) => kinds.includes(kind)))
    await until('they are in force', async () => {
      const refused = [ingress('shop', ['auth.example.com']), middleware('gatehouse-one')].map(statusOf)
      return (await Promise.all(refused)).every((status) => status === 422)
    })
  }, 60_000)
  afterAll(() => kubernetes?.stop())

  const ingress = (namespace: string, hosts: readonly (string | undefined)[]): KubeObject => ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name: 'one', namespace },
    spec: {
      defaultBackend: { service: { name: 'app', port: { number: 80 } } },
      rules: hosts.map((host) => ({ host })),
    },
  })
  const PRIORITY = 'traefik.ingress.kubernetes.io/router.priority'
  const MATCHER = 'traefik.ingress.kubernetes.io/router.pathmatcher'
  const preferred = (priority: string, key = PRIORITY): KubeObject => {
    const one = ingress('shop', ['*.example.com'])
    return { ...one, metadata: { ...one.metadata, annotations: { [key]: priority } } }
  }
  const withPath = (path: string, namespace = 'shop'): KubeObject => {
    const backend = { service: { name: 'app', port: { number: 80 } } }
    const spec = { rules: [{ http: { paths: [{ path, pathType: 'ImplementationSpecific', backend }] } }] }
    return { ...ingress(namespace, []), spec }
  }
  const route = (namespace: string, hostnames: readonly string[]): KubeObject => ({
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: { name: 'one', namespace },
    spec: { hostnames, rules: [{ backendRefs: [{ name: 'app', port: 80 }] }] },
  })

  const grpcRoute = (namespace: string, hostnames: readonly string[]): KubeObject => ({
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'GRPCRoute',
    metadata: { name: 'one', namespace },
    spec: { hostnames, rules: [{ backendRefs: [{ name: 'app', port: 80 }] }] },
  })

  const middleware = (name: string): KubeObject => ({
    apiVersion: 'traefik.io/v1alpha1',
    kind: 'Middleware',
    metadata: { name, namespace: 'shop' },
    spec: { headers: {} },
  })

  /** What the server answers to an attempt to create the object. */
  async function statusOf(object: KubeObject): Promise<number> {
    const path = (await kubernetes.pathOf(object)).replace(/\/[^/]+$/, '')
    const { status } = await kubernetes.request('POST', path, { body: object, query: { dryRun: 'All' } })
    return status === 403 ? 422 : status
  }

  test.for([
    ['an Ingress of another namespace with the auth host', ingress('shop', ['auth.example.com']), 422],
    ['one with the auth host among others', ingress('shop', ['a.example.com', 'auth.example.com']), 422],
    ['one with other hosts', ingress('shop', ['a.example.com', undefined]), 201],
    ['one with nothing but a backend', ingress('shop', []), 201],
    ['one of the system namespace', ingress('gatehouse', ['auth.example.com']), 201],
    ['one that Traefik prefers to the routes of Gatehouse', preferred('100001'), 422],
    ['one with the same priority', preferred('100000'), 422],
    ['one with a priority in other letters', preferred('200000', PRIORITY.replace('router', 'Router')), 422],
    ['one with a priority that is no number', preferred('0x40000'), 422],
    [
      'one whose matcher is a rule of its own',
      preferred('PathPrefix(`/x`) || Host(`auth.example.com`) && Path', MATCHER),
      422,
    ],
    ['one with such a matcher in other letters', preferred('Host(`a`) || Path', MATCHER.replace('path', 'Path')), 422],
    ['one with a matcher of paths', preferred('PathRegexp', MATCHER), 201],
    ['one with a lower priority', preferred('99999'), 201],
    ['one with a negative priority', preferred('-1'), 201],
    ['one that Traefik would prefer for the length of a path', withPath(`/(?:.*|${'a'.repeat(100_000)})`), 422],
    ['one with a long path', withPath(`/${'a'.repeat(4_000)}`), 201],
    ['one whose path Traefik would spell longer than the limit', withPath(`/${'\u{10ffff}'.repeat(8_000)}`), 422],
    ['one whose path is a rule of its own to an older Traefik', withPath('/x`) || Host(`auth.example.com'), 422],
    ['an HTTPRoute of another namespace with the auth host', route('shop', ['auth.example.com']), 422],
    ['one with other hosts', route('shop', ['a.example.com']), 201],
    ['one of the system namespace', route('gatehouse', ['auth.example.com']), 201],
    ['a GRPCRoute of another namespace with the auth host', grpcRoute('shop', ['auth.example.com']), 422],
    ['one with other hosts', grpcRoute('shop', ['a.example.com']), 201],
    ['a Middleware of somebody else’s with a name of ours', middleware('gatehouse-app'), 422],
    ['one that Traefik could take for such a one', middleware('staging-gatehouse-app'), 422],
    ['one with dots in place of dashes', middleware('staging.gatehouse.app'), 422],
    ['one whose name only looks alike', middleware('my-gatehouses'), 201],
  ] as const)('%s', async ([, object, status]) => {
    expect(await statusOf(object)).toBe(status)
  })

  test.for([
    ['Ingress', ingress('shop', ['a.example.com']), ingress('shop', ['auth.example.com'])],
    ['HTTPRoute', route('shop', ['a.example.com']), route('shop', ['auth.example.com'])],
  ] as const)(
    'an %s that is on its way out may go, and gets the auth host no more than others',
    async ([, own, theirs]) => {
      const kept = (object: KubeObject, ...finalizers: string[]): KubeObject =>
        ({ ...object, metadata: { ...object.metadata, finalizers } }) as KubeObject
      await kubernetes.apply(kept(own, 'example.com/kept'))
      await kubernetes.delete(own)
      await expect(kubernetes.apply(kept(theirs, 'example.com/kept'))).rejects.toThrow('the host of Gatehouse itself')
      await kubernetes.apply(kept(own))
      expect(await kubernetes.get(own)).toBeUndefined()
    },
  )
})

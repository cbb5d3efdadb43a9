import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { kubeClient } from '../../src/kubernetes/client.ts'
import type { KubeObject } from '../../src/kubernetes/kube-object.ts'
import { createLockdowns } from '../../src/kubernetes/lockdowns.ts'
import type { ClusterView } from '../../src/kubernetes/wiring/wiring.ts'
import { type KubernetesPart, startKubernetes } from '../parts/kubernetes.ts'
import { needs } from '../parts/needs.ts'

const CRDS = join(import.meta.dirname, '../../manifests/crds')

needs(['etcd', 'kube-apiserver'], 'lockdown, as far as the leader looks for it in a cluster', () => {
  let kubernetes: KubernetesPart
  let client: ReturnType<typeof kubeClient>
  beforeAll(async () => {
    kubernetes = await startKubernetes()
    for (const file of await readdir(CRDS)) await kubernetes.apply(await readFile(join(CRDS, file), 'utf8'))
    for (const namespace of ['shop', 'empty']) await kubernetes.ensureNamespace(namespace)
    client = kubeClient({ kubeconfigFile: await kubernetes.kubeconfig() })
  })
  afterAll(async () => {
    client.close()
    await kubernetes.stop()
  })

  const manifest = (lockdown: string) => `
apiVersion: v1
kind: Service
metadata: { name: cart, namespace: shop }
spec: { selector: { app: cart }, ports: [{ port: 80, targetPort: web }] }
---
apiVersion: v1
kind: Pod
metadata: { name: cart-1, namespace: shop, labels: { app: cart } }
spec: { containers: [{ name: cart, image: cart }] }
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: cart, namespace: shop, annotations: { access.gatehouse.dev/application: cart } }
spec:
  ingressClassName: nginx
  rules:
    - host: cart.example.com
      http: { paths: [{ path: /, pathType: Prefix, backend: { service: { name: cart, port: { number: 80 } } } }] }
---
apiVersion: access.gatehouse.dev/v1alpha1
kind: AccessApplication
metadata: { name: cart, namespace: shop }
spec: { destinations: [{ host: cart.example.com }], lockdown: { networkPolicy: ${lockdown} } }
`

  /** What the leader would see and work out, with one ingress controller declared. */
  async function lockdowns(lockdown: string, as = client) {
    const objects = await kubernetes.apply(manifest(lockdown))
    const kind = (name: string) => objects.filter((object) => object.kind === name)
    const view: ClusterView = {
      ingresses: kind('Ingress'),
      ingressClasses: [],
      httpRoutes: [],
      applications: new Map(kind('AccessApplication').map((object) => ['shop/cart', object])),
      hostsOf: () => [],
    }
    const controllers = [{ className: 'nginx', namespace: 'ingress-nginx' }]
    const look = createLockdowns(as, controllers, {
      monotonicMs: () => performance.now(),
      signal: new AbortController().signal,
    })
    return look(view)
  }

  test('a policy admits the ingress controller to the pods of the Service, and the status says which', async () => {
    const { policies, findings, kept } = await lockdowns('{}')
    expect(policies.map(({ metadata, spec }) => ({ name: metadata.name, spec }))).toEqual([
      {
        name: 'gatehouse-cart.cart',
        spec: {
          podSelector: { matchLabels: { app: 'cart' } },
          policyTypes: ['Ingress'],
          ingress: [
            {
              from: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'ingress-nginx' } } }],
              ports: [{ protocol: 'TCP', port: 'web' }],
            },
          ],
        },
      },
    ])
    expect(kept).toEqual([])
    const { flaws, note } = findings.get('shop/cart') ?? {}
    expect(flaws).toEqual([])
    expect(note).toMatch(/cart-1/)
    expect(note).toMatch(/web/)
    const [written] = await kubernetes.apply(policies as KubeObject[], { dryRun: true })
    expect(written?.spec).toEqual(policies[0]?.spec)
  })

  test('of a Service that is gone the policy stays as it is, and the status says what is missing', async () => {
    await kubernetes.delete({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'gone', namespace: 'shop' } })
    const { policies, findings, kept } = await lockdowns('{ services: [gone] }')
    expect(policies).toEqual([])
    expect(kept).toEqual(['NetworkPolicy shop/gatehouse-cart.gone'])
    expect(findings.get('shop/cart')?.flaws.map(({ reason }) => reason)).toContain('LockdownIncomplete')
  })

  test('where Services may not be listed nothing is written or taken away, and the status says so', async () => {
    const token = await kubernetes.serviceAccountToken('empty', 'nobody')
    const stranger = kubeClient({ kubeconfigFile: await kubernetes.kubeconfig(token) })
    const { policies, findings, kept } = await lockdowns('{}', stranger)
    stranger.close()
    expect(policies).toEqual([])
    expect(kept).toEqual(['NetworkPolicy shop/gatehouse-cart.cart'])
    expect(findings.get('shop/cart')?.flaws.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^Services and Pods of shop cannot be listed: .*forbidden/),
    ])
  })
})

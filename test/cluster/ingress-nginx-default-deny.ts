import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { KubernetesApi } from '../parts/kubernetes-api.ts'
import { objectsOf } from '../parts/kubernetes-api.ts'
import { documented } from '../proxies/configuration.ts'
import { createVisitor } from '../proxies/visitor.ts'
import { ours, published, serviceFor } from './ingress-nginx-objects.ts'
import type { IngressNginxWorld } from './ingress-nginx-world.ts'
import { annotate, ingressNamed } from './reading.ts'
import { steadily } from './steadily.ts'

const NGINX = 'nginx.ingress.kubernetes.io/'
const FORGOTTEN = 'https://forgotten.example.com/'

/** The net that the guide spreads below Ingresses that do not ask. */
export function defaultDeny(worldOf: () => IngressNginxWorld): void {
  describe('with the documented settings that refuse by default', () => {
    const status = async (url: string) => (await createVisitor(worldOf().port).ask(url)).status
    let settings: Readonly<Record<string, string>>

    beforeAll(async () => {
      const { kubernetes, checkUrl } = worldOf()
      await kubernetes.ensureNamespace('net')
      await kubernetes.apply([
        serviceFor('net', 'web', worldOf().world.app('web').port),
        published({ namespace: 'net', name: 'forgotten', host: 'forgotten.example.com' }),
      ])
      await steadily('an Ingress that does not ask is open', async () => (await status(FORGOTTEN)) === 200)
      settings = documentedSettings(checkUrl)
      await configure(kubernetes, settings)
      await annotate(kubernetes, ingressNamed('gatehouse', 'gatehouse'), { [`${NGINX}enable-global-auth`]: 'false' })
      await steadily('it is shut', async () => (await status(FORGOTTEN)) === 403)
      await steadily('the auth host answers', async () => {
        return (await status('https://auth.example.com/.well-known/jwks.json')) === 200
      })
    })
    afterAll(() => {
      const { kubernetes } = worldOf()
      return configure(kubernetes, Object.fromEntries(Object.keys(settings).map((key) => [key, null])))
    })

    test('lets people in where an Ingress asks, and nobody where none does', async () => {
      const alice = createVisitor(worldOf().port)
      const arrived = await alice.open('https://grafana.example.com/page?x=1', 'alice')
      expect([arrived.status, arrived.url.href]).toEqual([200, 'https://grafana.example.com/page?x=1'])
      expect((await alice.open(FORGOTTEN)).status).toBe(403)
      expect(await status('https://shop.example.com/public/x')).toBe(200)
    })

    test('shows a new app to nobody, not even until its annotation has taken effect', async () => {
      const { kubernetes } = worldOf()
      const spec = { action: 'Allow', include: [{ everyone: {} }] }
      const metadata = { namespace: 'net', name: 'everyone' }
      const url = 'https://born.example.com/'
      await kubernetes.apply([
        { apiVersion: 'access.gatehouse.dev/v1alpha1', kind: 'AccessPolicy', metadata, spec },
        published({
          namespace: 'net',
          name: 'born',
          host: 'born.example.com',
          annotations: ours('policies', 'everyone'),
        }),
      ])
      const seen = new Set<number>()
      await steadily('a login stands before it', async () => {
        seen.add(await status(url))
        return (await status(`${url}.gatehouse/identity`)) === 401 && (await status(url)) === 302
      })
      expect([...seen]).not.toContain(200)
    })

    test('refuses where the controller drops the check for a malformed annotation', async () => {
      const { kubernetes } = worldOf()
      const annotations = { ...ours('policies', 'everyone'), [`${NGINX}auth-always-set-cookie`]: 'maybe' }
      await kubernetes.apply(published({ namespace: 'net', name: 'dropped', host: 'dropped.example.com', annotations }))
      const open = async () => (await status('https://dropped.example.com/.gatehouse/identity')) === 401
      await steadily('it is wired', open)
      expect((await createVisitor(worldOf().port).ask('https://dropped.example.com/')).headers['x-app']).toBeUndefined()
    })
  })
}

function documentedSettings(checkUrl: string): Record<string, string> {
  const replacements = { 'http://gatehouse-check.gatehouse.svc.cluster.local:8181': checkUrl }
  const [configMap] = objectsOf(documented('ingress-nginx/default-deny.yaml', replacements))
  return Object(configMap).data
}

/** Merges keys into the controller's ConfigMap; null takes one away. */
async function configure(kubernetes: KubernetesApi, data: Readonly<Record<string, string | null>>): Promise<void> {
  const metadata = { namespace: 'ingress-nginx', name: 'ingress-nginx-controller' }
  const path = await kubernetes.pathOf({ apiVersion: 'v1', kind: 'ConfigMap', metadata })
  const call = { contentType: 'application/merge-patch+json', body: { data } }
  const { status } = await kubernetes.request('PATCH', path, call)
  expect(status).toBe(200)
}

import { afterAll, beforeAll, expect, test } from 'vitest'
import type { KubeObject } from '../../src/kubernetes/kube-object.ts'
import { CLUSTER_PROGRAMS, type ClusterWorld, SYSTEM, startClusterWorld } from '../parts/cluster-world.ts'
import type { EchoApp } from '../parts/echo-app.ts'
import { needs } from '../parts/needs.ts'
import { until } from '../parts/until.ts'
import { hammer } from './hammer.ts'
import { application, ingress, type Publication, policy, serviceOf } from './objects.ts'
import { annotate, ingressNamed } from './reading.ts'

const SHOP = { namespace: 'shop', name: 'shop' }
const HOST = 'shop.example.test'
const OURS = 'gatehouse-shopzsshop@kubernetescrd'
const MIDDLEWARES = 'traefik.ingress.kubernetes.io/router.middlewares'
const LEASE = {
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  metadata: { namespace: SYSTEM, name: 'gatehouse-leader' },
}
const MARK = 'access.gatehouse.dev/wired'

needs(CLUSTER_PROGRAMS, 'an Ingress that is born with the annotation', () => {
  let world: ClusterWorld
  let app: EchoApp

  /** The ways in which an Ingress may say that it is to be protected, and who serves it. */
  const births: readonly (readonly [string, Partial<Publication>])[] = [
    ['a policy', { ours: { policies: 'nobody' } }],
    ['a policy that is not there', { ours: { policies: 'nonsense' } }],
    ['an application', { ours: { application: 'hand-made' } }],
    ['nothing that can be read', { ours: { policies: '!?', application: 'hand-made' } }],
    [
      'middlewares of others',
      { ours: { policies: 'nobody' }, annotations: { [MIDDLEWARES]: 'shop-plain@kubernetescrd' } },
    ],
    ['no class', { ours: { policies: 'nobody' }, className: null }],
    ['its class in an annotation', { className: null, annotations: { 'kubernetes.io/ingress.class': 'traefik' } }],
  ]

  beforeAll(async () => {
    world = await startClusterWorld()
    app = world.apps.get('app')!
    const { kubernetes } = world
    await kubernetes.ensureNamespace('shop')
    await kubernetes.apply([
      serviceOf(SHOP, app),
      policy('shop', 'nobody', { email: 'nobody@example.com' }),
      application('shop', 'hand-made', [{ host: 'other.example.test' }], 'nobody'),
      { ...PLAIN_MIDDLEWARE },
    ])
    await until('the admission policies are in force', async () => {
      const [born] = await kubernetes.apply(shop({}), { dryRun: true })
      return born?.metadata.annotations?.[MARK] === 'traefik'
    })
  }, 120_000)
  afterAll(() => world?.stop())

  function shop(settings: Partial<Publication>): KubeObject {
    return ingress({ ...SHOP, hosts: [HOST], port: app.port, ours: { policies: 'nobody' }, ...settings })
  }

  /** One after the other comes into being, is served by Traefik for a while, and goes. */
  async function giveBirthToAll(): Promise<void> {
    for (const [title, settings] of births) {
      const [born] = await world.kubernetes.apply(shop(settings))
      expect(born?.metadata.annotations, title).toMatchObject({ [MARK]: 'traefik' })
      await until(`Traefik has a route for ${title}`, async () =>
        Object.keys(await world.traefik.routers()).some((name) => name.includes('shop-shop')),
      )
      await bury()
    }
  }

  async function bury(): Promise<void> {
    await world.kubernetes.delete(ingressNamed('shop', 'shop'))
    await until('the route is gone', async () =>
      Object.keys(await world.traefik.routers()).every((name) => !name.includes('shop-shop')),
    )
  }

  test('is never answered by its app without a check, while nobody leads and when somebody does again', async () => {
    const { traefik, replicas, kubernetes } = world
    await replicas.get('gatehouse-0')!.kill9()
    const client = hammer(traefik.ports.websecure, HOST, 15_000)
    await giveBirthToAll()
    // Else it would be a while until somebody may lead again.
    await kubernetes.delete(LEASE)
    const started = world.start('gatehouse-0')
    await giveBirthToAll()
    await started
    await giveBirthToAll()
    await kubernetes.apply(shop({}))
    await until('a stranger is sent to the login', () => client.answers.has(302))
    expect(app.received).toEqual([])
    expect(client.answers.get(200)).toBeUndefined()

    await annotate(kubernetes, ingressNamed('shop', 'shop'), { 'access.gatehouse.dev/policies': null })
    await until('the client would have noticed', () => client.answers.has(200))
    await client.stop()
    await bury()
  })

  test('keeps our keys whatever another tool makes of it', async () => {
    const { kubernetes, traefik } = world
    const path = await kubernetes.pathOf(ingressNamed('shop', 'shop'))
    await kubernetes.apply(shop({}))
    const client = hammer(traefik.ports.websecure, HOST, 15_000)
    await until('a stranger is sent to the login', () => client.answers.has(302))
    const before = app.received.length

    const replaced = await kubernetes.request('PUT', path, { body: shop({}) })
    expect(annotationsOf(replaced.body)).toMatchObject({ [MARK]: 'traefik', [MIDDLEWARES]: OURS })

    const other = shop({ annotations: { [MIDDLEWARES]: 'shop-plain@kubernetescrd', [MARK]: '' } })
    const [applied] = await kubernetes.apply(other, { fieldManager: 'another-tool' })
    expect(annotationsOf(applied)).toMatchObject({ [MIDDLEWARES]: `${OURS},shop-plain@kubernetescrd` })

    const patched = await kubernetes.request('PATCH', path, {
      contentType: 'application/merge-patch+json',
      body: { metadata: { annotations: { [MIDDLEWARES]: null, [MARK]: null } } },
    })
    expect(annotationsOf(patched.body)).toMatchObject({ [MARK]: 'traefik', [MIDDLEWARES]: OURS })
    expect(app.received.length).toBe(before)
    await client.stop()
    expect(client.answers.get(200)).toBeUndefined()
  })
})

function annotationsOf(object: unknown): unknown {
  return (object as KubeObject).metadata.annotations
}

const PLAIN_MIDDLEWARE = {
  apiVersion: 'traefik.io/v1alpha1',
  kind: 'Middleware',
  metadata: { namespace: 'shop', name: 'plain' },
  spec: { compress: {} },
}

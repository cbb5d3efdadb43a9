import { afterAll, beforeAll, expect, test } from 'vitest'
import type { KubeObject } from '../../src/kubernetes/kube-object.ts'
import {
  AUTH_HOST,
  CLUSTER_PROGRAMS,
  type ClusterWorld,
  SYSTEM,
  secret,
  startClusterWorld,
} from '../parts/cluster-world.ts'
import type { EchoApp } from '../parts/echo-app.ts'
import type { ObjectReference } from '../parts/kubernetes-api.ts'
import { needs } from '../parts/needs.ts'
import { until } from '../parts/until.ts'
import { createVisitor } from '../proxies/visitor.ts'
import { badIngresses } from './bad-ingresses.ts'
import { ingress, policy, serviceOf } from './objects.ts'
import {
  annotate,
  applicationNamed,
  conditionsOf,
  eventsAbout,
  ingressNamed,
  labelled,
  untilReason,
} from './reading.ts'

const GOOD = applicationNamed('good', 'shop')

needs(CLUSTER_PROGRAMS, 'bad input', () => {
  let world: ClusterWorld
  let app: EchoApp
  let healthy: unknown

  beforeAll(async () => {
    world = await startClusterWorld()
    app = world.apps.get('app')!
    const { kubernetes } = world
    for (const namespace of ['good', 'bad']) {
      await kubernetes.ensureNamespace(namespace)
      await kubernetes.apply(policy(namespace, 'staff', { emailDomain: 'example.com' }))
    }
    await kubernetes.apply([
      serviceOf({ namespace: 'good', name: 'shop' }, app),
      ingress({
        namespace: 'good',
        name: 'shop',
        hosts: ['shop.example.test'],
        port: app.port,
        ours: { policies: 'staff' },
      }),
      {
        apiVersion: 'networking.k8s.io/v1',
        kind: 'IngressClass',
        metadata: { name: 'unknown' },
        spec: { controller: 'example.com/unknown' },
      } as KubeObject,
    ])
    await untilReason(kubernetes, GOOD, 'Programmed', 'Programmed')
    healthy = await conditionsOf(kubernetes, GOOD)
  }, 120_000)
  afterAll(() => world?.stop())

  async function expectNobodyElseIsTroubled(): Promise<void> {
    expect(await conditionsOf(world.kubernetes, GOOD)).toEqual(healthy)
    const answer = await createVisitor(world.traefik.ports.websecure).ask('https://shop.example.test/')
    expect([answer.status, answer.headers['gatehouse-reason']]).toEqual([302, 'login-required'])
    expect(app.received).toEqual([])
    const metrics = await world.replicas.get('gatehouse-0')!.metrics()
    expect(metrics).not.toMatch(/^gatehouse_internal_errors_total.* [1-9]/m)
    expect(metrics).toMatch(/^gatehouse_controller_conflicts 0$/m)
  }

  test.for(badIngresses.map((row, index) => [row.title, { ...row, name: `bad-${index}` }] as const))(
    '%s, in an Ingress, is told to its author and shuts the app',
    async ([, { name, publication = {}, afterwards, warning, condition }]) => {
      const { kubernetes, traefik } = world
      const place = { namespace: 'bad', name }
      const host = `${name}.example.test`
      await kubernetes.apply([
        serviceOf(place, app),
        ingress({ ...place, hosts: [host], port: app.port, ours: { policies: 'staff' }, ...publication }),
      ])
      if (afterwards !== undefined) await annotate(kubernetes, ingressNamed('bad', name), afterwards)
      if (condition !== undefined) await untilReason(kubernetes, applicationNamed('bad', name), ...condition)
      if (warning !== undefined) {
        await until(`${warning} is told`, async () => {
          const events = await eventsAbout(kubernetes, ingressNamed('bad', name))
          if (events.some(({ what }) => what === `Warning ${warning}`)) return true
          throw new Error(JSON.stringify(events))
        })
      }
      const answer = await createVisitor(traefik.ports.websecure).ask(`https://${host}/`)
      expect([302, 403, 404, 500]).toContain(answer.status)
      await expectNobodyElseIsTroubled()
      await kubernetes.delete(ingressNamed('bad', name))
    },
  )

  test('a client secret that is missing, empty or taken away is told, and found as soon as it is there', async () => {
    const { kubernetes } = world
    const provider: KubeObject = {
      apiVersion: 'access.gatehouse.dev/v1alpha1',
      kind: 'IdentityProvider',
      metadata: { name: 'partner' },
      spec: {
        type: 'OIDC',
        oidc: { issuer: 'https://localhost:9', clientID: 'x', clientSecretRef: { name: 'partner', key: 'secret' } },
      },
    }
    await kubernetes.apply(provider)
    await untilReason(kubernetes, provider, 'ResolvedRefs', 'SecretNotFound')
    await kubernetes.apply(secret(SYSTEM, 'partner', { secret: 'abc' }))
    await untilReason(kubernetes, provider, 'ResolvedRefs', 'ResolvedRefs')
    await kubernetes.apply(secret(SYSTEM, 'partner', { secret: '' }))
    await untilReason(kubernetes, provider, 'ResolvedRefs', 'SecretNotFound')
    await kubernetes.apply(secret(SYSTEM, 'partner', { secret: 'def' }))
    await untilReason(kubernetes, provider, 'ResolvedRefs', 'ResolvedRefs')
    await kubernetes.delete(secret(SYSTEM, 'partner', {}))
    await untilReason(kubernetes, provider, 'ResolvedRefs', 'SecretNotFound')
    await expectNobodyElseIsTroubled()
    await kubernetes.delete(provider)
  })

  test('a client secret that is rotated counts for the next login', async () => {
    const { kubernetes, traefik } = world
    const open = () => createVisitor(traefik.ports.websecure).open('https://shop.example.test/rotated', 'alice')
    const original = await kubernetes.get(secret(SYSTEM, 'company-oidc', {}))
    await kubernetes.apply(secret(SYSTEM, 'company-oidc', { 'client-secret': 'wrong' }))
    await until('the provider refuses us', async () => (await open()).status !== 200)
    const { data } = original as unknown as { data: Record<string, string> }
    await kubernetes.apply({ ...secret(SYSTEM, 'company-oidc', {}), data, stringData: {} })
    await until('the provider takes us again', async () => (await open()).status === 200)
  })

  const records: readonly (readonly [string, ObjectReference, Record<string, unknown> | undefined])[] = [
    [
      'the record of hosts, garbled',
      configMap('gatehouse-host-claims'),
      { data: { claims: 'shop.example.test evil extra words\n:::' } },
    ],
    ['the record of hosts, emptied', configMap('gatehouse-host-claims'), { data: null }],
    ['the record of hosts, deleted', configMap('gatehouse-host-claims'), undefined],
    ['the keys, garbled', secret(SYSTEM, 'gatehouse-keys', {}), { data: { 'keys.json': 'e30=' } }],
    ['the keys, emptied', secret(SYSTEM, 'gatehouse-keys', {}), { data: null }],
    ['the keys, deleted', secret(SYSTEM, 'gatehouse-keys', {}), undefined],
  ]
  test('the host of Gatehouse itself, in an Ingress of somebody else, is refused at once', async () => {
    const { kubernetes } = world
    const intruder = ingress({ namespace: 'bad', name: 'intruder', hosts: [AUTH_HOST], port: app.port })
    await expect(kubernetes.apply(intruder)).rejects.toThrow(/is the host of Gatehouse itself/)
  })

  test.for(records)('%s, is put back', async ([, reference, edit]) => {
    const { kubernetes, traefik } = world
    const contentOf = (object: KubeObject | undefined) => JSON.stringify(object?.data)
    const visitor = createVisitor(traefik.ports.websecure)
    expect((await visitor.open('https://shop.example.test/', 'alice')).status).toBe(200)
    const before = contentOf(await kubernetes.get(reference))
    if (edit === undefined) {
      await kubernetes.delete(reference)
    } else {
      const path = await kubernetes.pathOf(reference)
      const answer = await kubernetes.request('PATCH', path, {
        contentType: 'application/merge-patch+json',
        body: edit,
      })
      expect(answer.status).toBe(200)
    }
    await until('it is as it was', async () => {
      const now = contentOf(await kubernetes.get(reference))
      if (now === before) return true
      throw new Error(now)
    })
    expect((await visitor.ask('https://shop.example.test/')).status).toBe(200)
    expect(await conditionsOf(kubernetes, GOOD)).toEqual(healthy)
  })

  test('is forgotten with the objects that had it', async () => {
    await until('nothing is left of them', async () =>
      (await labelled(world.kubernetes)).every((one) => !/bad-/.test(one)),
    )
  })

  test('costs no right that the chart does not give', async () => {
    const refused = (await world.audited()).filter(({ responseStatus }) => responseStatus?.code === 403)
    expect(refused.map(({ verb, requestURI }) => `${verb} ${requestURI}`)).toEqual([])
  })
})

function configMap(name: string): ObjectReference {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: SYSTEM, name } }
}

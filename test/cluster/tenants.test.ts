import { afterAll, beforeAll, expect, test } from 'vitest'
import type { KubeObject } from '../../src/kubernetes/kube-object.ts'
import { OWNER_LABEL } from '../../src/kubernetes/wiring/wiring.ts'
import { CLUSTER_PROGRAMS, type ClusterWorld, SYSTEM, startClusterWorld } from '../parts/cluster-world.ts'
import type { EchoApp } from '../parts/echo-app.ts'
import { needs } from '../parts/needs.ts'
import { until } from '../parts/until.ts'
import { createVisitor } from '../proxies/visitor.ts'
import { application, ingress, openPolicy, policy, serviceOf } from './objects.ts'
import { applicationNamed, conditionsOf, ingressNamed, listOf, untilReason } from './reading.ts'

const NAMESPACES = ['alpha', 'beta', 'gamma']
const [[LABEL, VALUE] = []] = Object.entries(OWNER_LABEL)

needs(CLUSTER_PROGRAMS, 'a host that several namespaces want', () => {
  let world: ClusterWorld
  let app: EchoApp

  beforeAll(async () => {
    const hostClaims = [{ host: 'granted.other.test', namespace: 'alpha' }]
    world = await startClusterWorld({ values: { hostClaims } })
    app = world.apps.get('app')!
    for (const namespace of NAMESPACES) {
      await world.kubernetes.ensureNamespace(namespace)
      await world.kubernetes.apply([
        policy(namespace, 'staff', { emailDomain: 'example.com' }),
        openPolicy(namespace, 'open'),
      ])
    }
  }, 120_000)
  afterAll(() => world?.stop())

  /** An annotated Ingress; beta's and gamma's would let everybody in. */
  async function publish(
    namespace: string,
    name: string,
    ...hosts: readonly string[]
  ): Promise<KubeObject | undefined> {
    const ours = { policies: namespace === 'alpha' ? 'staff' : 'open' }
    const place = { namespace, name }
    const made = await world.kubernetes.apply([
      serviceOf(place, app),
      ingress({ ...place, hosts, port: app.port, ours }),
    ])
    return made[1]
  }

  async function portalHosts(): Promise<string[]> {
    const path = `/apis/networking.k8s.io/v1/namespaces/${SYSTEM}/ingresses?labelSelector=${LABEL}%3D${VALUE}`
    const rules = (await listOf(world.kubernetes, path)).flatMap(
      ({ spec }) => (spec as { rules: { host: string }[] }).rules,
    )
    return rules.map(({ host }) => host).sort()
  }

  /** Everything that objects of a namespace say to their authors. */
  async function told(namespace: string): Promise<string> {
    const { kubernetes } = world
    const objects = [
      ...(await listOf(kubernetes, `/apis/access.gatehouse.dev/v1alpha1/namespaces/${namespace}/accessapplications`)),
      ...(await listOf(kubernetes, `/apis/events.k8s.io/v1/namespaces/${namespace}/events`)),
    ]
    return JSON.stringify(objects.map(({ status, note }) => [status, note]))
  }

  test('belongs to the first; the other is shut there, is not told whose it is, and gets no route', async () => {
    await publish('alpha', 'shop', 'shop.example.test')
    await untilReason(world.kubernetes, applicationNamed('alpha', 'shop'), 'Programmed', 'Programmed')
    await publish('beta', 'shop', 'shop.example.test', 'beta.example.test')
    const { message } = await untilReason(world.kubernetes, applicationNamed('beta', 'shop'), 'Accepted', 'HostClaimed')
    expect(message).toContain('shop.example.test')
    await until('beta has the host that is its own', async () => (await portalHosts()).includes('beta.example.test'))
    expect(await portalHosts()).toEqual(['beta.example.test', 'shop.example.test'])
    expect(await told('beta')).not.toContain('alpha')

    const stranger = createVisitor(world.traefik.ports.websecure)
    await until('beta is served', async () => (await stranger.ask('https://beta.example.test/')).status === 200)
    const answers = []
    for (let time = 0; time < 5; time += 1) answers.push((await stranger.ask('https://shop.example.test/')).status)
    expect(answers.filter((status) => status !== 302 && status !== 403)).toEqual([])
  })

  test('stays with the first while its objects are deleted and made again', async () => {
    const { kubernetes } = world
    await kubernetes.delete(ingressNamed('alpha', 'shop'))
    await until('the application of the first is gone', async () => {
      return (await kubernetes.get(applicationNamed('alpha', 'shop'))) === undefined
    })
    await until('the host has no route', async () => !(await portalHosts()).includes('shop.example.test'))
    const record = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { namespace: SYSTEM, name: 'gatehouse-host-claims' },
    }
    await until('the record says since when', async () => {
      const { claims = '' } = ((await kubernetes.get(record))?.data ?? {}) as { claims?: string }
      return /^shop\.example\.test alpha \d{4}-/m.test(claims)
    })
    expect((await conditionsOf(kubernetes, applicationNamed('beta', 'shop'))).Accepted?.reason).toBe('HostClaimed')

    await publish('alpha', 'shop', 'shop.example.test')
    await untilReason(kubernetes, applicationNamed('alpha', 'shop'), 'Programmed', 'Programmed')
    expect((await conditionsOf(kubernetes, applicationNamed('beta', 'shop'))).Accepted?.reason).toBe('HostClaimed')
  })

  test('is whose the configuration says, and not the first one’s', async () => {
    const { kubernetes } = world
    await publish('gamma', 'granted', 'granted.other.test')
    await untilReason(kubernetes, applicationNamed('gamma', 'granted'), 'Accepted', 'HostNotGranted')
    expect(await portalHosts()).not.toContain('granted.other.test')
    await publish('alpha', 'granted', 'granted.other.test')
    await untilReason(kubernetes, applicationNamed('alpha', 'granted'), 'Programmed', 'Programmed')
    expect((await conditionsOf(kubernetes, applicationNamed('gamma', 'granted'))).Accepted?.reason).toBe(
      'HostNotGranted',
    )
    expect(await told('gamma')).not.toContain('alpha')
  })

  test('is not to be had by a wildcard over it', async () => {
    await publish('gamma', 'all', '*.example.test')
    await untilReason(world.kubernetes, applicationNamed('gamma', 'all'), 'Accepted', 'HostClaimed')
    expect(await portalHosts()).not.toContain('*.example.test')
    expect(await told('gamma')).not.toMatch(/alpha|beta/)
  })

  test('is the older one’s where two applications of a namespace have the same destination', async () => {
    const { kubernetes } = world
    const destinations = [{ host: 'twice.example.test' }]
    const [older] = await kubernetes.apply(application('alpha', 'zeta', destinations, 'staff'))
    await until('the younger one is younger by a second', async () => {
      await kubernetes.delete(applicationNamed('alpha', 'eta'))
      const [younger] = await kubernetes.apply(application('alpha', 'eta', destinations, 'staff'))
      return (younger?.metadata.creationTimestamp ?? '') > (older?.metadata.creationTimestamp ?? '')
    })
    await untilReason(kubernetes, applicationNamed('alpha', 'eta'), 'Accepted', 'DestinationTaken')
    expect((await conditionsOf(kubernetes, applicationNamed('alpha', 'zeta'))).Accepted?.reason).toBe('Accepted')

    await kubernetes.delete(applicationNamed('alpha', 'zeta'))
    await untilReason(kubernetes, applicationNamed('alpha', 'eta'), 'Accepted', 'Accepted')
  })
})

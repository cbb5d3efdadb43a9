import { afterAll, beforeAll, expect, test } from 'vitest'
import { CLUSTER_PROGRAMS, type ClusterWorld, SYSTEM, startClusterWorld } from '../parts/cluster-world.ts'
import type { AuditedRequest } from '../parts/kubernetes-audit.ts'
import { needs } from '../parts/needs.ts'
import { until } from '../parts/until.ts'
import { createVisitor } from '../proxies/visitor.ts'
import { ingress, policy, serviceOf } from './objects.ts'
import { applicationNamed, untilReason } from './reading.ts'

const NAMES = ['gatehouse-0', 'gatehouse-1'] as const
const MIDDLEWARE = {
  apiVersion: 'traefik.io/v1alpha1',
  kind: 'Middleware',
  metadata: { namespace: SYSTEM, name: 'shopzsshop' },
}

needs(CLUSTER_PROGRAMS, 'two replicas', () => {
  let world: ClusterWorld

  beforeAll(async () => {
    // The Services lead to the first alone, which follows here.
    world = await startClusterWorld({ replicas: [NAMES[1], NAMES[0]] })
    const { kubernetes, apps } = world
    await kubernetes.ensureNamespace('shop')
    await kubernetes.apply([
      policy('shop', 'staff', { emailDomain: 'example.com' }),
      serviceOf({ namespace: 'shop', name: 'shop' }, apps.get('app')!),
      ingress({
        namespace: 'shop',
        name: 'shop',
        hosts: ['shop.example.test'],
        port: apps.get('app')!.port,
        ours: { policies: 'staff' },
      }),
    ])
    await untilReason(kubernetes, applicationNamed('shop', 'shop'), 'Programmed', 'Programmed')
  }, 120_000)
  afterAll(() => world?.stop())

  const isLeading = async (name: string) => /^gatehouse_leader 1$/m.test(await world.replicas.get(name)!.metrics())
  const writesOf = async (name: string) => (await world.audited(name)).filter(isWrite).length

  test('one of them writes, and both decide', async () => {
    const leading = []
    for (const name of NAMES) if (await isLeading(name)) leading.push(name)
    expect(leading).toEqual([NAMES[1]])
    expect(await writesOf(NAMES[1])).toBeGreaterThan(5)
    expect(await writesOf(NAMES[0])).toBe(0)
    for (const name of NAMES) {
      const { address } = world.replicas.get(name)!
      const headers = { 'x-forwarded-host': 'shop.example.test', 'x-forwarded-uri': '/', 'x-forwarded-method': 'GET' }
      const answer = await fetch(`http://${address}:8181/forward/app/shop/shop`, { headers, redirect: 'manual' })
      expect(answer.status, name).toBe(401)
    }
  })

  test('the other takes over when the leader is killed, and repairs what happened meanwhile', async () => {
    const { kubernetes, replicas, traefik } = world
    await replicas.get(NAMES[1])!.kill9()
    const killed = performance.now()
    await kubernetes.delete(MIDDLEWARE)
    const stranger = createVisitor(traefik.ports.websecure)
    await until(
      'the app is out of reach',
      async () => (await stranger.ask('https://shop.example.test/')).status === 404,
    )
    await until('it is repaired', () => kubernetes.get(MIDDLEWARE), { timeoutMs: 25_000 })
    expect(performance.now() - killed).toBeLessThan(20_000)
    expect(await isLeading(NAMES[0])).toBe(true)

    const before = await writesOf(NAMES[1])
    const back = await world.start(NAMES[1])
    await until('it follows', async () => /^gatehouse_leader 0$/m.test(await back.metrics()))
    await kubernetes.delete(MIDDLEWARE)
    await until('the new leader repairs', () => kubernetes.get(MIDDLEWARE))
    expect(await writesOf(NAMES[1])).toBe(before)
    expect(await isLeading(NAMES[0])).toBe(true)
  }, 60_000)

  test('the leader that is told to stop hands over at once', async () => {
    const { replicas, kubernetes } = world
    await replicas.get(NAMES[0])!.stop()
    const stopped = performance.now()
    await kubernetes.delete(MIDDLEWARE)
    await until('the other repairs', () => kubernetes.get(MIDDLEWARE))
    expect(performance.now() - stopped).toBeLessThan(5_000)
  })
})

/** Renewing the Lease apart. */
function isWrite({ verb, objectRef }: AuditedRequest): boolean {
  return !['get', 'list', 'watch'].includes(verb) && objectRef?.resource !== 'leases'
}

import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { apiResources } from '../../src/kubernetes/api-resource.ts'
import { type KubeClient, kubeClient } from '../../src/kubernetes/client.ts'
import { EXPIRED, event } from '../kubernetes/scripted-api.ts'
import { watched } from '../kubernetes/watched.ts'
import type { Matcher } from '../parts/fault-proxy.ts'
import { needs } from '../parts/needs.ts'
import { until } from '../parts/until.ts'
import { type Policies, policiesOf } from './policies.ts'
import { all, isList, isWatch, proxiedPolicies } from './proxied-policies.ts'

needs(['etcd', 'kube-apiserver'], 'the reflector, with faults between it and a real API server', () => {
  const stage = proxiedPolicies()
  const { begin, beginSynced, isCurrent, changeAll } = stage

  interface Trial {
    readonly title: string
    /** @returns ends it */
    begin(): () => void
    readonly reason: string
  }
  const answered = (matches: Matcher, status: number, headers?: Record<string, string>) => () => {
    const end = stage.proxy.add(matches, {
      kind: 'answer',
      status,
      body: { kind: 'Status', apiVersion: 'v1', status: 'Failure', code: status, message: 'of the proxy' },
      headers: { 'content-type': 'application/json', ...headers },
    })
    stage.proxy.end(isWatch)
    return end
  }
  const injected =
    (text: string, andEnd = false) =>
    () => {
      stage.proxy.inject(isWatch, text)
      if (andEnd) stage.proxy.end(isWatch)
      return () => undefined
    }
  const trials: readonly Trial[] = [
    { title: '410 as a status', begin: answered(isWatch, 410), reason: 'expired' },
    { title: '410 as an event', begin: injected(event('ERROR', EXPIRED)), reason: 'expired' },
    { title: '500', begin: answered(all, 500), reason: 'failing' },
    { title: '429 with Retry-After', begin: answered(all, 429, { 'retry-after': '1' }), reason: 'busy' },
    { title: 'resets', begin: () => stage.proxy.add(all, { kind: 'reset' }), reason: 'unreachable' },
    { title: 'a partial line', begin: injected('{"type":"ADDED","object":{"metad', true), reason: 'garbled' },
    { title: 'garbage', begin: injected('\u0000garbage\n'), reason: 'garbled' },
  ]

  test.for(trials)('$title: current again within 2 s', async ({ begin: beginFault, reason }) => {
    const one = await beginSynced()
    const before = Object.keys(one.versions())
    const end = beginFault()
    await until('it is noticed', () => one.reasons().includes(reason))
    expect(Object.keys(one.versions())).toEqual(before)
    await changeAll()
    end()
    await isCurrent(one)
    await stage.policies.create('five')
    await isCurrent(one)
  })

  test('lines in pieces, slowly', async () => {
    const end = stage.proxy.add(all, { kind: 'pieces', bytes: 100, pauseMs: 1 })
    const one = await beginSynced()
    await changeAll()
    await isCurrent(one)
    end()
    expect(one.reasons()).toEqual([])
  })

  test.for([
    { title: '500', fault: { kind: 'answer', status: 500 } },
    { title: '403', fault: { kind: 'answer', status: 403 } },
    { title: 'garbage', fault: { kind: 'answer', status: 200, body: '<html>' } },
    { title: 'resets', fault: { kind: 'reset' } },
  ] as const)('lists that fail at the start: $title', async ({ fault }) => {
    const end = stage.proxy.add(isList, fault)
    const one = begin()
    await until('it says why', () => one.reflection.trouble() !== undefined)
    expect(one.reflection.isSynced()).toBe(false)
    end()
    await isCurrent(one)
  })

  test('nobody listens while objects are deleted and made again', async () => {
    const one = await beginSynced()
    const before = one.versions()['shop/two']
    await stage.proxy.refuse()
    await changeAll()
    expect(one.reflection.items().size).toBe(3)
    await stage.proxy.restore()
    await isCurrent(one)
    expect(one.versions()['shop/two']?.split('@')[0]).not.toBe(before?.split('@')[0])
  })

  test('rights that are taken away for a while: the last set stays, and it says why', async () => {
    const token = await stage.cluster.serviceAccountToken('gatehouse', 'reader')
    const rights = readRights()
    await stage.cluster.apply(rights)
    stage.client.close()
    stage.client = kubeClient({ kubeconfigFile: await stage.cluster.kubeconfig(token, stage.proxy.url) })
    const one = begin()
    await until('rights are in force', () => one.reflection.isSynced())
    await isCurrent(one)
    await stage.cluster.delete(rights[1])
    stage.proxy.end(isWatch)
    await until('it says why', () => one.reflection.trouble()?.includes('403'))
    await changeAll()
    expect(one.reflection.items().size).toBe(3)
    await stage.cluster.apply(rights)
    await isCurrent(one)
    await until('all is well', () => one.reflection.trouble() === undefined)
  })

  test('a kind that is never served is synced and empty', async () => {
    const routes = watched(stage.client, {}, apiResources.httpRoutes)
    await until('it is synced', () => routes.reflection.isSynced())
    expect(routes.reflection.items().size).toBe(0)
    expect(routes.reflection.trouble()).toBeUndefined()
    await routes[Symbol.asyncDispose]()
  })

  test('a definition that is deleted and made again', async () => {
    const one = await beginSynced()
    await stage.policies.undefine()
    await one.equals(() => ({}), 10_000)
    await stage.policies.define()
    await stage.policies.create('anew')
    await isCurrent(one)
    await stage.policies.change('anew', 1)
    await isCurrent(one)
    expect(one.reflection.trouble()).toBeUndefined()
  })

  describe('a server that goes and comes back', () => {
    test.for(['stopServer', 'kill9'] as const)('%s', { timeout: 60_000 }, async (how) => {
      const one = await beginSynced()
      await stage.cluster[how]()
      await until('it says so', () => one.reflection.trouble() !== undefined)
      expect(one.reflection.items().size).toBe(3)
      await stage.cluster.startServer()
      await isCurrent(one)
      await changeAll()
      await isCurrent(one)
    })
  })

  describe('a lot', () => {
    let direct: KubeClient
    let many: Policies
    beforeEach(async () => {
      direct = kubeClient({ kubeconfigFile: await stage.cluster.kubeconfig() })
      many = policiesOf(stage.cluster, direct)
    })
    afterEach(() => direct.close())

    test('5,000 objects', { timeout: 90_000 }, async () => {
      await inParallel(5_000, (number) => many.create(`policy-${number}`))
      const expected = await many.versions()
      const one = begin()
      await one.equals(() => expected, 10_000)
      stage.proxy.inject(isWatch, event('ERROR', EXPIRED))
      await many.change('policy-77', 1)
      await isCurrent(one)
      expect(stage.proxy.requests.filter(isList).every(({ query }) => query.get('limit') === '500')).toBe(true)
    })

    test('500 changes a second, and resets', { timeout: 60_000 }, async () => {
      await inParallel(200, (number) => many.create(`policy-${number}`))
      const one = await beginSynced()
      const startedAt = performance.now()
      const changing = inParallel(2_500, (number) => many.change(`policy-${number % 200}`, number))
      const resetting = (async () => {
        for (const at of [500, 1_500, 2_500]) {
          await until('it is time', () => performance.now() - startedAt > at)
          stage.proxy.add(isWatch, { kind: 'reset' })()
        }
      })()
      await Promise.all([changing, resetting])
      await isCurrent(one)
    })
  })
})

/** Runs an action for each number below the count, 25 at a time. */
async function inParallel(count: number, action: (number: number) => Promise<void>): Promise<void> {
  let next = 0
  await Promise.all(
    Array.from({ length: 25 }, async () => {
      while (next < count) await action(next++)
    }),
  )
}

function readRights() {
  const metadata = { name: 'policy-reader' }
  const role = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: metadata.name }
  return [
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata,
      rules: [{ apiGroups: ['access.gatehouse.dev'], resources: ['accesspolicies'], verbs: ['list', 'watch'] }],
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata,
      roleRef: role,
      subjects: [{ kind: 'ServiceAccount', name: 'reader', namespace: 'gatehouse' }],
    },
  ] as const
}

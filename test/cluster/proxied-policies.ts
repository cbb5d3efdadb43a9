import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest'
import { type KubeClient, kubeClient } from '../../src/kubernetes/client.ts'
import type { ReflectorOptions } from '../../src/kubernetes/reflector.ts'
import { type Watched, watched } from '../kubernetes/watched.ts'
import { type FaultProxy, type Matcher, startFaultProxy } from '../parts/fault-proxy.ts'
import { type KubernetesPart, startKubernetes } from '../parts/kubernetes.ts'
import { until } from '../parts/until.ts'
import { type Policies, policiesOf } from './policies.ts'

export const isWatch: Matcher = (request) => request.isWatch
export const isList: Matcher = (request) => !request.isWatch
export const all: Matcher = () => true

/** A real API server with three policies, and a reflector that reaches it through a proxy. */
export interface Stage {
  cluster: KubernetesPart
  policies: Policies
  proxy: FaultProxy
  /** Goes through the proxy, as the admin; a test may put another in its place. */
  client: KubeClient
  begin(options?: Partial<ReflectorOptions>): Watched
  /** The same, and waits until it watches. */
  beginSynced(options?: Partial<ReflectorOptions>): Promise<Watched>
  /** Waits until the set is the server's. Nothing may change meanwhile. */
  isCurrent(one: Watched, timeoutMs?: number): Promise<void>
  /** Changes, deletes, and makes again under the same name. */
  changeAll(): Promise<void>
}

/** Declares the hooks of a suite: one server for all its tests; proxy, client and policies are each test's own. */
export function proxiedPolicies(): Stage {
  let watch: Watched | undefined
  const stage = {
    begin(options = {}) {
      watch = watched(stage.client, options)
      return watch
    },
    async beginSynced(options) {
      const one = stage.begin(options)
      await stage.isCurrent(one)
      await until('it watches', () => stage.proxy.open().some(isWatch))
      return one
    },
    async isCurrent(one, timeoutMs = 2_000) {
      const expected = await stage.policies.versions()
      await one.equals(() => expected, timeoutMs)
    },
    async changeAll() {
      await stage.policies.remove('one')
      await stage.policies.remove('two')
      await stage.policies.create('two')
      await stage.policies.change('three', 3)
      await stage.policies.create('four')
    },
  } as Stage

  beforeAll(async () => {
    stage.cluster = await startKubernetes()
    stage.policies = policiesOf(stage.cluster)
    await stage.policies.define()
  }, 90_000)
  afterAll(() => stage.cluster.stop())
  beforeEach(async () => {
    stage.proxy = await startFaultProxy(stage.cluster)
    stage.client = kubeClient({ kubeconfigFile: await stage.cluster.kubeconfig(undefined, stage.proxy.url) })
    for (const name of ['one', 'two', 'three']) await stage.policies.create(name)
  })
  afterEach(async () => {
    await watch?.[Symbol.asyncDispose]()
    watch = undefined
    stage.client.close()
    await stage.proxy.stop()
    await stage.policies.removeAll()
  })
  return stage
}

import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { KubeObject } from '../../src/kubernetes/kube-object.ts'
import { type KubernetesPart, startKubernetes } from '../parts/kubernetes.ts'
import { needs } from '../parts/needs.ts'
import { type RunningProcess, startProcess } from '../parts/process.ts'
import { until } from '../parts/until.ts'

const FIXTURE = join(import.meta.dirname, 'fixtures', 'leader.ts')

let cluster: KubernetesPart
let count = 0

interface Leader {
  readonly name: string
  readonly running: RunningProcess
}

/** Three processes that would lead, in a namespace of their own. */
async function election() {
  await using started = new AsyncDisposableStack()
  count += 1
  const namespace = `election-${count}`
  const token = await cluster.serviceAccountToken(namespace, 'leader')
  await cluster.apply(rights(namespace))
  const kubeconfig = await cluster.kubeconfig(token)
  const processes = new Map<string, RunningProcess>()
  for (const name of ['anna', 'bert', 'cora']) {
    const args = [FIXTURE, kubeconfig, namespace, name]
    const isReady = ({ output }: { output: string }) => output.includes('ready')
    processes.set(name, started.use(await startProcess({ command: process.execPath, args, isReady })))
  }
  const leases = `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases/gatehouse`
  const writesOf = ({ running }: Leader) => running.output().split('\nwrote ').length

  async function nextWriteOf(leader: Leader): Promise<void> {
    const before = writesOf(leader)
    await until(`${leader.name} writes`, () => writesOf(leader) > before, { timeoutMs: 30_000, everyMs: 2 })
  }

  const owned = started.move()
  return {
    leases,
    writesOf,
    nextWriteOf,
    named(name: string): Leader | undefined {
      const running = processes.get(name)
      return running && { name, running }
    },
    /** The one that leads and has just written, so that its next write is a while away. */
    async leader(besides?: Leader): Promise<Leader> {
      const isLeading = ([name, running]: [string, RunningProcess]) =>
        name !== besides?.name && (running.output().match(/^leads.*$/gm) ?? []).at(-1)?.startsWith('leads: ')
      const [name, running] = await until('one leads', () => [...processes].find(isLeading), {
        timeoutMs: 30_000,
        everyMs: 5,
      })
      await nextWriteOf({ name, running })
      return { name, running }
    },
    /** Who wrote, in the order of the server's own history; who wrote several times in a row stands there once. */
    async writers(): Promise<string[]> {
      const { body } = await cluster.request('GET', `/api/v1/namespaces/${namespace}/configmaps?labelSelector=writer`)
      return (body as { items: KubeObject[] }).items
        .toSorted((left, right) => Number(left.metadata.resourceVersion) - Number(right.metadata.resourceVersion))
        .map(({ metadata }) => metadata.labels?.writer ?? '')
        .filter((writer, index, all) => writer !== all[index - 1])
    },
    async spec(): Promise<Record<string, unknown>> {
      const { body } = await cluster.request('GET', leases)
      return (body as { spec?: Record<string, unknown> }).spec ?? {}
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

needs(['etcd', 'kube-apiserver'], 'three processes and one lease', () => {
  beforeAll(async () => {
    // Each process that a test starts is ended with the test's own.
    process.setMaxListeners(30)
    cluster = await startKubernetes()
  }, 90_000)
  afterAll(() => cluster.stop())

  test.concurrent('one that is paused for longer than the lease loses it, and writes nothing when it resumes', async () => {
    await using scene = await election()
    const first = await scene.leader()
    expect((await scene.spec()).holderIdentity).toMatch(new RegExp(`^${first.name}_`))
    const before = scene.writesOf(first)
    first.running.signal('SIGSTOP')
    const stoppedAt = performance.now()
    const second = await scene.leader(first)
    expect(performance.now() - stoppedAt).toBeGreaterThan(12_000)
    expect(performance.now() - stoppedAt).toBeLessThan(20_000)

    first.running.signal('SIGCONT')
    await until('it knows', () => first.running.output().includes('leads no more'), { timeoutMs: 5_000 })
    for (let writes = 0; writes < 20; writes += 1) await scene.nextWriteOf(second)
    expect(scene.writesOf(first)).toBe(before)
    expect(await scene.writers()).toEqual([first.name, second.name])
    expect(await scene.spec()).toMatchObject({ leaseTransitions: 1, leaseDurationSeconds: 15 })
  }, 90_000)

  test.concurrent('one that is told to end hands over within 3 s, one after the other', async () => {
    await using scene = await election()
    const first = await scene.leader()
    first.running.signal('SIGTERM')
    const toldAt = performance.now()
    const second = await scene.leader(first)
    expect(performance.now() - toldAt).toBeLessThan(3_000)
    expect(await first.running.ended).toEqual({ code: 0, signal: null })
    second.running.signal('SIGTERM')
    await second.running.ended
    const third = await scene.leader(second)
    third.running.signal('SIGTERM')
    expect(await third.running.ended).toEqual({ code: 0, signal: null })
    expect(await scene.writers()).toEqual([first.name, second.name, third.name])
    expect(await scene.spec()).toMatchObject({ holderIdentity: '', leaseDurationSeconds: 1, leaseTransitions: 2 })
  }, 90_000)

  test.concurrent.each([
    { edit: 'deleted', request: ['DELETE', {}] as const },
    {
      edit: 'emptied',
      request: ['PATCH', { contentType: 'application/merge-patch+json', body: { spec: null } }] as const,
    },
  ])(
    'when the lease is $edit by hand, nobody leads beside the one who does',
    async ({ request: [method, call] }) => {
      await using scene = await election()
      const first = await scene.leader()
      expect((await cluster.request(method, scene.leases, call)).status).toBe(200)
      const holder = await until('somebody holds it', async () => {
        const [name = ''] = String((await scene.spec()).holderIdentity ?? '').split('_')
        return scene.named(name)
      })
      for (let writes = 0; writes < 10; writes += 1) await scene.nextWriteOf(holder)
      expect(await scene.writers()).toEqual(holder.name === first.name ? [first.name] : [first.name, holder.name])
    },
    90_000,
  )

  test('nobody leads while the server is stuck, and one does when it is back', async () => {
    await using scene = await election()
    const first = await scene.leader()
    cluster.pauseServer()
    await until('it leads no more', () => first.running.output().includes('leads no more'), { timeoutMs: 15_000 })
    cluster.resumeServer()
    const next = await scene.leader()
    expect(await scene.writers()).toEqual(next.name === first.name ? [first.name] : [first.name, next.name])
  }, 90_000)
})

function rights(namespace: string): KubeObject[] {
  const metadata = { name: 'leader', namespace }
  return [
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata,
      rules: [
        { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['get', 'create', 'update'] },
        { apiGroups: [''], resources: ['configmaps'], verbs: ['create'] },
      ],
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata,
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'leader' },
      subjects: [{ kind: 'ServiceAccount', name: 'leader', namespace }],
    },
  ]
}

import { execFile } from 'node:child_process'
import { get, type IncomingHttpHeaders } from 'node:http'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startEchoApp } from '../parts/echo-app.ts'
import { type FaultProxy, startFaultProxy } from '../parts/fault-proxy.ts'
import { type KubernetesPart, startKubernetes } from '../parts/kubernetes.ts'
import { needs } from '../parts/needs.ts'
import { requireProgram } from '../parts/programs.ts'
import { prepareTraefik, startTraefik, type TraefikPart } from '../parts/traefik.ts'
import { until } from '../parts/until.ts'

const configMap = (name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default' } })
const ingress = (name: string, host: string, port: number, annotations: Record<string, string> = {}) => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  metadata: { name, namespace: 'default', annotations },
  spec: {
    ingressClassName: 'traefik',
    rules: [
      {
        host,
        http: {
          paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: 'app', port: { number: port } } } }],
        },
      },
    ],
  },
})

needs(['etcd', 'kube-apiserver'], 'a real API server', () => {
  let kubernetes: KubernetesPart
  beforeAll(async () => {
    kubernetes = await startKubernetes()
  })
  afterAll(() => kubernetes?.stop())

  test('lets a ServiceAccount do what its role says and nothing else', async () => {
    const token = await kubernetes.serviceAccountToken('default', 'reader')
    await kubernetes.apply(`
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: reader, namespace: default}
rules: [{apiGroups: [""], resources: [configmaps], verbs: [list]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: reader, namespace: default}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader}
subjects: [{kind: ServiceAccount, name: reader, namespace: default}]
`)
    const path = '/api/v1/namespaces/default'
    await until('the role is in force', async () => {
      return (await kubernetes.request('GET', `${path}/configmaps`, { token })).status === 200
    })
    expect(await kubernetes.request('GET', `${path}/secrets`, { token })).toMatchObject({ status: 403 })
    await expect(kubernetes.apply(configMap('mine'), { token })).rejects.toMatchObject({ status: 403 })
    expect(await kubernetes.request('GET', `${path}/configmaps`, { token: 'nobody' })).toMatchObject({ status: 401 })
  })

  test('keeps whose field is whose, refuses unknown fields, and forgets a dry run', async () => {
    const held = { ...configMap('held'), data: { key: 'one' } }
    await kubernetes.apply(held, { fieldManager: 'first' })
    const other = kubernetes.apply({ ...held, data: { key: 'two' } }, { fieldManager: 'second', force: false })
    await expect(other).rejects.toMatchObject({ status: 409 })
    await expect(kubernetes.apply({ ...held, date: {} })).rejects.toThrow(/field not declared in schema/)
    await kubernetes.apply(configMap('tried'), { dryRun: true })
    expect(await kubernetes.get(configMap('tried'))).toBeUndefined()
    await kubernetes.delete(held)
    expect(await kubernetes.get(held)).toBeUndefined()
  })

  test('takes an object of a kind that was defined a moment ago', async () => {
    const [, made] = await kubernetes.apply(`
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.test}
spec:
  group: example.test
  scope: Namespaced
  names: {kind: Widget, plural: widgets}
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
          properties: {size: {type: integer}}
---
apiVersion: example.test/v1
kind: Widget
metadata: {name: one}
size: 3
`)
    expect(made).toMatchObject({ metadata: { namespace: 'default' }, size: 3 })
  })

  test('lets a MutatingAdmissionPolicy change an Ingress', async () => {
    await kubernetes.apply(`
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingAdmissionPolicy
metadata: {name: mark}
spec:
  failurePolicy: Fail
  reinvocationPolicy: Never
  matchConstraints:
    resourceRules:
      - {apiGroups: [networking.k8s.io], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [ingresses]}
  mutations:
    - patchType: ApplyConfiguration
      applyConfiguration:
        expression: 'Object{metadata: Object.metadata{annotations: {"example.test/marked": "yes"}}}'
---
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingAdmissionPolicyBinding
metadata: {name: mark}
spec: {policyName: mark}
`)
    const marked = await until('the policy is in force', async () => {
      const [made] = await kubernetes.apply(ingress('marked', 'marked.test', 80), { dryRun: true })
      return made?.metadata.annotations?.['example.test/marked']
    })
    expect(marked).toBe('yes')
  })

  test('comes back on its port with what it had, after a stop and after a crash', async () => {
    const kept = configMap('kept')
    await kubernetes.apply(kept)
    await kubernetes.stopServer()
    await expect(kubernetes.get(kept)).rejects.toThrow('ECONNREFUSED')
    await kubernetes.startServer()
    await kubernetes.kill9()
    await kubernetes.startServer()
    expect(await kubernetes.get(kept)).toMatchObject(kept)
  })
})

needs(['etcd', 'kube-apiserver', 'helm', 'helm3'], 'Helm at a real API server', () => {
  test.for(['helm', 'helm3'] as const)('%s reaches it by a kubeconfig', async (program) => {
    await using kubernetes = await startKubernetes()
    const { stdout } = await promisify(execFile)(
      requireProgram(program),
      ['list', '--all-namespaces', '--output', 'json'],
      { env: { KUBECONFIG: await kubernetes.kubeconfig(), HOME: '/nonexistent' } },
    )
    expect(JSON.parse(stdout)).toEqual([])
  })
})

needs(['etcd', 'kube-apiserver', 'traefik'], 'a real Traefik at a real API server', () => {
  const stack = new AsyncDisposableStack()
  let kubernetes: KubernetesPart
  let traefik: TraefikPart
  let port: number
  beforeAll(async () => {
    kubernetes = stack.use(await startKubernetes())
    traefik = stack.use(await startTraefik({ kubeconfig: await prepareTraefik(kubernetes), gatewayApi: true }))
    port = stack.use(await startEchoApp()).port
    await kubernetes.apply({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'app' },
      spec: { type: 'ExternalName', externalName: 'localhost', ports: [{ port }] },
    })
  })
  afterAll(() => stack.disposeAsync())

  test('serves an Ingress whose Service is a name of this machine', async () => {
    await kubernetes.apply(ingress('open', 'open.test', port))
    const answer = await until('the Ingress is served', async () => {
      const one = await visit(traefik.ports.web, 'open.test')
      return one.status === 200 && one
    })
    expect(answer.headers['x-app']).toBe('echo')
  })

  test('refuses a router whose Middleware does not exist', async () => {
    const annotations = { 'traefik.ingress.kubernetes.io/router.middlewares': 'default-missing@kubernetescrd' }
    await kubernetes.apply(ingress('closed', 'closed.test', port, annotations))
    const router = await until('Traefik knows the Ingress', async () =>
      Object.values(await traefik.routers()).find(({ rule }) => rule.includes('closed.test')),
    )
    expect(router).toMatchObject({ status: 'disabled', error: [expect.stringContaining('does not exist')] })
    expect(await visit(traefik.ports.web, 'closed.test')).toMatchObject({ status: 404 })
  })
})

needs(['etcd', 'kube-apiserver'], 'a fault proxy before a real API server', () => {
  const stack = new AsyncDisposableStack()
  let kubernetes: KubernetesPart
  let proxy: FaultProxy
  const list = (path = '/api/v1/namespaces/default/configmaps') =>
    fetch(`${proxy.url}${path}`, {
      headers: { authorization: `Bearer ${kubernetes.adminToken}` },
      signal: AbortSignal.timeout(10_000),
    })
  /** The lines of a watch as they come in. */
  async function watch() {
    const answer = await list('/api/v1/namespaces/default/configmaps?watch=1')
    const text = answer.body?.pipeThrough(new TextDecoderStream())
    const seen = { text: '', end: undefined as 'ended' | 'broken' | undefined }
    const reading = (async () => {
      for await (const piece of text ?? []) seen.text += piece
    })()
    reading.then(
      () => {
        seen.end = 'ended'
      },
      () => {
        seen.end = 'broken'
      },
    )
    return seen
  }
  beforeAll(async () => {
    kubernetes = stack.use(await startKubernetes())
    proxy = stack.use(await startFaultProxy(kubernetes))
  })
  afterAll(() => stack.disposeAsync())

  test('lets everything through, and says what came', async () => {
    const answer = await list()
    expect(await answer.json()).toMatchObject({ kind: 'ConfigMapList' })
    expect(proxy.requests.at(-1)).toMatchObject({ method: 'GET', isWatch: false })
  })

  test('answers in place of the server until that is taken back', async () => {
    const headers = { 'retry-after': '1' }
    const takeBack = proxy.add(({ isWatch }) => !isWatch, { kind: 'answer', status: 429, headers, body: 'later' })
    const refused = await list()
    expect([refused.status, refused.headers.get('retry-after'), await refused.text()]).toEqual([429, '1', 'later'])
    takeBack()
    expect((await list()).status).toBe(200)
  })

  test('resets connections, before the answer and in the middle of a watch', async () => {
    const seen = await watch()
    await kubernetes.apply(configMap('heard'))
    await until('the watch is under way', () => seen.text.includes('heard'))
    proxy.add(() => true, { kind: 'reset' })
    await until('the watch is broken', () => seen.end === 'broken')
    await expect(list()).rejects.toThrow('fetch failed')
    await proxy.restore()
    expect((await list()).status).toBe(200)
  })

  test('keeps a watch silent and goes on with it after', async () => {
    const seen = await watch()
    proxy.add(({ isWatch }) => isWatch, { kind: 'silent' })
    await kubernetes.apply(configMap('unheard'))
    expect((await list()).status).toBe(200)
    expect(seen).toMatchObject({ text: expect.not.stringContaining('unheard'), end: undefined })
    await proxy.restore()
    await until('the watch goes on', () => seen.text.includes('unheard'))
  })

  test('cuts a watch in pieces, puts lines into it, and ends it', async () => {
    const isWatch = (request: { isWatch: boolean }) => request.isWatch
    const seen = await watch()
    proxy.add(isWatch, { kind: 'pieces', bytes: 100, pauseMs: 1 })
    await kubernetes.apply(configMap('in-pieces'))
    await until('the pieces are there', () => /"in-pieces".*\n$/.test(seen.text))
    expect(proxy.inject(isWatch, 'garbage\n')).toBeGreaterThan(0)
    await until('the garbage is there', () => seen.text.endsWith('garbage\n'))
    proxy.end(isWatch)
    await until('the watch has ended', () => seen.end === 'ended')
    await proxy.restore()
  })

  test('refuses connections, and takes them again on the same port', async () => {
    const seen = await watch()
    await proxy.refuse()
    await until('the watch is broken', () => seen.end === 'broken')
    await expect(list()).rejects.toThrow('fetch failed')
    await proxy.restore()
    expect((await list()).status).toBe(200)
  })
})

function visit(port: number, host: string): Promise<{ status: number | undefined; headers: IncomingHttpHeaders }> {
  const { promise, resolve, reject } = Promise.withResolvers<Awaited<ReturnType<typeof visit>>>()
  const request = get({ port, host: '127.0.0.1', path: '/', headers: { host }, agent: false }, (response) => {
    response.resume()
    resolve({ status: response.statusCode, headers: response.headers })
  })
  request.once('error', reject)
  return promise
}

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { KubeObject } from '../../src/kubernetes/kube-object.ts'
import type { Annotations } from '../../src/kubernetes/wiring/annotation-map.ts'
import { readIntent, WIRED } from '../../src/kubernetes/wiring/annotations.ts'
import { ingressControllers } from '../../src/kubernetes/wiring/ingress-controllers.ts'
import { minimal, render } from '../chart/helm.ts'
import { type KubernetesPart, startKubernetes } from '../parts/kubernetes.ts'
import { needs } from '../parts/needs.ts'
import { until } from '../parts/until.ts'

const POLICIES = 'access.gatehouse.dev/policies'
const APPLICATION = 'access.gatehouse.dev/application'
const LEGACY_CLASS = 'kubernetes.io/ingress.class'
const AUTH_URL = 'nginx.ingress.kubernetes.io/auth-url'
const BUFFER = 'nginx.ingress.kubernetes.io/proxy-buffer-size'
const MIDDLEWARES = 'traefik.ingress.kubernetes.io/router.middlewares'

const pods = (namespace: string) => ({ namespace, labels: { app: namespace } })
const values = {
  ...minimal,
  admissionPolicies: { enabled: true },
  ingressClasses: [
    { name: 'nginx', controller: 'ingress-nginx', pods: pods('ingress-nginx') },
    { name: 'traefik', controller: 'traefik', default: true, pods: pods('traefik') },
  ],
}

const settings = {
  systemNamespace: 'gatehouse',
  checkUrl: 'http://gatehouse-check.gatehouse.svc.cluster.local:8181',
  portalService: { name: 'gatehouse-portal', port: 8080 },
  scheme: 'https',
  authHost: 'auth.example.com',
  admissionPolicies: new Set(['nginx', 'traefik']),
} as const

type Class = 'nginx' | 'traefik' | undefined

let names = 0
function ingress(
  ingressClassName: Class,
  annotations: Annotations,
  name = `app-${++names}`,
  namespace = 'my-apps',
): KubeObject {
  const service = { name: 'app', port: { number: 80 } }
  const paths = [{ path: '/', pathType: 'Prefix', backend: { service } }]
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name, namespace, annotations },
    spec: {
      ...(ingressClassName === undefined ? {} : { ingressClassName }),
      rules: [{ host: `${name}.example.com`, http: { paths } }],
    },
  }
}

/** The annotations that an Ingress has once the controller has written its keys. */
function wiredByController(object: KubeObject, className: 'nginx' | 'traefik'): Annotations {
  const name = className === 'nginx' ? 'ingress-nginx' : 'traefik'
  const controller = ingressControllers.find((one) => one.name === name)
  const intent = readIntent(object)
  if (controller === undefined || intent === undefined) throw new Error('it is not to be protected')
  const application = { namespace: object.metadata.namespace ?? '', application: intent.applicationName }
  const annotations = object.metadata.annotations ?? {}
  return { ...annotations, ...controller.keys(object, application, settings).set, [WIRED]: name }
}

/** Annotations of Ingresses that are created, and the class that serves them. */
const cases: readonly (readonly [string, Class, Annotations])[] = [
  ['a policy', 'nginx', { [POLICIES]: 'staff' }],
  ['a policy', 'traefik', { [POLICIES]: 'staff' }],
  ['a policy and the default class', undefined, { [POLICIES]: 'staff' }],
  ['an empty list of policies', 'nginx', { [POLICIES]: '' }],
  ['an application', 'nginx', { [APPLICATION]: 'wiki.internal-z' }],
  ['an application', 'traefik', { [APPLICATION]: 'wiki.internal-z' }],
  ['an application between blanks', 'traefik', { [APPLICATION]: ' wiki ' }],
  ['an empty application', 'traefik', { [APPLICATION]: '' }],
  ['an application that is no name', 'nginx', { [APPLICATION]: 'a?m=GET&h=b&u=/#' }],
  ['an application in capitals', 'traefik', { [APPLICATION]: 'Wiki' }],
  ['an application that ends in a dot', 'nginx', { [APPLICATION]: 'wiki.' }],
  ['an application whose name is too long', 'nginx', { [APPLICATION]: 'a'.repeat(254) }],
  ['policies and an application', 'nginx', { [POLICIES]: 'staff', [APPLICATION]: 'wiki' }],
  ['policies and an application', 'traefik', { [POLICIES]: 'staff', [APPLICATION]: 'wiki' }],
  ['a misspelt annotation', 'nginx', { 'access.gatehouse.dev/policy': 'staff' }],
  ['a misspelt annotation', 'traefik', { 'access.gatehouse.dev/policy': 'staff' }],
  ['other keys', 'nginx', { [POLICIES]: 'staff', 'nginx.ingress.kubernetes.io/use-regex': 'true', note: 'kept' }],
  ...Object.entries({
    satisfy: ['any', 'all', ' any', ''],
    'ssl-passthrough': ['true', 'false', 'TRUE', '1'],
    'auth-cache-duration': ['200 5m', '200 5m\n'],
    'auth-request-redirect': ['https://a.example.com'],
    'auth-always-set-cookie': ['maybe', 'true', 'false', ''],
    'auth-snippet': [''],
    'auth-cache-key': ['$remote_user'],
    'auth-keepalive': ['10'],
    'custom-http-errors': ['404, 401', '403', '4010', '404', '500,0401', '+403'],
  }).flatMap(([name, all]) =>
    all.map((value) => {
      const annotations = { [POLICIES]: 'staff', [`nginx.ingress.kubernetes.io/${name}`]: value }
      return [`${name} "${value}"`, 'nginx', annotations] as const
    }),
  ),
  ...['8k', '16k', '32K', '1m', '0m', '16383', '16384', '17', 'much', '1g', '', ' 64k'].map(
    (size) => [`a buffer of "${size}"`, 'nginx', { [POLICIES]: 'staff', [BUFFER]: size }] as const,
  ),
  ...[
    'shared-strip@kubernetescrd',
    'a@file, b@file',
    ' a@file ,,b@file,',
    'gatehouse-myzhappszsold@kubernetescrd,a@file',
    'a@file, gatehouse-myzhappszsold@kubernetescrd',
    'gatehouse-myzhappszsx@file',
    'gatehouse-othersapp@kubernetescrd',
    '',
    ' ',
  ].map((list) => [`the middlewares "${list}"`, 'traefik', { [POLICIES]: 'staff', [MIDDLEWARES]: list }] as const),
]

needs(['kube-apiserver', 'etcd', 'helm'], 'the admission policies of the chart', () => {
  let kubernetes: KubernetesPart

  beforeAll(async () => {
    kubernetes = await startKubernetes()
    for (const namespace of ['my-apps', 'xyz']) await kubernetes.ensureNamespace(namespace)
    const kinds = ['MutatingAdmissionPolicy', 'MutatingAdmissionPolicyBinding']
    await kubernetes.apply((await render('helm', [], values)).filter(({ kind }) => kinds.includes(kind)))
    for (const className of ['nginx', 'traefik'] as const) {
      const probe = ingress(className, { [POLICIES]: 'staff' })
      await until(`the policy of ${className} is in force`, async () => {
        const [answered] = await kubernetes.apply(probe, { dryRun: true })
        return answered?.metadata.annotations?.[WIRED] !== undefined
      })
    }
  }, 60_000)

  afterAll(() => kubernetes?.stop())

  async function create(object: KubeObject): Promise<KubeObject> {
    const namespace = object.metadata.namespace ?? ''
    const path = `/apis/networking.k8s.io/v1/namespaces/${namespace}/ingresses`
    const { status, body } = await kubernetes.request('POST', path, { body: object })
    expect(status, JSON.stringify(body)).toBe(201)
    return body as KubeObject
  }

  /** What is left after a merge patch. */
  async function edit(object: KubeObject, patch: object): Promise<KubeObject> {
    const { status, body } = await kubernetes.request('PATCH', await kubernetes.pathOf(object), {
      body: patch,
      contentType: 'application/merge-patch+json',
    })
    expect(status, JSON.stringify(body)).toBe(200)
    return body as KubeObject
  }

  const annotated = (annotations: Readonly<Record<string, string | null>>) => ({ metadata: { annotations } })

  test.for(cases)(
    'give an Ingress with %s of class %s its keys as it is born, as the controller would',
    async ([, className, annotations]) => {
      const object = ingress(className, annotations)
      const { metadata } = await create(object)
      expect(metadata.annotations).toEqual(wiredByController(object, className ?? 'traefik'))
    },
  )

  test.for(['a', 'z-z.zs', 'x.y-z'])(
    'spell an Ingress %s of a namespace with a z as the controller does',
    async (name) => {
      const object = ingress('traefik', { [POLICIES]: 'staff' }, name, 'xyz')
      expect((await create(object)).metadata.annotations).toEqual(wiredByController(object, 'traefik'))
    },
  )

  test.for([
    ['/.well-known/acme-challenge', {}, false],
    ['/.well-known/acme-challenge/', {}, false],
    ['/.well-known/acme-challenge/to_ken-1', {}, false],
    ['/.well-known/acme-challenge', { 'nginx.ingress.kubernetes.io/rewrite-target': '/' }, true],
    ['/.well-known/acme-challenge', { 'nginx.ingress.kubernetes.io/use-regex': 'false' }, false],
    ['/.well-known/acme-challenge|/admin', { 'nginx.ingress.kubernetes.io/use-regex': 'true' }, true],
    ['/.well-known/acme-challenger', {}, true],
    ['/.well-known/acme-challenge/a/b', {}, true],
    ['/.well-known', {}, false],
  ] as const)(
    'shut an Ingress with the path %s and %o if nobody is asked about it, as the controller does',
    async (row) => {
      const [path, annotations, isShut] = row
      const object = ingress('nginx', { [POLICIES]: 'staff', ...annotations })
      const backend = { service: { name: 'app', port: { number: 80 } } }
      const rules = [
        { host: 'other.example.com' },
        { host: 'a.example.com', http: { paths: [{ path, pathType: 'ImplementationSpecific', backend }] } },
      ]
      const { metadata } = await create({ ...object, spec: { ingressClassName: 'nginx', rules } })
      expect(metadata.annotations).toEqual(wiredByController({ ...object, spec: { rules } }, 'nginx'))
      expect(metadata.annotations?.[AUTH_URL] === 'shut').toBe(isShut)
    },
  )

  test('go by the class that the annotation of old names', async () => {
    const object = ingress(undefined, { [POLICIES]: 'staff', [LEGACY_CLASS]: 'nginx' })
    expect((await create(object)).metadata.annotations).toEqual(wiredByController(object, 'nginx'))
  })

  test('give an Ingress whose name is yet to be made an address at which everybody is refused', async () => {
    const object = ingress('nginx', { [POLICIES]: 'staff' })
    const { name: _, ...metadata } = object.metadata
    const created = await create({
      ...object,
      metadata: { ...metadata, generateName: 'app-' },
    } as unknown as KubeObject)
    const [url = ''] = created.metadata.annotations?.[AUTH_URL]?.split('?') ?? []
    expect(url).toMatch(/^http:\/\/gatehouse-check\.gatehouse\.svc\.cluster\.local:8181\/ingress-nginx\/app\/my-apps\//)
  })

  describe('when somebody edits a protected Ingress', () => {
    const keys = (object: KubeObject) => object.metadata.annotations

    test.for<[string, 'nginx' | 'traefik', Record<string, string | null>]>([
      ['drops the key', 'nginx', { [AUTH_URL]: null }],
      ['overwrites the key', 'nginx', { [AUTH_URL]: 'http://ok.example.com/' }],
      ['drops the mark', 'nginx', { [WIRED]: null }],
      ['makes the buffer small', 'nginx', { [BUFFER]: '4k' }],
      ['drops the key', 'traefik', { [MIDDLEWARES]: null }],
      ['empties the key', 'traefik', { [MIDDLEWARES]: '' }],
    ])('who %s of class %s, the same request puts it right', async ([, className, annotations]) => {
      const created = await create(ingress(className, { [POLICIES]: 'staff' }))
      expect(keys(await edit(created, annotated(annotations)))).toEqual(keys(created))
    })

    test('keeps the middlewares that come with the edit, after ours', async () => {
      const created = await create(ingress('traefik', { [POLICIES]: 'staff' }))
      const own = keys(created)?.[MIDDLEWARES]
      const edited = await edit(created, annotated({ [MIDDLEWARES]: `a@file,${own}` }))
      expect(keys(edited)?.[MIDDLEWARES]).toBe(`${own},a@file`)
    })

    test('replaces an Ingress as a whole no less', async () => {
      const object = ingress('nginx', { [POLICIES]: 'staff' })
      const created = await create(object)
      const { status, body } = await kubernetes.request('PUT', await kubernetes.pathOf(object), { body: object })
      expect(status).toBe(200)
      expect(keys(body as KubeObject)).toEqual(keys(created))
    })

    test('protects one that gets the annotation later', async () => {
      const object = ingress('nginx', {})
      const created = await create(object)
      expect(created.metadata.annotations).toBeUndefined()
      const edited = await edit(created, annotated({ [POLICIES]: 'staff' }))
      expect(keys(edited)).toEqual(wiredByController(edited, 'nginx'))
    })

    test('changes the application together with the annotation', async () => {
      const created = await create(ingress('traefik', { [APPLICATION]: 'one' }))
      const edited = await edit(created, annotated({ [APPLICATION]: 'two' }))
      expect(keys(edited)?.[MIDDLEWARES]).toBe('gatehouse-myzhappszstwo@kubernetescrd')
    })

    test('protects by the new class as soon as the class changes', async () => {
      const created = await create(ingress('nginx', { [POLICIES]: 'staff' }))
      const edited = await edit(created, { spec: { ingressClassName: 'traefik' } })
      expect(keys(edited)).toMatchObject({ [WIRED]: 'traefik', [MIDDLEWARES]: expect.stringContaining('gatehouse-') })
    })

    test('protects by both where field and annotation name different classes', async () => {
      const created = await create(ingress('nginx', { [POLICIES]: 'staff' }))
      const edited = await edit(created, annotated({ [LEGACY_CLASS]: 'traefik' }))
      expect(keys(edited)).toMatchObject({ [AUTH_URL]: expect.any(String), [MIDDLEWARES]: expect.any(String) })
    })

    test('lets the controller write its mark of several proxies, and keeps it', async () => {
      const created = await create(ingress('nginx', { [POLICIES]: 'staff' }))
      const mark = { [WIRED]: 'ingress-nginx,traefik' }
      expect(keys(await edit(created, annotated({ ...mark, [LEGACY_CLASS]: 'traefik' })))).toMatchObject(mark)
    })
  })

  describe('leave alone', () => {
    test.for<[string, Class, Annotations]>([
      ['without our annotation', 'nginx', { [AUTH_URL]: 'http://other.example.com/', [WIRED]: 'ingress-nginx' }],
      ['without our annotation', 'traefik', { [MIDDLEWARES]: 'a@file' }],
      ['with others of our prefix alone', 'nginx', { 'access.gatehouse.dev/session-duration': '1h' }],
    ])('an Ingress %s of class %s', async ([, className, annotations]) => {
      expect((await create(ingress(className, annotations))).metadata.annotations).toEqual(annotations)
    })

    test('an Ingress of a class that is not declared', async () => {
      const object = ingress(undefined, { [POLICIES]: 'staff', [LEGACY_CLASS]: 'haproxy' })
      expect((await create(object)).metadata.annotations).toEqual(object.metadata.annotations)
    })

    test('an Ingress that loses our annotation, whose keys the controller takes back', async () => {
      const created = await create(ingress('nginx', { [POLICIES]: 'staff' }))
      const bare = await edit(created, annotated({ [POLICIES]: null }))
      const without = { ...created.metadata.annotations }
      delete without[POLICIES]
      expect(bare.metadata.annotations).toEqual(without)
      const undone = await edit(bare, { metadata: { annotations: null } })
      expect(undone.metadata.annotations).toBeUndefined()
    })

    test('an Ingress that is being deleted', async () => {
      const object = ingress('nginx', { [POLICIES]: 'staff' })
      const held = { ...object, metadata: { ...object.metadata, finalizers: ['example.com/held'] } } as KubeObject
      const created = await create(held)
      await kubernetes.delete(created)
      const edited = await edit(created, annotated({ [AUTH_URL]: null }))
      expect(edited.metadata.annotations).not.toHaveProperty(AUTH_URL)
      await edit(created, { metadata: { finalizers: null } })
      expect(await kubernetes.get(created)).toBeUndefined()
    })
  })

  test('let server-side apply of the controller’s own keys pass unchanged', async () => {
    const created = await create(ingress('nginx', { [POLICIES]: 'staff' }))
    const { [POLICIES]: _, ...ours } = created.metadata.annotations ?? {}
    const { apiVersion, kind, metadata } = created
    const { name, namespace, uid } = metadata
    const own: KubeObject = { apiVersion, kind, metadata: { name, namespace, uid, annotations: ours } }
    const [applied] = await kubernetes.apply(own, { fieldManager: 'gatehouse' })
    expect(applied?.metadata.annotations).toEqual(created.metadata.annotations)
  })
})

import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import {
  APPLICATION,
  AUTH_URL,
  application,
  edited,
  editOf,
  type IngressParts,
  ingress,
  MIDDLEWARES,
  objectOf,
  POLICIES,
  reasonsOf,
  WIRED,
  wired,
} from './ingress-world.ts'

const R = 'traefik.ingress.kubernetes.io/router.'
const OURS = 'gatehouse-monitoringzsgrafana@kubernetescrd'
const traefik = (annotations: Record<string, string> = {}, more: IngressParts = {}) =>
  ingress({ className: 'traefik', annotations: { [POLICIES]: 'engineers', ...annotations }, ...more })

test('the Middleware is that of the guide, in the system namespace', () => {
  const text = readFileSync(new URL('../../../manifests/proxies/traefik/kubernetes.yaml', import.meta.url), 'utf8')
  const byHand = parseAllDocuments(text)[0]?.toJS()
  const wiring = wired(traefik())
  expect(objectOf(wiring, 'Middleware')).toEqual({
    apiVersion: 'traefik.io/v1alpha1',
    kind: 'Middleware',
    metadata: {
      name: 'monitoringzsgrafana',
      namespace: 'gatehouse',
      labels: {
        'access.gatehouse.dev/owner': 'controller',
        'access.gatehouse.dev/application-namespace': 'monitoring',
        'access.gatehouse.dev/application': 'grafana',
      },
    },
    spec: byHand.spec,
  })
  expect(editOf(wiring)).toMatchObject({ set: { [MIDDLEWARES]: OURS, [WIRED]: 'traefik' }, remove: [] })
  expect(reasonsOf(wiring)).toEqual([])
})

test.for([
  ['nothing', '', OURS],
  ['others', 'a-strip@kubernetescrd, b@file', `${OURS},a-strip@kubernetescrd, b@file`],
  ['ours already', `${OURS},b@file`, `${OURS},b@file`],
  ['ours at another place', `a@file, ${OURS},b@file`, `${OURS},a@file,b@file`],
  ['ours twice', `${OURS},${OURS}`, OURS],
  ['that of another application of ours', `gatehouse-monitoringzsold@kubernetescrd,b@file`, `${OURS},b@file`],
  ['that of another namespace', 'gatehouse-otherzsapp@kubernetescrd', `${OURS},gatehouse-otherzsapp@kubernetescrd`],
  ['gaps', `,a@file,,`, `${OURS},a@file`],
] as const)('with %s in router.middlewares, ours comes first and once', ([, before, after]) => {
  expect(edited(wired(traefik({ [MIDDLEWARES]: before })))?.[MIDDLEWARES]).toBe(after)
})

test('routes /.gatehouse/ to the portal with the TLS and the entry points of the app', () => {
  const annotations = {
    [`${R}entrypoints`]: 'websecure',
    [`${R}tls`]: 'true',
    [`${R}tls.options`]: 'strict@file',
    [`${R}priority`]: '7',
    [MIDDLEWARES]: 'a@file',
  }
  const tls = [{ hosts: ['grafana.example.com'], secretName: 'secret' }]
  const route = objectOf(wired(traefik(annotations, { spec: { tls } })), 'Ingress')
  expect(route?.metadata).toMatchObject({
    name: 'portal-traefik-grafanazdexamplezdcom',
    namespace: 'gatehouse',
    annotations: {
      [`${R}entrypoints`]: 'websecure',
      [`${R}tls`]: 'true',
      [`${R}tls.options`]: 'strict@file',
      [`${R}priority`]: '100000',
    },
  })
  expect(route?.metadata.annotations).not.toHaveProperty(MIDDLEWARES)
  expect(route?.spec).toMatchObject({
    ingressClassName: 'traefik',
    tls: [{ hosts: ['grafana.example.com'] }],
    rules: [{ host: 'grafana.example.com', http: { paths: [{ path: '/.gatehouse/', pathType: 'Prefix' }] } }],
  })
})

test('a priority above the portal’s is reported', () => {
  expect(reasonsOf(wired(traefik({ [`${R}priority`]: '100000' })))).toEqual(['AnnotationConflict'])
  expect(reasonsOf(wired(traefik({ [`${R}priority`]: '99999' })))).toEqual([])
})

test('regular expressions count by their literal prefix where an annotation makes them such', () => {
  const path = { host: 'a.example.com', path: '/api/v[0-9]+' }
  const paths = [{ ...path, pathType: 'ImplementationSpecific' }]
  expect(
    objectOf(wired(traefik({ [`${R}pathmatcher`]: 'PathRegexp' }, { paths })), 'AccessApplication')?.spec,
  ).toMatchObject({ destinations: [{ path: '/api' }] })
})

test('several Ingresses of one application share its Middleware', () => {
  const annotations = { [APPLICATION]: 'dashboards' }
  const applications = [application('dashboards', { spec: { destinations: [{ host: 'grafana.example.com' }] } })]
  const all = ['one', 'two'].map((name) => ingress({ name, className: 'traefik', annotations }))
  const wiring = wired(all, { applications })
  expect(wiring.objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual([
    'Middleware monitoringzsdashboards',
    'Ingress portal-traefik-grafanazdexamplezdcom',
  ])
})

test('a name that is too long for a Middleware is reported, and what cannot exist is named nonetheless', () => {
  const name = 'z'.repeat(130)
  const wiring = wired(traefik({}, { name }))
  expect(reasonsOf(wiring, `monitoring/${name}`)).toEqual(['NameTooLong'])
  expect(edited(wiring, name)?.[MIDDLEWARES]).toContain('@kubernetescrd')
  expect(objectOf(wiring, 'Middleware')).toBeUndefined()
})

test('a system namespace is named as Traefik flattens it', () => {
  const wiring = wired(traefik(), { settings: { systemNamespace: 'gate--house' } })
  expect(edited(wiring)?.[MIDDLEWARES]).toBe('gate-house-monitoringzsgrafana@kubernetescrd')
})

test('what ingress-nginx was told is taken back when the class changes', () => {
  const before = wired(ingress())
  const wiring = wired(traefik(edited(before)))
  expect(edited(wiring)).toEqual({ [POLICIES]: 'engineers', [WIRED]: 'traefik', [MIDDLEWARES]: OURS })
  expect(editOf(wiring)?.remove).toContain(AUTH_URL)
})

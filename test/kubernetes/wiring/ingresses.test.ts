import { expect, test } from 'vitest'
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
  problemsOf,
  reasonsOf,
  WIRED,
  type World,
  wired,
} from './ingress-world.ts'

const OWNER = { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', name: 'grafana', uid: 'uid-old', controller: true }
const labels = { 'access.gatehouse.dev/owner': 'controller' }
const covering = application('dashboards', { spec: { destinations: [{ host: 'grafana.example.com' }] } })
const by = (annotations: Record<string, string>): IngressParts => ({ annotations })

test('one line protects an app', () => {
  const wiring = wired(ingress({ annotations: { [POLICIES]: 'engineers, gatehouse/staff' } }))
  expect(objectOf(wiring, 'AccessApplication')).toEqual({
    apiVersion: 'access.gatehouse.dev/v1alpha1',
    kind: 'AccessApplication',
    metadata: {
      name: 'grafana',
      namespace: 'monitoring',
      labels,
      ownerReferences: [{ ...OWNER, uid: 'uid-monitoring-grafana' }],
    },
    spec: {
      destinations: [{ host: 'grafana.example.com', path: '/' }],
      policies: [{ name: 'engineers' }, { name: 'staff', namespace: 'gatehouse' }],
    },
  })
  expect(reasonsOf(wiring)).toEqual([])
  expect(wiring.problems).toEqual([])
})

/** What is wrong; the reasons at the application and at the Ingress; policies of the application that is made. */
const bad: [string, IngressParts, World, string[] | undefined, string[], number | undefined][] = [
  ['no rule with a host', { paths: [{ path: '/' }] }, {}, ['HostMissing'], ['HostMissing'], undefined],
  ['one rule without a host', { paths: ['a.example.com/', {}] }, {}, ['HostMissing'], ['HostMissing'], 1],
  ['a class that is missing', { className: 'x' }, {}, ['ClassNotFound'], ['ClassNotFound'], 1],
  ['no class', { className: undefined }, {}, ['ClassNotFound'], ['ClassNotFound'], 1],
  [
    'two classes',
    by({ [POLICIES]: 'a', 'kubernetes.io/ingress.class': 'traefik' }),
    {},
    ['ClassAmbiguous'],
    ['ClassAmbiguous'],
    1,
  ],
  ['a controller of another kind', { className: 'haproxy' }, {}, ['ControllerUnknown'], ['ControllerUnknown'], 1],
  ['annotations that cannot be read', by({ [POLICIES]: 'A B' }), {}, ['AnnotationInvalid'], ['AnnotationInvalid'], 0],
  [
    'both annotations',
    by({ [POLICIES]: 'a', [APPLICATION]: 'dashboards' }),
    { applications: [covering] },
    ['AnnotationInvalid'],
    ['AnnotationInvalid'],
    0,
  ],
  [
    'too many paths',
    { paths: Array.from({ length: 65 }, (_, index) => `a.example.com/${index}`) },
    {},
    ['TooManyDestinations'],
    ['TooManyDestinations'],
    0,
  ],
  [
    'an application of somebody else’s by its name',
    {},
    { applications: [application('grafana')] },
    [],
    ['ApplicationNotOwned'],
    undefined,
  ],
  [
    'an application that is made for another object',
    {},
    {
      applications: [
        application('grafana', { metadata: { labels, ownerReferences: [{ ...OWNER, kind: 'HTTPRoute' }] } }),
      ],
    },
    [],
    ['ApplicationNotOwned'],
    undefined,
  ],
  [
    'an application that does not exist',
    by({ [APPLICATION]: 'dashboards' }),
    {},
    ['ApplicationNotFound'],
    ['ApplicationNotFound'],
    undefined,
  ],
  [
    'an application without its host',
    by({ [APPLICATION]: 'dashboards' }),
    { applications: [application('dashboards', { spec: { destinations: [{ host: 'b.example.com' }] } })] },
    ['HostNotCovered'],
    ['HostNotCovered'],
    undefined,
  ],
]

test.for(bad)('%s: it is reported, and the app is shut', ([, parts, world, atApplication, atIngress, policies]) => {
  const wiring = wired(ingress(parts), world)
  const key = parts.annotations?.[APPLICATION] && parts.annotations[POLICIES] === undefined ? 'dashboards' : 'grafana'
  expect(reasonsOf(wiring, `monitoring/${key}`)).toEqual(atApplication)
  expect(problemsOf(wiring)).toEqual(atIngress.map((reason) => `grafana: ${reason}`))
  const spec = objectOf(wiring, 'AccessApplication')?.spec as { policies: unknown[] } | undefined
  expect(spec?.policies.length).toBe(policies)
  expect(edited(wiring)?.[AUTH_URL]).toContain(`/ingress-nginx/app/monitoring/${key}?`)
})

test.for(['missing', undefined, 'haproxy'])('with class %s every proxy that we know is told to ask', (className) => {
  const wiring = wired(ingress({ className }))
  expect(edited(wiring)).toMatchObject({
    [AUTH_URL]: expect.stringContaining('/app/monitoring/grafana?'),
    [MIDDLEWARES]: 'gatehouse-monitoringzsgrafana@kubernetescrd',
    [WIRED]: 'ingress-nginx,traefik',
  })
  expect(wiring.objects.map(({ kind }) => kind)).toEqual(['AccessApplication'])
})

test('an unknown controller is configured by hand, and the message says how', () => {
  expect(wired(ingress({ className: 'haproxy' })).findings.get('monitoring/grafana')?.[0]?.message).toBe(
    'the controller of class haproxy, haproxy.org/ingress-controller, is none that Gatehouse configures. By hand: let it ask http://gatehouse-check.gatehouse.svc.cluster.local:8181/<dialect>/app/monitoring/grafana before each request, and route /.gatehouse/ of grafana.example.com to the Service gatehouse/gatehouse-portal, port 8080, unchecked; until then nobody asks Gatehouse and the app is open. docs/guides/other-controllers.md tells how',
  )
})

test('an application that was made for an Ingress stays its own when somebody takes the label off', () => {
  const ownerReferences = [{ ...OWNER, uid: 'uid-monitoring-grafana' }]
  const wiring = wired(ingress({}), { applications: [application('grafana', { metadata: { ownerReferences } })] })
  expect(objectOf(wiring, 'AccessApplication')?.metadata.labels).toEqual(labels)
  expect(wiring.problems).toEqual([])
})

test.for([
  ['another namespace', 'monitoring', ['intruder: AuthHost']],
  ['the system namespace', 'gatehouse', []],
] as const)('an Ingress of %s with the auth host is reported where it does not belong', ([, namespace, problems]) => {
  const one = ingress({ name: 'intruder', namespace, annotations: {}, paths: ['auth.example.com/callback'] })
  expect(problemsOf(wired(one))).toEqual(problems)
})

test('an application of the author’s is wired and not touched', () => {
  const wiring = wired(ingress(by({ [APPLICATION]: 'dashboards' })), { applications: [covering] })
  expect(reasonsOf(wiring, 'monitoring/dashboards')).toEqual([])
  expect(wiring.objects.map(({ kind }) => kind)).toEqual(['Ingress'])
})

test('an Ingress may name the application of another one, before that is made', () => {
  const wiring = wired([ingress({ name: 'web' }), ingress(by({ [APPLICATION]: 'web' }))])
  expect(reasonsOf(wiring, 'monitoring/web')).toEqual([])
  expect(edited(wiring)?.[AUTH_URL]).toContain('/app/monitoring/web?')
})

test('an application that was made for an Ingress of the name is taken over', () => {
  const made = application('grafana', { metadata: { labels, ownerReferences: [OWNER] } })
  const wiring = wired(ingress(), { applications: [made] })
  expect(problemsOf(wiring)).toEqual([])
  expect(objectOf(wiring, 'AccessApplication')?.metadata.ownerReferences).toEqual([
    { ...OWNER, uid: 'uid-monitoring-grafana' },
  ])
})

test('the Ingress of Gatehouse itself is left alone', () => {
  const own = ingress({ name: 'gatehouse', namespace: 'gatehouse', paths: ['auth.example.com/'] })
  const wiring = wired(own)
  expect(wiring).toMatchObject({ objects: [], edits: [] })
  expect(problemsOf(wiring)).toEqual(['gatehouse: AuthHost'])
})

test('another namespace’s Ingress for the auth host is told to ask, which lets nobody in', () => {
  const wiring = wired(ingress({ paths: ['auth.example.com/'] }), { hosts: { 'monitoring/grafana': [] } })
  expect(edited(wiring)?.[AUTH_URL]).toContain('/app/monitoring/grafana?')
  expect(objectOf(wiring, 'Ingress')).toBeUndefined()
})

test('an app in the system namespace is protected like any other', () => {
  const wiring = wired(ingress({ namespace: 'gatehouse', className: 'traefik' }))
  expect(wiring.objects.map(({ kind, metadata }) => `${kind} ${metadata.namespace}/${metadata.name}`)).toEqual([
    'AccessApplication gatehouse/grafana',
    'Middleware gatehouse/gatehousezsgrafana',
    'Ingress gatehouse/portal-traefik-grafanazdexamplezdcom',
  ])
  expect(reasonsOf(wiring, 'gatehouse/grafana')).toEqual([])
})

test('a misspelt annotation shuts the app, since it was meant to be protected', () => {
  const wiring = wired(ingress(by({ 'access.gatehouse.dev/policy': 'engineers' })))
  expect(problemsOf(wiring)).toEqual(['grafana: AnnotationInvalid'])
  expect(edited(wiring)?.[AUTH_URL]).toContain('/app/monitoring/grafana?')
  expect(objectOf(wiring, 'AccessApplication')?.spec).toMatchObject({ policies: [] })
})

test('an annotation that does nothing by itself is reported, and what was written is taken back', () => {
  const wiring = wired(ingress(by({ 'access.gatehouse.dev/session-duration': '8h' })))
  expect(problemsOf(wiring)).toEqual(['grafana: AnnotationInvalid'])
  expect(wiring).toMatchObject({ objects: [], edits: [] })
})

test('the window before the first edit is named where no admission policy covers the class', () => {
  const note = (names: string[]) =>
    wired(ingress({ className: 'traefik' }), { settings: { admissionPolicies: new Set(names) } }).notes.get(
      'monitoring/grafana',
    )
  expect(note([])).toContain('No admission policy covers the class traefik')
  expect(note(['traefik'])).toBeUndefined()
})

test('one Ingress that is wrong in every way hinders no other', () => {
  const wrong = ingress({
    name: 'wrong',
    annotations: { [POLICIES]: '' },
    className: undefined,
    paths: [{}],
    spec: { rules: 7 },
  })
  const wiring = wired([wrong, ingress()])
  expect(reasonsOf(wiring)).toEqual([])
  expect(problemsOf(wiring).every((problem) => problem.startsWith('wrong: '))).toBe(true)
  expect(editOf(wiring, 'wrong')).toBeDefined()
})

test('writing what was written changes nothing', () => {
  for (const className of ['nginx', 'traefik', undefined]) {
    const first = edited(wired(ingress({ className }))) ?? {}
    const second = wired(ingress({ className, annotations: first }))
    expect(edited(second)).toEqual(first)
    expect(editOf(second)?.remove).toEqual([])
  }
})

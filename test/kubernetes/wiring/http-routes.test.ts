import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type KubeObject, keyOf } from '../../../src/kubernetes/kube-object.ts'
import { wireHttpRoutes } from '../../../src/kubernetes/wiring/http-routes.ts'
import type { ClusterView, Wiring } from '../../../src/kubernetes/wiring/wiring.ts'
import { accessApplication } from '../../../src/resources/v1alpha1/access-application.ts'
import { APPLICATION, application, ingress, POLICIES, settings } from './ingress-world.ts'

const TRAEFIK = 'traefik.io/gateway-controller'
const OWNER = { 'access.gatehouse.dev/owner': 'controller' }
const KEY = 'monitoring/grafana'

describe('an annotated HTTPRoute', () => {
  test('makes and owns an application of its hosts and paths', () => {
    const annotations = {
      [POLICIES]: 'engineers, gatehouse/staff',
      'access.gatehouse.dev/session-duration': '8h',
      'access.gatehouse.dev/identity-providers': 'corp',
    }
    const rules = [matching({ type: 'PathPrefix', value: '/a' }), matching({ type: 'Exact', value: '/b' })]
    const made = only(
      wire({ httpRoutes: [route({ annotations, hostnames: ['a.example.com', 'b.example.com'], rules })] }),
    )
    expect(made).toEqual({
      apiVersion: 'access.gatehouse.dev/v1alpha1',
      kind: 'AccessApplication',
      metadata: {
        name: 'grafana',
        namespace: 'monitoring',
        labels: OWNER,
        ownerReferences: [
          {
            apiVersion: 'gateway.networking.k8s.io/v1',
            kind: 'HTTPRoute',
            name: 'grafana',
            uid: 'uid-monitoring-grafana',
            controller: true,
          },
        ],
      },
      spec: {
        destinations: [
          { host: 'a.example.com', path: '/a' },
          { host: 'a.example.com', path: '/b' },
          { host: 'b.example.com', path: '/a' },
          { host: 'b.example.com', path: '/b' },
        ],
        policies: [{ name: 'engineers' }, { name: 'staff', namespace: 'gatehouse' }],
        identityProviders: ['corp'],
        session: { duration: '8h' },
      },
    })
    expect(accessApplication.safeParse(made).error).toBeUndefined()
  })

  test.each<[string, unknown[] | undefined, string[]]>([
    ['without rules', undefined, ['/']],
    ['with a rule without matches', [{ backendRefs: [] }], ['/']],
    ['with a match without a path', [matching(undefined)], ['/']],
    ['with matches of headers, a method and a query', [{ matches: [narrow('/a')] }], ['/a']],
    ['with a match of a header alone', [{ matches: [{ headers: [{ name: 'x', value: 'y' }] }] }], ['/']],
    ['with a prefix that ends in a slash', [matching({ type: 'PathPrefix', value: '/a/' })], ['/a']],
    ['with a prefix whose type is left out', [matching({ value: '/a' })], ['/a']],
    ['with a regular expression', [matching({ type: 'RegularExpression', value: '^/api/v[0-9]+/users' })], ['/api']],
    ['with a regular expression that begins nowhere', [matching({ type: 'RegularExpression', value: '.*' })], ['/']],
    ['with a type of match that we do not know', [matching({ type: 'Glob', value: '/a/*' })], ['/']],
    [
      'with paths below one another',
      [matching({ type: 'Exact', value: '/a/b' }), matching({ type: 'PathPrefix', value: '/A' })],
      ['/A'],
    ],
  ])('%s protects what it matches', (_, rules, paths) => {
    expect(destinationsOf(wire({ httpRoutes: [route({ rules })] }))).toEqual(
      paths.map((path) => ({ host: 'grafana.example.com', path })),
    )
  })

  test('writes into no object that is not ours', () => {
    expect(wire({ httpRoutes: [served(TRAEFIK)] }).edits).toEqual([])
  })

  test('without hosts is refused', () => {
    for (const hostnames of [undefined, [], null, 'a.example.com']) {
      const { objects, findings } = wire({ httpRoutes: [route({ hostnames })] })
      expect(objects).toEqual([])
      expect(reasons(findings)).toEqual(['HostMissing'])
    }
  })

  test('with a wildcard protects one label and says so', () => {
    const wiring = wire({ httpRoutes: [route({ hostnames: ['*.example.com'] })] })
    expect(destinationsOf(wiring)).toEqual([{ host: '*.example.com', path: '/' }])
    expect(wiring.notes.get(KEY)).toContain('one label')
  })

  test('with more hosts and paths than an application can have lets nobody in', () => {
    const rules = Array.from({ length: 65 }, (_, index) => matching({ type: 'Exact', value: `/p${index}` }))
    const wiring = wire({ httpRoutes: [route({ rules })] })
    expect(only(wiring)).toMatchObject({ spec: { policies: [] } })
    expect(destinationsOf(wiring)).toHaveLength(64)
    expect(reasons(wiring.findings)).toEqual(['TooManyDestinations'])
  })

  test('with a wrong annotation lets nobody in and says why', () => {
    const wiring = wire({ httpRoutes: [route({ annotations: { [POLICIES]: 'a b' } })] })
    expect(only(wiring)).toMatchObject({ spec: { policies: [] } })
    expect(reasons(wiring.findings)).toEqual(['AnnotationInvalid'])
    expect(wiring.problems.map(({ reason, target }) => [reason, target.metadata.name])).toEqual([
      ['AnnotationInvalid', 'grafana'],
    ])
  })

  test('uses an application that its author keeps', () => {
    const annotations = { [APPLICATION]: 'metrics' }
    const named = application('metrics', { spec: { destinations: [{ host: 'grafana.example.com' }] } })
    const wiring = wire({ httpRoutes: [served(TRAEFIK, { annotations })], applications: [named] })
    expect(kinds(wiring)).toEqual(['HTTPRoute', 'Middleware'])
    expect(reasons(wiring.findings, 'monitoring/metrics')).toEqual(['FilterMissing'])
    const missing = wire({ httpRoutes: [served(TRAEFIK, { annotations })] })
    expect(reasons(missing.findings, 'monitoring/metrics')).toEqual(['ApplicationNotFound', 'FilterMissing'])
    const other = application('metrics', { spec: { destinations: [{ host: 'other.example.com' }] } })
    const uncovered = wire({ httpRoutes: [served(TRAEFIK, { annotations })], applications: [other] })
    expect(reasons(uncovered.findings, 'monitoring/metrics')).toEqual(['HostNotCovered', 'FilterMissing'])
  })

  test('leaves an application alone that was not made for it', () => {
    const { objects, problems } = wire({ httpRoutes: [route()], applications: [application('grafana')] })
    expect(objects.filter(({ kind }) => kind === 'AccessApplication')).toEqual([])
    expect(problems.map(({ reason }) => reason)).toEqual(['ApplicationNotOwned'])
  })

  test('gives way to an Ingress of the same name that asks for an application too, unless it has it', () => {
    const both = { httpRoutes: [route()], ingresses: [ingress()] }
    expect(wire(both).problems.map(({ reason }) => reason)).toEqual(['ApplicationNotOwned'])
    const made = only(wire({ httpRoutes: [route()] }))
    expect(wire({ ...both, applications: [made] }).problems).toEqual([])
    const bare = ingress({ annotations: { [APPLICATION]: 'grafana' } })
    expect(wire({ httpRoutes: [route()], ingresses: [bare] }).problems).toEqual([])
  })

  test('is forgotten with its annotation, and so is everything that was made for it', () => {
    expect(wire({ httpRoutes: [served(TRAEFIK, { annotations: {} })] })).toEqual({
      objects: [],
      edits: [],
      findings: new Map(),
      notes: new Map(),
      problems: [],
    })
    const metadata = { deletionTimestamp: '2026-01-01T00:00:00Z' }
    expect(wire({ httpRoutes: [served(TRAEFIK, { metadata })] }).objects).toEqual([])
  })

  test('is told of an annotation that protects nothing by itself', () => {
    const annotations = { 'access.gatehouse.dev/session-duration': '8h' }
    const { problems } = wire({ httpRoutes: [route({ annotations })] })
    expect(problems.map(({ reason }) => reason)).toEqual(['AnnotationInvalid'])
  })

  test('of Gatehouse itself is not protected', () => {
    const portal = route({ name: 'portal', namespace: 'gatehouse', hostnames: ['auth.example.com'] })
    const { objects, problems } = wire({ httpRoutes: [portal] })
    expect(objects).toEqual([])
    expect(problems.map(({ reason }) => reason)).toEqual(['AuthHost'])
  })
})

describe('the route to the portal', () => {
  test('leads /.gatehouse of the host to the portal, by the same parents', () => {
    const parentRefs = [
      { name: 'web', sectionName: 'https' },
      { group: 'gateway.networking.k8s.io', kind: 'Gateway', namespace: 'infra', name: 'outer', port: 443 },
    ]
    const [portal] = portalsOf(wire({ httpRoutes: [route({ parentRefs })] }))
    expect(portal).toEqual({
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'HTTPRoute',
      metadata: {
        name: expect.stringMatching(/^portal-grafana\.example\.com-[0-9a-f]{16}$/),
        namespace: 'gatehouse',
        labels: OWNER,
      },
      spec: {
        parentRefs: [
          { group: 'gateway.networking.k8s.io', kind: 'Gateway', namespace: 'infra', name: 'outer', port: 443 },
          {
            group: 'gateway.networking.k8s.io',
            kind: 'Gateway',
            namespace: 'monitoring',
            name: 'web',
            sectionName: 'https',
          },
        ],
        hostnames: ['grafana.example.com'],
        rules: [
          {
            matches: [{ path: { type: 'PathPrefix', value: '/.gatehouse' } }],
            backendRefs: [{ group: '', kind: 'Service', name: 'gatehouse-portal', port: 8080, weight: 1 }],
          },
        ],
      },
    })
  })

  test('is one for each host and set of parents', () => {
    const parentRefs = [{ name: 'a' }, { name: 'b' }]
    const httpRoutes = [
      route({ name: 'one', parentRefs, hostnames: ['a.example.com', 'b.example.com'] }),
      route({
        name: 'two',
        parentRefs: [...parentRefs].reverse(),
        hostnames: ['a.example.com'],
        rules: [matching({ value: '/x' })],
      }),
      route({
        name: 'three',
        parentRefs: [{ name: 'a' }],
        hostnames: ['a.example.com'],
        rules: [matching({ value: '/y' })],
      }),
    ]
    const portals = portalsOf(wire({ httpRoutes }))
    expect(portals.map(hostOf).sort()).toEqual(['a.example.com', 'a.example.com', 'b.example.com'])
    expect(new Set(portals.map(({ metadata }) => metadata.name)).size).toBe(3)
  })

  test('is there for hosts alone that the application’s namespace has', () => {
    const httpRoutes = [route({ hostnames: ['a.example.com', 'b.example.com', 'c.example.org'] })]
    const portals = portalsOf(wire({ httpRoutes, hostsOf: () => ['b.example.com', '*.example.org'] }))
    expect(portals.map(hostOf)).toEqual(['b.example.com', 'c.example.org'])
  })

  test('is not there for a mesh', () => {
    expect(
      portalsOf(wire({ httpRoutes: [route({ parentRefs: [{ group: '', kind: 'Service', name: 'x' }] })] })),
    ).toEqual([])
  })

  test('that a Gateway does not admit is a finding that says what to allow', () => {
    const wiring = withPortalStatus([condition('Accepted', 'False', 'NotAllowedByListeners')])
    expect(reasons(wiring.findings)).toEqual(['RouteNotAccepted'])
    expect(messages(wiring.findings)[0]).toMatch(
      /Gateway monitoring\/web does not serve HTTPRoute gatehouse\/portal-grafana.*allowedRoutes\.namespaces of its listeners has to admit the namespace gatehouse too/,
    )
  })

  test.each<[string, object[], string[]]>([
    ['that is accepted', [condition('Accepted', 'True'), condition('ResolvedRefs', 'True')], []],
    [
      'whose Service is missing',
      [condition('Accepted', 'True'), condition('ResolvedRefs', 'False', 'BackendNotFound')],
      ['RouteNotAccepted'],
    ],
    [
      'that no listener serves at all',
      [condition('Accepted', 'False', 'NoMatchingListenerHostname')],
      ['RouteNotAccepted'],
    ],
    ['of which nothing is said', [], []],
    ['of which what is said is old', [condition('Accepted', 'False', 'NotAllowedByListeners', 1)], []],
  ])('%s is reported only if something is wrong', (_, conditions, expected) => {
    expect(reasons(withPortalStatus(conditions).findings)).toEqual(expected)
  })

  test('that one parent takes is not missed by listeners of other hosts', () => {
    const parentRefs = [{ name: 'web' }, { name: 'other' }]
    const statuses = [
      { parentRef: { namespace: 'monitoring', name: 'web' }, conditions: [condition('Accepted', 'True')] },
      {
        parentRef: { namespace: 'monitoring', name: 'other' },
        conditions: [condition('Accepted', 'False', 'NoMatchingListenerHostname')],
      },
    ]
    expect(reasons(withPortal([route({ parentRefs })], statuses).findings)).toEqual([])
  })

  test('that no Gateway has looked at yet is noted', () => {
    expect(wire({ httpRoutes: [route()] }).notes.get(KEY)).toContain('No Gateway has taken HTTPRoute gatehouse/portal-')
    expect(withPortalStatus([condition('Accepted', 'True')]).notes.get(KEY)).not.toContain('gatehouse/portal-')
  })

  test('that a regular expression may come before is noted', () => {
    const rules = [matching({ type: 'RegularExpression', value: '/[^a].*' })]
    expect(wire({ httpRoutes: [route({ rules })] }).notes.get(KEY)).toContain('/.gatehouse/login')
    const harmless = [matching({ type: 'RegularExpression', value: '/api/[0-9]+' })]
    expect(wire({ httpRoutes: [route({ rules: harmless })] }).notes.get(KEY)).not.toContain('/.gatehouse/login')
  })
})

describe('an HTTPRoute that Traefik serves', () => {
  test('gets a Middleware beside it, and is told the lines that name it', () => {
    const { objects, findings, problems } = wire({ httpRoutes: [served(TRAEFIK, { rules: [{}, {}] })] })
    expect(objects.find(({ kind }) => kind === 'Middleware')).toMatchObject({
      apiVersion: 'traefik.io/v1alpha1',
      metadata: {
        name: 'gatehouse-grafana',
        namespace: 'monitoring',
        labels: OWNER,
        ownerReferences: [{ kind: 'HTTPRoute', name: 'grafana', uid: 'uid-monitoring-grafana' }],
      },
      spec: {
        forwardAuth: { address: `${settings.checkUrl}/forward/app/monitoring/grafana`, trustForwardHeader: false },
      },
    })
    expect(reasons(findings)).toEqual(['FilterMissing'])
    expect(problems.map(({ reason }) => reason)).toEqual(['FilterMissing'])
    expect(messages(findings)[0]).toContain(
      [
        'of spec.rules[0], spec.rules[1] begin with',
        'filters:',
        '  - type: ExtensionRef',
        '    extensionRef:',
        '      group: traefik.io',
        '      kind: Middleware',
        '      name: gatehouse-grafana',
      ].join('\n'),
    )
  })

  test.each<[string, unknown[], string | undefined]>([
    ['first in every rule', [{ filters: [filter()] }, { filters: [filter(), rewrite] }], undefined],
    ['not in every rule', [{ filters: [filter()] }, {}], 'of spec.rules[1] begin'],
    ['not first', [{ filters: [rewrite, filter()] }], 'of spec.rules[0] begin'],
    ['with another name', [{ filters: [filter('other')] }], 'of spec.rules[0] begin'],
    ['of another kind', [{ filters: [{ ...filter(), type: 'RequestMirror' }] }], 'of spec.rules[0] begin'],
  ])('is protected with the filter %s', (_, rules, missing) => {
    const { findings } = wire({ httpRoutes: [served(TRAEFIK, { rules })] })
    expect(messages(findings)).toEqual(missing === undefined ? [] : [expect.stringContaining(missing)])
  })

  test('has one Middleware with others of the same application, which goes when the last of them goes', () => {
    const annotations = { [APPLICATION]: 'metrics' }
    const httpRoutes = [served(TRAEFIK, { name: 'a', annotations }), served(TRAEFIK, { name: 'b', annotations })]
    const middlewares = wire({ httpRoutes }).objects.filter(({ kind }) => kind === 'Middleware')
    expect(middlewares.map(({ metadata }) => metadata.ownerReferences?.map(({ name }) => name))).toEqual([['a', 'b']])
  })

  test('has its Middleware as soon as a filter names it, and while what Traefik says is old', () => {
    const early = route({ rules: [{ filters: [filter()] }] })
    expect(kinds(wire({ httpRoutes: [early] }))).toContain('Middleware')
    const old = served(TRAEFIK, { metadata: { generation: 9 } })
    expect(kinds(wire({ httpRoutes: [old] }))).toContain('Middleware')
  })
})

describe('an HTTPRoute that another controller serves', () => {
  test('is told what to configure', () => {
    const { objects, findings } = wire({ httpRoutes: [served('gateway.envoyproxy.io/gatewayclass-controller')] })
    expect(reasons(findings)).toEqual(['ControllerUnknown'])
    expect(messages(findings)[0]).toContain(`${settings.checkUrl}/<dialect>/app/monitoring/grafana`)
    expect(messages(findings)[0]).toContain('docs/guides/other-controllers.md')
    expect(objects.map(({ kind }) => kind)).toEqual(['AccessApplication', 'HTTPRoute'])
  })

  test('is told once for each of them', () => {
    const status = { parents: [statusOf(TRAEFIK), statusOf('example.com/gateway')] }
    expect(reasons(wire({ httpRoutes: [route({ status })] }).findings)).toEqual(['ControllerUnknown', 'FilterMissing'])
  })

  test('is not told of a controller that says the parent is not its own', () => {
    const status = { parents: [statusOf(TRAEFIK, [condition('Accepted', 'False', 'NoMatchingParent')])] }
    const { findings, notes } = wire({ httpRoutes: [route({ status })] })
    expect(reasons(findings)).toEqual([])
    expect(notes.get(KEY)).toContain('No Gateway has taken HTTPRoute monitoring/grafana yet')
  })
})

describe('what is protected and published elsewhere', () => {
  test.each<[string, KubeObject, string[]]>([
    ['by an HTTPRoute of the namespace', route({ name: 'open', annotations: {} }), ['HTTPRoute open publishes']],
    [
      'by an HTTPRoute of another namespace, which stays unnamed',
      route({ name: 'open', namespace: 'other', annotations: {} }),
      ['an HTTPRoute of another namespace publishes'],
    ],
    ['on another host', route({ name: 'open', annotations: {}, hostnames: ['other.example.com'] }), []],
    [
      'with the filter put there by hand',
      route({ name: 'open', annotations: {}, rules: [{ filters: [filter()] }] }),
      [],
    ],
    [
      'by another namespace, whose filter nobody knows',
      route({ name: 'open', namespace: 'other', annotations: {}, rules: [{ filters: [filter()] }] }),
      ['an HTTPRoute of another namespace publishes'],
    ],
    [
      'by another namespace that is annotated and does not ask',
      route({ name: 'open', namespace: 'other' }),
      ['an HTTPRoute of another namespace publishes'],
    ],
    [
      'by another namespace, and is going away, which it may never do',
      route({
        name: 'open',
        namespace: 'other',
        annotations: {},
        metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' },
      }),
      ['an HTTPRoute of another namespace publishes'],
    ],
    [
      'for a wildcard, by Traefik, which goes by the path first',
      served(TRAEFIK, { name: 'open', annotations: {}, hostnames: ['*.example.com'] }),
      ['HTTPRoute open publishes'],
    ],
    [
      'for a wildcard, by a Gateway that prefers the exact host',
      served('example.com/gateway', { name: 'open', annotations: {}, hostnames: ['*.example.com'] }),
      [],
    ],
    [
      'by the route to the portal',
      { ...route({ name: 'portal', namespace: 'gatehouse' }), metadata: ours('portal') },
      [],
    ],
    ['by an Ingress', ingress({ name: 'open', annotations: {} }), ['Ingress open publishes']],
  ])('%s', (_, other, expected) => {
    const httpRoutes = [route(), ...(other.kind === 'HTTPRoute' ? [other] : [])]
    const ingresses = other.kind === 'Ingress' ? [other] : []
    const { findings } = wire({ httpRoutes, ingresses })
    const told = findings.get(KEY) ?? []
    expect(told.map(({ message }) => message)).toEqual(expected.map((text) => expect.stringContaining(text)))
    if (expected.length > 0) expect(told.map(({ reason }) => reason)).toEqual(['HostPublishedElsewhere'])
  })

  test('is told to an annotated Ingress as well', () => {
    const httpRoutes = [route({ name: 'open', annotations: {} })]
    expect(reasons(wire({ httpRoutes, ingresses: [ingress()] }).findings)).toEqual(['HostPublishedElsewhere'])
  })

  test('below a path alone where only that is protected', () => {
    const guarded = route({ rules: [matching({ value: '/admin' })] })
    const open = (path: string) => route({ name: 'open', annotations: {}, rules: [matching({ value: path })] })
    expect(reasons(wire({ httpRoutes: [guarded, open('/')] }).findings)).toEqual([])
    expect(reasons(wire({ httpRoutes: [guarded, open('/Admin/x')] }).findings)).toEqual(['HostPublishedElsewhere'])
  })
})

describe('whatever an HTTPRoute is', () => {
  const garbage = fc.jsonValue({ maxDepth: 4 })
  const text = fc.constantFrom('/', '/a', '/a/b', '/.gatehouse', '/x|y', '(', '', '/%2f', 'a')
  const match = fc.record(
    {
      path: fc.oneof(
        fc.record({ type: fc.constantFrom('Exact', 'PathPrefix', 'RegularExpression'), value: text }),
        garbage,
      ),
    },
    { requiredKeys: [] },
  )
  const spec = fc.record(
    {
      hostnames: fc.oneof(fc.array(fc.constantFrom('a.example.com', '*.example.com', 'A_', '*.com')), garbage),
      parentRefs: fc.oneof(
        fc.array(fc.constantFrom<unknown>({ name: 'a' }, { name: 'b', port: 1 }, { kind: 'X' })),
        garbage,
      ),
      rules: fc.oneof(fc.array(fc.oneof(fc.record({ matches: fc.array(match) }), garbage)), garbage),
    },
    { requiredKeys: [] },
  )
  const anyRoute = fc
    .tuple(fc.oneof(spec, garbage), fc.oneof(fc.constant({ parents: [statusOf(TRAEFIK)] }), garbage), garbage)
    .map(([routeSpec, status, annotation]) => ({
      ...route({ annotations: { [POLICIES]: typeof annotation === 'string' ? annotation : 'engineers' } }),
      spec: routeSpec,
      status,
    }))

  test('nothing throws, every object is ours and every application is valid', () => {
    fc.assert(
      fc.property(anyRoute, (one) => {
        const { objects, edits, findings } = wire({ httpRoutes: [one, route({ name: 'sound' })] })
        expect(edits).toEqual([])
        expect(objects.map(keyOf)).toContain('monitoring/sound')
        expect(findings.get('monitoring/sound')).not.toContainEqual(
          expect.objectContaining({ reason: 'AnnotationInvalid' }),
        )
        for (const object of objects) expect(object.metadata.labels).toMatchObject(OWNER)
        for (const object of objects.filter(({ kind }) => kind === 'AccessApplication')) {
          expect(accessApplication.safeParse(object).error).toBeUndefined()
        }
        if (!objects.some((object) => keyOf(object) === KEY)) expect(findings.get(KEY)).not.toEqual([])
      }),
      { numRuns: 500 },
    )
  })
})

interface RouteParts {
  readonly name?: string
  readonly namespace?: string
  readonly annotations?: Record<string, string>
  readonly hostnames?: unknown
  readonly parentRefs?: unknown[]
  readonly rules?: unknown[] | undefined
  readonly status?: object
  readonly metadata?: object
}

/** An HTTPRoute `monitoring/grafana` of the Gateway `web`, protected by `engineers`, unless it is told otherwise. */
function route(parts: RouteParts = {}): KubeObject {
  const { name = 'grafana', namespace = 'monitoring', annotations = { [POLICIES]: 'engineers' }, metadata } = parts
  const { parentRefs = [{ name: 'web' }], rules, status = {} } = parts
  const hostnames = 'hostnames' in parts ? parts.hostnames : ['grafana.example.com']
  return {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: { name, namespace, uid: `uid-${namespace}-${name}`, generation: 2, annotations, ...metadata },
    spec: { parentRefs, hostnames, ...(rules === undefined ? {} : { rules }) },
    status,
  }
}

function served(controllerName: string, parts: RouteParts = {}): KubeObject {
  return route({ ...parts, status: { parents: [statusOf(controllerName)] } })
}

function statusOf(controllerName: string, conditions: object[] = [condition('Accepted', 'True')]): object {
  return { parentRef: { name: 'web' }, controllerName, conditions }
}

function condition(type: string, status: string, reason: string = type, observedGeneration = 2): object {
  return { type, status, reason, message: '', observedGeneration }
}

function matching(path: unknown): object {
  return { matches: [{ path }] }
}

function narrow(value: string): object {
  const header = { name: 'x', value: 'y' }
  return { path: { type: 'PathPrefix', value }, method: 'GET', headers: [header], queryParams: [header] }
}

function filter(name = 'gatehouse-grafana'): object {
  return { type: 'ExtensionRef', extensionRef: { group: 'traefik.io', kind: 'Middleware', name } }
}

const rewrite = { type: 'URLRewrite', urlRewrite: { hostname: 'x' } }

function ours(name: string): KubeObject['metadata'] {
  return { name, namespace: 'gatehouse', labels: OWNER }
}

interface World {
  readonly httpRoutes?: readonly KubeObject[]
  readonly ingresses?: readonly KubeObject[]
  readonly applications?: readonly KubeObject[]
  readonly hostsOf?: ClusterView['hostsOf']
}

/** Unless it is told otherwise, every namespace has every host. */
function wire({ httpRoutes = [], ingresses = [], applications = [], hostsOf }: World): Wiring {
  const hosts = httpRoutes.flatMap(({ spec }) => (spec as { hostnames?: unknown } | null)?.hostnames ?? [])
  return wireHttpRoutes(
    {
      httpRoutes,
      ingresses,
      ingressClasses: [],
      applications: new Map(applications.map((one) => [keyOf(one), one])),
      hostsOf: hostsOf ?? (() => hosts.filter((host) => typeof host === 'string')),
    },
    settings,
  )
}

/** Wires twice: the second time, the route to the portal is there and has such conditions. */
function withPortalStatus(conditions: object[]): Wiring {
  const parentRef = { group: 'gateway.networking.k8s.io', kind: 'Gateway', namespace: 'monitoring', name: 'web' }
  return withPortal([route()], conditions.length === 0 ? [] : [{ parentRef, conditions }])
}

function withPortal(httpRoutes: KubeObject[], statuses: object[]): Wiring {
  const parents = statuses.map((status) => ({ controllerName: TRAEFIK, ...status }))
  const portals = portalsOf(wire({ httpRoutes })).map((portal) => ({
    ...portal,
    metadata: { ...portal.metadata, generation: 2 },
    status: { parents },
  }))
  return wire({ httpRoutes: [...httpRoutes, ...portals] })
}

function portalsOf({ objects }: Wiring): KubeObject[] {
  return objects.filter(({ kind }) => kind === 'HTTPRoute')
}

function hostOf(portal: KubeObject): unknown {
  return (portal.spec as { hostnames: string[] }).hostnames[0]
}

function only({ objects }: Wiring): KubeObject {
  const applications = objects.filter(({ kind }) => kind === 'AccessApplication')
  expect(applications).toHaveLength(1)
  return applications[0]!
}

function destinationsOf(wiring: Wiring): unknown {
  return (only(wiring).spec as { destinations: unknown }).destinations
}

function kinds({ objects }: Wiring): string[] {
  return objects.map(({ kind }) => kind).sort()
}

function reasons(findings: Wiring['findings'], key = KEY): string[] | undefined {
  return findings.get(key)?.map(({ reason }) => reason)
}

function messages(findings: Wiring['findings'], key = KEY): string[] {
  return (findings.get(key) ?? []).map(({ message }) => message)
}

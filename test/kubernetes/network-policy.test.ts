import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { lockdownBackends } from '../../src/kubernetes/backends.ts'
import type { KubeObject } from '../../src/kubernetes/kube-object.ts'
import type { IngressController } from '../../src/kubernetes/lockdown-peers.ts'
import { type LockdownView, lockdown } from '../../src/kubernetes/network-policy.ts'

const NGINX: IngressController = { className: 'nginx', namespace: 'ingress-nginx', podLabels: { app: 'nginx' } }
const NGINX_PEER = {
  namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'ingress-nginx' } },
  podSelector: { matchLabels: { app: 'nginx' } },
}

describe('a lockdown', () => {
  test('lets the ingress controller alone reach the ports that the Service targets', () => {
    const { policies, findings, kept } = lockdown(view({}))
    expect({ findings, kept }).toEqual({ findings: [], kept: [] })
    expect(policies).toEqual([
      {
        apiVersion: 'networking.k8s.io/v1',
        kind: 'NetworkPolicy',
        metadata: {
          name: 'gatehouse-grafana.grafana',
          namespace: 'monitoring',
          labels: { 'access.gatehouse.dev/owner': 'controller' },
          ownerReferences: [
            {
              apiVersion: 'access.gatehouse.dev/v1alpha1',
              kind: 'AccessApplication',
              name: 'grafana',
              uid: 'uid-grafana',
              controller: true,
            },
          ],
        },
        spec: {
          podSelector: { matchLabels: { app: 'grafana' } },
          policyTypes: ['Ingress'],
          ingress: [{ from: [NGINX_PEER], ports: [{ protocol: 'TCP', port: 3000 }] }],
        },
      },
    ])
  })

  test('is nothing where none is asked for', () => {
    for (const spec of [{}, { lockdown: null }, { lockdown: {} }, { lockdown: { networkPolicy: null } }, 'spec']) {
      const application = applicationWith(spec)
      expect(lockdown(view({ application }))).toEqual({ policies: [], kept: [], findings: [], note: undefined })
      expect(lockdownBackends(application, [ingress('grafana', 'grafana')], [])).toEqual([])
    }
  })

  test('says what it selects and what that cuts off', () => {
    const pods = Array.from({ length: 12 }, (_, index) => pod(`grafana-${index}`, { app: 'grafana' }))
    const { note } = lockdown(view({ pods: [...pods, pod('other', { app: 'other' })] }))
    expect(note).toContain('Service grafana (12 pods: grafana-0, grafana-1, grafana-10, grafana-11')
    expect(note).toContain('and 2 more)')
    expect(note).not.toContain('other,')
    expect(note).toContain('on TCP 3000, only pods with app=nginx of namespace ingress-nginx')
    expect(note).toContain('Prometheus')
  })

  test('makes one policy per Service, and none of the names meet', () => {
    const services = [service('a', { app: 'a' }), service('b', { app: 'b' })]
    const ingresses = [ingress('both', 'a', 'b')]
    expect(lockdown(view({ services, ingresses })).policies.map(({ metadata }) => metadata.name)).toEqual([
      'gatehouse-grafana.a',
      'gatehouse-grafana.b',
    ])
  })

  test('locks down what the author lists and names the backends that stay open', () => {
    const services = [service('a', { app: 'a' }), service('b', { app: 'b' })]
    const application = asking({ services: ['a'] })
    const { policies, note } = lockdown(view({ application, services, ingresses: [ingress('both', 'a', 'b')] }))
    expect(policies.map(({ metadata }) => metadata.name)).toEqual(['gatehouse-grafana.a'])
    expect(note).toContain('not locked down: b')
  })

  test('cuts a name that would be too long and keeps two such names apart', () => {
    const names = ['x', 'y'].map((end) => {
      const application = { ...asking({}), metadata: { ...asking({}).metadata, name: `${'a.'.repeat(125)}b${end}` } }
      return lockdown(view({ application })).policies[0]?.metadata.name ?? ''
    })
    expect(new Set(names).size).toBe(2)
    for (const name of names)
      expect(name).toMatch(/^(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/)
  })
})

describe('the ports of a lockdown', () => {
  test.each([
    ['the port itself where no target is named', [{ port: 80 }], [{ protocol: 'TCP', port: 80 }]],
    ['a number', [{ port: 80, targetPort: 8080, protocol: 'TCP' }], [{ protocol: 'TCP', port: 8080 }]],
    ['a name, as a name', [{ port: 80, targetPort: 'http' }], [{ protocol: 'TCP', port: 'http' }]],
    ['UDP for HTTP/3', [{ port: 443, protocol: 'UDP' }], [{ protocol: 'UDP', port: 443 }]],
    [
      'each once',
      [
        { port: 80, targetPort: 8080 },
        { port: 81, targetPort: 8080 },
      ],
      [{ protocol: 'TCP', port: 8080 }],
    ],
    ['no SCTP', [{ port: 80 }, { port: 132, protocol: 'SCTP' }], [{ protocol: 'TCP', port: 80 }]],
  ])('are %s', (_, ports, expected) => {
    const services = [service('grafana', { app: 'grafana' }, { ports })]
    expect(lockdown(view({ services })).policies.map(portsOf)).toEqual([expected])
  })
})

describe('a lockdown that would cut off the application or protect nothing is reported and not written', () => {
  test.each<[string, Partial<Parts>, string]>([
    ['no Ingress publishes it', { ingresses: [] }, 'no Ingress or HTTPRoute publishes the application'],
    ['the Service is missing', { services: [] }, 'Service grafana does not exist'],
    ['the Service has no selector', { services: [service('grafana', undefined)] }, 'has no selector'],
    ['the selector is empty', { services: [service('grafana', {})] }, 'has no selector'],
    [
      'the Service is an ExternalName',
      { services: [service('grafana', { app: 'grafana' }, { type: 'ExternalName' })] },
      'ExternalName',
    ],
    ['there is no port', { services: [service('grafana', { app: 'grafana' }, { ports: [] })] }, 'no TCP or UDP port'],
    ['the controller is not declared', { ingressControllers: [] }, 'declares no ingress controller nginx'],
    [
      'one of two controllers is not declared',
      { ingresses: [ingress('a', 'grafana'), withClass(ingress('b', 'grafana'), 'traefik')] },
      'declares no ingress controller traefik',
    ],
    [
      'the controller is declared without a place',
      { ingressControllers: [{ className: 'nginx', podLabels: { app: 'nginx' } }] },
      'without its namespace or cidrs',
    ],
    [
      'the controller is on the host network',
      { ingressControllers: [{ ...NGINX, hostNetwork: true }] },
      'a NetworkPolicy cannot select pods of the host network; name their CIDRs',
    ],
    [
      'a range of the controller cannot be read',
      { ingressControllers: [{ ...NGINX, hostNetwork: true, cidrs: ['10.0.0.0/24', '10.0.0.300/24'] }] },
      '10.0.0.300/24 is no address range',
    ],
    ['the Ingress has no class', { ingresses: [withClass(ingress('a', 'grafana'), undefined)] }, 'nobody knows which'],
    [
      'no Gateway has taken the HTTPRoute',
      { ingresses: [], httpRoutes: [route('a', undefined, 'grafana')] },
      'nobody knows which ingress controller serves HTTPRoute monitoring/a',
    ],
    [
      'nobody at all is to be let in',
      { application: asking({ services: ['grafana'] }), ingresses: [] },
      'list in spec.lockdown.networkPolicy.from',
    ],
    [
      'its selector takes the pods of another application',
      {
        services: [service('grafana', { app: 'grafana' }), service('wiki', { part: 'wiki' })],
        pods: [pod('w', { app: 'grafana', part: 'wiki' })],
        othersServices: { wiki: 'wiki' },
      },
      'takes pods of Service wiki of application wiki too',
    ],
    [
      'its selector is wider than that of another application without pods',
      {
        services: [service('grafana', { app: 'grafana' }), service('wiki', { app: 'grafana', part: 'wiki' })],
        othersServices: { wiki: 'wiki' },
      },
      'takes pods of Service wiki',
    ],
  ])('when %s', (_, parts, message) => {
    const { policies, findings, note } = lockdown(view(parts))
    expect(policies).toEqual([])
    expect(note).toBeUndefined()
    expect(findings.map(({ reason }) => reason)).toEqual(['LockdownIncomplete'])
    expect(findings[0]?.message).toContain(message)
  })

  test('and the policy that was written while all was known stays', () => {
    expect(lockdown(view({ services: [] })).kept).toEqual(['gatehouse-grafana.grafana'])
    expect(lockdown(view({ ingressControllers: [] })).kept).toEqual(['gatehouse-grafana.grafana'])
  })
})

describe('a lockdown goes on in spite of', () => {
  test('a backend that is no Service of the namespace, and says so', () => {
    const foreign = { group: '', kind: 'Service', name: 'x', namespace: 'elsewhere', port: 80 }
    const strange = { group: 'example.com', kind: 'Bucket', name: 'b' }
    const httpRoutes = [route('r', 'nginx', 'grafana', foreign, strange)]
    const { policies, findings } = lockdown(view({ ingresses: [], httpRoutes }))
    expect(policies).toHaveLength(1)
    expect(findings.map(({ message }) => message)).toEqual([
      'Service x of namespace elsewhere, a backend of HTTPRoute monitoring/r is not locked down',
      'a backend of HTTPRoute monitoring/r that is no Service is not locked down',
    ])
  })

  test('pods on the host network, which it cannot protect, and says so', () => {
    const pods = [{ ...pod('p', { app: 'grafana' }), spec: { hostNetwork: true } }]
    const { policies, findings } = lockdown(view({ pods }))
    expect(policies).toHaveLength(1)
    expect(findings[0]?.message).toContain('where no NetworkPolicy applies')
  })

  test('a Service that another application uses too, and the note says so', () => {
    const { policies, findings, note } = lockdown(view({ othersServices: { grafana: 'admin' } }))
    expect(policies).toHaveLength(1)
    expect(findings).toEqual([])
    expect(note).toContain('application admin uses the Service too')
  })

  test('another application whose Service the author has listed as well', () => {
    const services = [service('grafana', { app: 'grafana' }), service('wiki', { app: 'grafana' })]
    const application = asking({ services: ['grafana', 'wiki'] })
    const { policies, findings } = lockdown(view({ application, services, othersServices: { wiki: 'wiki' } }))
    expect(policies).toHaveLength(2)
    expect(findings).toEqual([])
  })
})

describe('whoever is let in', () => {
  test.each<[string, IngressController, unknown[]]>([
    ['the pods of a namespace', { className: 'nginx', namespace: 'n' }, [{ namespaceSelector: named('n') }]],
    ['CIDRs', { className: 'nginx', cidrs: ['10.1.2.3/8'] }, [{ ipBlock: { cidr: '10.0.0.0/8' } }]],
    [
      'CIDRs alone on the host network',
      { className: 'nginx', namespace: 'n', hostNetwork: true, cidrs: ['fd00::/8'] },
      [{ ipBlock: { cidr: 'fd00::/8' } }],
    ],
    ['pods and CIDRs', { ...NGINX, cidrs: ['192.0.2.0/24'] }, [NGINX_PEER, { ipBlock: { cidr: '192.0.2.0/24' } }]],
  ])('is the controller by %s', (_, controller, peers) => {
    expect(lockdown(view({ ingressControllers: [controller] })).policies.map(peersOf)).toEqual([peers])
  })

  test.each<[string, unknown, unknown[]]>([
    ['pods of the namespace', { podLabels: { app: 'prometheus' } }, [{ podSelector: labels({ app: 'prometheus' }) }]],
    ['namespaces', { namespaceLabels: { team: 'a' } }, [{ namespaceSelector: labels({ team: 'a' }) }]],
    [
      'pods of namespaces',
      { namespaceLabels: { team: 'a' }, podLabels: { app: 'b' } },
      [{ namespaceSelector: labels({ team: 'a' }), podSelector: labels({ app: 'b' }) }],
    ],
    ['addresses', { cidr: '198.51.100.7/32' }, [{ ipBlock: { cidr: '198.51.100.7/32' } }]],
  ])('is whom the author lists: %s', (_, entry, peers) => {
    const { policies, findings } = lockdown(view({ application: asking({ from: [entry] }) }))
    expect(policies.map(peersOf)).toEqual([[NGINX_PEER, ...peers]])
    expect(findings).toEqual([])
  })

  test.each([
    ['nothing', {}],
    ['every namespace', { namespaceLabels: {} }],
    ['every pod', { podLabels: {} }],
    ['addresses and pods at once', { cidr: '10.0.0.0/8', podLabels: {} }],
    ['no range', { cidr: '10.0.0.1' }],
    ['octal addresses', { cidr: '010.0.0.0/8' }],
    ['too many bits', { cidr: '10.0.0.0/33' }],
    ['IPv4 inside IPv6', { cidr: '::ffff:10.0.0.0/104' }],
    ['a label that is none', { podLabels: { app: 'a b' } }],
    ['a number', { podLabels: { app: 1 } }],
    ['no object', 'everybody'],
  ])('is nobody for an entry that says %s', (_, entry) => {
    const { policies, findings } = lockdown(view({ application: asking({ from: [entry] }) }))
    expect(policies.map(peersOf)).toEqual([[NGINX_PEER]])
    expect(findings.map(({ message }) => message)).toEqual(['spec.lockdown.networkPolicy.from[0] says nothing usable'])
  })

  test('is the controller of the default class where an Ingress names none', () => {
    const annotations = { 'ingressclass.kubernetes.io/is-default-class': 'true' }
    const ingressClasses = [object('IngressClass', 'nginx', {}, { annotations })]
    const ingresses = [withClass(ingress('a', 'grafana'), undefined)]
    expect(lockdown(view({ ingresses, ingressClasses })).policies.map(peersOf)).toEqual([[NGINX_PEER]])
  })

  test('are the controllers of both where a Service is published twice', () => {
    const ingresses = [ingress('a', 'grafana')]
    const httpRoutes = [route('b', 'traefik.io/gateway-controller', 'grafana')]
    const ingressControllers = [NGINX, { className: 'traefik.io/gateway-controller', namespace: 'traefik' }]
    expect(lockdown(view({ ingresses, httpRoutes, ingressControllers })).policies.map(peersOf)).toEqual([
      [NGINX_PEER, { namespaceSelector: named('traefik') }],
    ])
  })

  test('is whom the author lists alone where no Ingress is known', () => {
    const application = asking({ services: ['grafana'], from: [{ podLabels: { app: 'proxy' } }] })
    expect(lockdown(view({ application, ingresses: [] })).policies.map(peersOf)).toEqual([
      [{ podSelector: labels({ app: 'proxy' }) }],
    ])
  })
})

describe('lockdownBackends', () => {
  test('names every Service that Ingresses and HTTPRoutes send to, once and in order', () => {
    const withDefault = object('Ingress', 'd', { defaultBackend: { service: { name: 'z', port: { number: 80 } } } })
    expect(lockdownBackends(asking({}), [ingress('a', 'b', 'a'), withDefault], [route('r', 'x', 'c', 'a')])).toEqual([
      'a',
      'b',
      'c',
      'z',
    ])
  })
})

describe('whatever is in the cluster', () => {
  test('a lockdown never throws, never selects every pod, and lets in nobody but controllers and whom the author lists', () => {
    fc.assert(
      fc.property(partsArbitrary, (parts) => {
        const { policies, kept, findings } = lockdown(view(parts))
        const allowed = allowedPeers(parts.application)
        for (const policy of policies) {
          expect(Object.keys(specOf(policy).podSelector.matchLabels)).not.toEqual([])
          expect(portsOf(policy)).not.toEqual([])
          expect(peersOf(policy)).not.toEqual([])
          for (const peer of peersOf(policy)) expect(allowed).toContainEqual(peer)
          expect(kept).not.toContain(policy.metadata.name)
        }
        const asked = (parts.application.spec as { lockdown: { networkPolicy: unknown } }).lockdown.networkPolicy
        if (asked !== null && policies.length === 0) expect(findings).not.toEqual([])
      }),
      { numRuns: 500 },
    )
  })
})

interface Parts {
  readonly application: KubeObject
  readonly ingresses: readonly KubeObject[]
  readonly httpRoutes: readonly KubeObject[]
  readonly ingressClasses: readonly KubeObject[]
  readonly services: readonly KubeObject[]
  readonly pods: readonly KubeObject[]
  readonly othersServices: Readonly<Record<string, string>>
  readonly ingressControllers: readonly IngressController[]
}

function view(parts: Partial<Parts>): LockdownView {
  const services = parts.services ?? [service('grafana', { app: 'grafana' })]
  return {
    application: parts.application ?? asking({}),
    ingresses: parts.ingresses ?? [ingress('grafana', 'grafana')],
    httpRoutes: parts.httpRoutes ?? [],
    ingressClasses: parts.ingressClasses ?? [],
    services: new Map(services.map((one) => [one.metadata.name, one])),
    pods: parts.pods ?? [],
    othersServices: new Map(Object.entries(parts.othersServices ?? {})),
    ingressControllers: parts.ingressControllers ?? [NGINX],
  }
}

function object(kind: string, name: string, spec: unknown, metadata: object = {}): KubeObject {
  return { apiVersion: 'v1', kind, metadata: { name, namespace: 'monitoring', ...metadata }, spec }
}

function asking(networkPolicy: unknown): KubeObject {
  return applicationWith({ lockdown: { networkPolicy } })
}

function applicationWith(spec: unknown): KubeObject {
  const application = object('AccessApplication', 'grafana', spec, { uid: 'uid-grafana' })
  return { ...application, apiVersion: 'access.gatehouse.dev/v1alpha1' }
}

function ingress(name: string, ...backends: string[]): KubeObject {
  const paths = backends.map((backend) => ({
    path: '/',
    backend: { service: { name: backend, port: { number: 80 } } },
  }))
  return object('Ingress', name, { ingressClassName: 'nginx', rules: [{ host: 'a.example.com', http: { paths } }] })
}

function withClass(source: KubeObject, ingressClassName: string | undefined): KubeObject {
  return { ...source, spec: { ...(source.spec as object), ingressClassName } }
}

function route(name: string, controllerName: string | undefined, ...backends: (string | object)[]): KubeObject {
  const backendRefs = backends.map((backend) => (typeof backend === 'string' ? { name: backend, port: 80 } : backend))
  const status = controllerName === undefined ? {} : { parents: [{ parentRef: { name: 'gw' }, controllerName }] }
  return { ...object('HTTPRoute', name, { rules: [{ backendRefs }] }), status }
}

function service(name: string, selector: unknown, more: object = {}): KubeObject {
  return object('Service', name, { selector, ports: [{ port: 80, targetPort: 3000, protocol: 'TCP' }], ...more })
}

function pod(name: string, podLabels: Record<string, string>): KubeObject {
  return object('Pod', name, {}, { labels: podLabels })
}

function labels(matchLabels: Record<string, string>) {
  return { matchLabels }
}

function named(namespace: string) {
  return labels({ 'kubernetes.io/metadata.name': namespace })
}

interface PolicySpec {
  readonly podSelector: { readonly matchLabels: Readonly<Record<string, string>> }
  readonly ingress: readonly [{ readonly from: readonly unknown[]; readonly ports: readonly unknown[] }]
}

function specOf(policy: KubeObject): PolicySpec {
  return policy.spec as PolicySpec
}

function peersOf(policy: KubeObject): readonly unknown[] {
  return specOf(policy).ingress[0].from
}

function portsOf(policy: KubeObject): readonly unknown[] {
  return specOf(policy).ingress[0].ports
}

/** Everybody that the generated configuration declares, and everybody that the generated author lists. */
const DECLARED: readonly unknown[] = [
  NGINX_PEER,
  { ipBlock: { cidr: '10.0.0.0/8' } },
  { namespaceSelector: named('t') },
]
const LISTED: readonly (readonly [entry: unknown, peer: unknown])[] = [
  [{ podLabels: { app: 'a' } }, { podSelector: labels({ app: 'a' }) }],
  [{ namespaceLabels: { team: 'a' } }, { namespaceSelector: labels({ team: 'a' }) }],
  [{ cidr: '192.0.2.0/24' }, { ipBlock: { cidr: '192.0.2.0/24' } }],
]

function allowedPeers(application: KubeObject): unknown[] {
  const text = JSON.stringify(application.spec)
  return [...DECLARED, ...LISTED.filter(([entry]) => text.includes(JSON.stringify(entry))).map(([, peer]) => peer)]
}

const garbage = fc.jsonValue({ maxDepth: 3 })
const someName = fc.constantFrom('a', 'b', 'c')
const someLabels = fc.dictionary(fc.constantFrom('app', 'part'), fc.constantFrom('a', 'b'), { maxKeys: 2 })

function orGarbage<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 6, arbitrary }, { weight: 1, arbitrary: garbage })
}

const askedArbitrary = fc.record(
  {
    services: orGarbage(fc.array(orGarbage(someName), { maxLength: 3 })),
    from: orGarbage(fc.array(orGarbage(fc.constantFrom(...LISTED.map(([entry]) => entry))), { maxLength: 3 })),
  },
  { requiredKeys: [] },
)
const serviceSpec = fc.record(
  {
    type: orGarbage(fc.constantFrom('ClusterIP', 'ExternalName')),
    clusterIP: fc.constantFrom('None', '10.0.0.1'),
    selector: orGarbage(someLabels),
    ports: orGarbage(
      fc.array(
        orGarbage(
          fc.record({
            port: orGarbage(fc.constant(80)),
            targetPort: orGarbage(fc.constantFrom<unknown>(3000, 'http')),
          }),
        ),
        { maxLength: 3 },
      ),
    ),
  },
  { requiredKeys: [] },
)
const sources = fc.array(
  fc.oneof(
    fc.tuple(someName, someName).map(([name, backend]) => ingress(name, backend)),
    fc.tuple(someName, garbage).map(([name, spec]) => object('Ingress', name, spec)),
    fc.tuple(someName, garbage).map(([name, rules]) => object('Ingress', name, { ingressClassName: 'nginx', rules })),
  ),
  { maxLength: 3 },
)
const routes = fc.array(
  fc.oneof(
    fc.tuple(someName, someName).map(([name, backend]) => route(name, 'traefik.io/gateway-controller', backend)),
    fc
      .tuple(someName, garbage, garbage)
      .map(([name, spec, status]) => ({ ...object('HTTPRoute', name, spec), status })),
  ),
  { maxLength: 2 },
)
const partsArbitrary: fc.Arbitrary<Parts> = fc.record({
  application: orGarbage(askedArbitrary).map((networkPolicy) => asking(networkPolicy)),
  ingresses: sources,
  httpRoutes: routes,
  ingressClasses: fc.constant([]),
  services: fc.array(
    fc.tuple(someName, orGarbage(serviceSpec)).map(([name, spec]) => object('Service', name, spec)),
    { maxLength: 3 },
  ),
  pods: fc.array(
    fc.tuple(someName, someLabels).map(([name, podLabels]) => pod(name, podLabels)),
    { maxLength: 3 },
  ),
  othersServices: fc.dictionary(someName, someName, { maxKeys: 2 }),
  ingressControllers: fc.subarray<IngressController>([
    NGINX,
    { className: 'nginx', hostNetwork: true, cidrs: ['10.0.0.0/8'] },
    { className: 'traefik.io/gateway-controller', namespace: 't' },
  ]),
})

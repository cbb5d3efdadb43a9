import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { KubeObject } from '../../../src/kubernetes/kube-object.ts'
import { wire } from '../../../src/kubernetes/wiring/index.ts'
import { accessApplication } from '../../../src/resources/v1alpha1/access-application.ts'
import {
  APPLICATION,
  AUTH_URL,
  edited,
  ingress,
  MIDDLEWARES,
  POLICIES,
  reasonsOf,
  settings,
  view,
  WIRED,
  type World,
  wired,
} from './ingress-world.ts'

const text = fc.oneof(
  fc.string(),
  fc.constantFrom(
    '',
    'engineers',
    'true',
    'any',
    '16k',
    'a@file,b@file',
    'gatehouse-monitoringzsold@kubernetescrd',
    'http://x/ingress-nginx/app/a/b?m=$request_method&h=$host&u=$escaped_request_uri',
    'http://oauth2/auth',
  ),
)
const annotations = fc.dictionary(
  fc.constantFrom(
    APPLICATION,
    WIRED,
    'access.gatehouse.dev/session-duration',
    'access.gatehouse.dev/identity-providers',
    AUTH_URL,
    'nginx.ingress.kubernetes.io/auth-signin',
    'nginx.ingress.kubernetes.io/use-regex',
    'nginx.ingress.kubernetes.io/satisfy',
    MIDDLEWARES,
    'traefik.ingress.kubernetes.io/router.priority',
  ),
  text,
)
const path = fc.record(
  {
    path: fc.oneof(fc.webPath(), fc.string(), fc.constant('/api(/|$)(.*)')),
    pathType: fc.constantFrom('Prefix', 'Exact', 'ImplementationSpecific'),
  },
  { requiredKeys: [] },
)
const rule = fc.record(
  {
    host: fc.oneof(
      fc.domain(),
      fc.domain().map((host) => `*.${host}`),
      fc.string(),
      fc.constantFrom('a.example.com', 'auth.example.com'),
    ),
    http: fc.record({ paths: fc.array(path, { maxLength: 4 }) }),
  },
  { requiredKeys: [] },
)
const spec = fc.oneof(
  fc.jsonValue(),
  fc.record(
    { rules: fc.array(rule, { maxLength: 4 }), tls: fc.jsonValue(), ingressClassName: fc.jsonValue() },
    { requiredKeys: [] },
  ),
)

test('never throws, whatever an Ingress looks like', () => {
  const anything = fc.record({
    annotations: fc.oneof(
      annotations,
      annotations.map((all) => ({ [POLICIES]: 'a', ...all })),
      fc.jsonValue(),
    ),
    spec,
    other: fc.jsonValue(),
  })
  fc.assert(
    fc.property(fc.array(anything, { maxLength: 4 }), (all) => {
      const ingresses = all.map(
        (one, index) =>
          ({
            apiVersion: 'networking.k8s.io/v1',
            kind: 'Ingress',
            metadata: { name: `i${index}`, namespace: 'monitoring', uid: `u${index}`, annotations: one.annotations },
            spec: one.spec,
          }) as unknown as KubeObject,
      )
      const [application, ingressClass] = all.map(
        ({ other }, index) =>
          ({
            kind: 'x',
            metadata: { name: `i${index}`, namespace: 'monitoring' },
            spec: other,
          }) as unknown as KubeObject,
      )
      const world: World = { hosts: { 'monitoring/i0': ['a.example.com'] } }
      if (application !== undefined) world.applications = [application]
      if (ingressClass !== undefined) world.ingressClasses = [ingressClass]
      const wiring = wire(view(ingresses, world), settings)
      for (const object of wiring.objects.filter(({ kind }) => kind === 'AccessApplication')) {
        expect(accessApplication.safeParse(object).error?.issues).toBeUndefined()
      }
    }),
    { numRuns: 2000 },
  )
})

test('the proxy of an annotated Ingress of a known class asks Gatehouse or nobody, or a conflict is reported', () => {
  fc.assert(
    fc.property(annotations, spec, fc.constantFrom('nginx', 'traefik'), (all, anySpec, className) => {
      const one = ingress({
        annotations: { [POLICIES]: 'engineers', ...all },
        spec: { ...(anySpec as object), ingressClassName: className },
      })
      const wiring = wired(one)
      const after = edited(wiring) ?? {}
      if (className === 'traefik') {
        expect(after[MIDDLEWARES]?.split(',')[0]).toBe('gatehouse-monitoringzsgrafana@kubernetescrd')
      } else if (after[AUTH_URL] === 'shut') {
        expect(['AnnotationUnsafe', 'PathNotSupported'].some((one) => reasonsOf(wiring)?.includes(one))).toBe(true)
      } else if (!after[AUTH_URL]?.startsWith(`${settings.checkUrl}/ingress-nginx/app/monitoring/grafana?`)) {
        expect(after[AUTH_URL]).toBe(all[AUTH_URL])
        expect(reasonsOf(wiring)).toContain('AnnotationConflict')
      }
    }),
    { numRuns: 2000 },
  )
})

test('thousands of Ingresses take time in proportion', { timeout: 60_000 }, () => {
  const all = Array.from({ length: 10_000 }, (_, index) =>
    ingress({
      name: `app-${index}`,
      namespace: `team-${index % 200}`,
      className: index % 2 === 0 ? 'nginx' : 'traefik',
      paths: [`app-${index}.example.com/`, `app-${index}.example.com/api`],
    }),
  )
  const hosts = Object.fromEntries(
    all.map(({ metadata: { namespace, name } }) => [`${namespace}/${name}`, [`${name}.example.com`]]),
  )
  expect(wire(view(all, { hosts }), settings).objects).toHaveLength(25_000)
})

test('the largest Ingresses that there can be take little time, and next to none at a second look', {
  timeout: 60_000,
}, () => {
  const deep = '/a'.repeat(500)
  const largest = Array.from({ length: 10 }, (_, index) => {
    const paths = Array.from({ length: 1_400 }, (__, rule) => `h${rule}.example.com${deep}/${rule}`)
    return ingress({ name: `i-${index}`, annotations: index === 0 ? { [POLICIES]: 'a,'.repeat(100_000) } : {}, paths })
  })
  const took = () => {
    const before = process.cpuUsage()
    wire(view(largest, { hosts: {} }), settings)
    return process.cpuUsage(before).user / 1_000
  }
  // Milliseconds of a processor, whatever else runs on it. To compare each path with all that lie above it took 25,000.
  expect(took()).toBeLessThan(8_000)
  expect(took()).toBeLessThan(1_000)
})

test('thousands of Ingresses that name one application, each wrong in its own way, take time in proportion', () => {
  const all = Array.from({ length: 20_000 }, (_, index) =>
    ingress({ name: `i-${index}`, className: `c-${index}`, annotations: { [APPLICATION]: 'one' } }),
  )
  const before = process.cpuUsage()
  const { findings, problems } = wire(view(all, { hosts: {} }), settings)
  expect(process.cpuUsage(before).user / 1_000).toBeLessThan(8_000)
  expect(findings.get('monitoring/one')?.length).toBeLessThan(100)
  expect(new Set(problems.map(({ target }) => target.metadata.name)).size).toBe(20_000)
})

test('hundreds of Ingresses that publish one protected host are not all told of', () => {
  const one = (index: number, annotations: Record<string, string>) =>
    ingress({ name: `i-${index}`, paths: ['a.example.com/'], annotations })
  const many = Array.from({ length: 600 }, (_, index) => [
    one(index, { [POLICIES]: 'engineers' }),
    one(index + 600, { note: 'plain' }),
  ]).flat()
  const { findings, problems } = wire(view(many, {}), settings)
  expect(Math.max(...[...findings.values()].map((flaws) => flaws.length))).toBeLessThanOrEqual(8)
  expect(problems.length).toBeLessThan(600 * 8)
})

import { expect, test } from 'vitest'
import { type IngressParts, ingress, POLICIES, reasonsOf, type World, wired } from './ingress-world.ts'

const R = 'traefik.ingress.kubernetes.io/router.'
const app = (name: string, parts: IngressParts = {}) => ingress({ name, ...parts })

function routes(ingresses: Parameters<typeof wired>[0], world: World = {}): string[] {
  return wired(ingresses, world)
    .objects.filter(({ kind }) => kind === 'Ingress')
    .map(({ metadata }) => metadata.name)
}

test('two Ingresses of a namespace for the same host have two applications and one route', () => {
  const all = [app('web'), app('api', { paths: ['grafana.example.com/api'] })]
  expect(wired(all).objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual([
    'AccessApplication web',
    'AccessApplication api',
    'Ingress portal-nginx-grafanazdexamplezdcom',
  ])
})

test('each host and each class has a route', () => {
  const all = [app('web', { paths: ['a.example.com/', 'b.example.com/'] }), app('inner', { className: 'traefik' })]
  expect(routes(all)).toHaveLength(3)
})

test('a wildcard host has one', () => {
  expect(routes(app('web', { paths: ['*.example.com/'] }))).toEqual(['portal-nginx-zwzdexamplezdcom'])
})

test('a host that the application’s namespace does not have gets none, and its app is wired all the same', () => {
  const paths = ['a.example.com/', 'b.example.com/', 'c.apps.example.com/']
  const world = { hosts: { 'monitoring/web': ['b.example.com', '*.apps.example.com'] } }
  expect(routes(app('web', { paths }), world)).toEqual([
    'portal-nginx-bzdexamplezdcom',
    'portal-nginx-czdappszdexamplezdcom',
  ])
  expect(wired(app('web', { paths }), { hosts: {} }).edits).toHaveLength(1)
})

test('an Ingress by the old annotation has a route by the old annotation', () => {
  const annotations = { [POLICIES]: 'a', 'kubernetes.io/ingress.class': 'nginx' }
  const wiring = wired(app('web', { className: undefined, annotations }), { ingressClasses: [] })
  const route = wiring.objects.find(({ kind }) => kind === 'Ingress')
  expect(route?.metadata).toMatchObject({
    name: 'portal-legacy-nginx-grafanazdexamplezdcom',
    annotations: { 'kubernetes.io/ingress.class': 'nginx' },
  })
  expect(route?.spec).not.toHaveProperty('ingressClassName')
})

test.for(['haproxy', 'missing', undefined])('class %s has no route', (className) => {
  expect(routes(app('web', { className }))).toEqual([])
})

test('the route is like the oldest Ingress with TLS for the host', () => {
  const like = (name: string, created: string, spec: object = {}) =>
    app(name, {
      className: 'traefik',
      annotations: { [POLICIES]: 'a', [`${R}entrypoints`]: name },
      metadata: { creationTimestamp: created },
      spec,
    })
  const tls = { tls: [{ hosts: ['*.example.com'] }] }
  const all = [
    like('plain', '2020-01-01T00:00:00Z'),
    like('younger', '2023-01-01T00:00:00Z', tls),
    like('older', '2022-01-01T00:00:00Z', tls),
    like('foreign', '2019-01-01T00:00:00Z', { tls: [{ hosts: ['other.example.com'] }] }),
  ]
  for (const ingresses of [all, all.toReversed()]) {
    const route = wired(ingresses).objects.find(({ kind }) => kind === 'Ingress')
    expect(route?.metadata.annotations?.[`${R}entrypoints`]).toBe('older')
    expect(route?.spec).toMatchObject({ tls: [{ hosts: ['grafana.example.com'] }] })
  }
})

test('a host whose route can have no name is reported', () => {
  const host = `${'z'.repeat(60)}.${'z'.repeat(60)}.example.com`
  expect(reasonsOf(wired(app('web', { paths: [`${host}/`] })), 'monitoring/web')).toEqual(['NameTooLong'])
})

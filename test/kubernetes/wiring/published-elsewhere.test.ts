import { expect, test } from 'vitest'
import { type IngressParts, ingress, objectOf, reasonsOf, wired } from './ingress-world.ts'

const N = 'nginx.ingress.kubernetes.io/'
const HAND = 'http://check:8181/ingress-nginx/app/monitoring/other?m=$request_method&h=$host&u=$escaped_request_uri'
const other = (parts: IngressParts = {}) => ingress({ name: 'other', annotations: {}, ...parts })
const at = (path: string): IngressParts => ({ paths: [`grafana.example.com${path}`] })
const METRICS = { paths: ['metrics.example.com/'] }

const cases: [string, IngressParts, IngressParts, boolean][] = [
  ['the same host', {}, {}, true],
  ['a path of it', {}, at('/api'), true],
  ['the same path', at('/admin'), at('/admin/'), true],
  ['a path below', at('/admin'), at('/admin/public'), true],
  ['a path beside', at('/admin'), at('/administrator'), false],
  ['what lies around', at('/admin'), at('/'), false],
  ['another host', {}, METRICS, false],
  ['challenges of a certificate authority', {}, at('/.well-known/acme-challenge/token'), false],
  ['something that is called alike', {}, at('/.well-known/acme-challenger'), true],
  ['the host by another class', {}, { className: 'traefik' }, true],
  ['the host by no class', {}, { className: undefined }, true],
  ['the host with a check by hand', {}, { annotations: { [`${N}auth-url`]: HAND } }, false],
  [
    'the host with a check that is undone',
    {},
    { annotations: { [`${N}auth-url`]: HAND, [`${N}satisfy`]: 'any' } },
    true,
  ],
  ['the host with another check', {}, { annotations: { [`${N}auth-url`]: 'http://other/' } }, true],
  ['a canary', {}, { annotations: { [`${N}canary`]: 'true' } }, false],
  [
    'the host with a middleware by hand',
    {},
    {
      className: 'traefik',
      annotations: { 'traefik.ingress.kubernetes.io/router.middlewares': 'monitoring-gatehouse-grafana@kubernetescrd' },
    },
    false,
  ],
  ['a wildcard over it, by ingress-nginx', {}, { paths: ['*.example.com/'] }, false],
  ['a wildcard over it, by Traefik', {}, { paths: ['*.example.com/'], className: 'traefik' }, true],
  ['a host below the protected wildcard', { paths: ['*.example.com/'] }, {}, false],
  ['the same wildcard', { paths: ['*.example.com/'] }, { paths: ['*.example.com/'] }, true],
  ['the host, and is going away', {}, { metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } }, false],
]

test.for(cases)('an Ingress without the annotation that publishes %s', ([, own, theirs, isReported]) => {
  expect(reasonsOf(wired([ingress(own), other(theirs)]))).toEqual(isReported ? ['HostPublishedElsewhere'] : [])
})

test('an annotated Ingress is no danger', () => {
  expect(reasonsOf(wired([ingress(), ingress({ name: 'other' })]))).toEqual([])
})

test('our own route to the portal is none', () => {
  const route = objectOf(wired(ingress()), 'Ingress')
  expect(route).toBeDefined()
  expect(reasonsOf(wired([ingress(), ...(route === undefined ? [] : [route])]))).toEqual([])
})

test('the author learns the name and the fix of an Ingress of the own namespace alone', () => {
  const message = (theirs: IngressParts) =>
    wired([ingress(), other(theirs)]).findings.get('monitoring/grafana')?.[0]?.message
  expect(message({})).toBe(
    'Ingress other publishes grafana.example.com without asking Gatehouse; annotate it with access.gatehouse.dev/application: grafana, or take the host out of it',
  )
  expect(message({ namespace: 'secret' })).toMatch(/^an Ingress of another namespace publishes(?!.*secret)/)
})

test('what lies around a protected path is worth a note', () => {
  const wiring = wired([ingress(at('/admin')), other(at('/'))])
  expect(wiring.notes.get('monitoring/grafana')).toContain('Ingress other publishes grafana.example.com around /admin')
})

test('many others are reported once each', () => {
  const paths = Array.from({ length: 50 }, (_, index) => `grafana.example.com/${index}`)
  expect(reasonsOf(wired([ingress(), other({ paths })]))).toEqual(['HostPublishedElsewhere'])
})

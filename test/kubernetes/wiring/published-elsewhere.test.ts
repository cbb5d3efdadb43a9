import { expect, test } from 'vitest'
import { type IngressParts, ingress, objectOf, POLICIES, reasonsOf, settings, wired } from './ingress-world.ts'

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

const FAKE = 'http://fake.other/ingress-nginx/app/other/x?m=$request_method&h=$host&u=$escaped_request_uri'
const TRUE = `${settings.checkUrl}/ingress-nginx/app/other/x?m=$request_method&h=$host&u=$escaped_request_uri`
const traefik = (middlewares: string): IngressParts => ({
  className: 'traefik',
  annotations: { 'traefik.ingress.kubernetes.io/router.middlewares': middlewares },
})
const intruders: [string, IngressParts, boolean][] = [
  ['and asks this very Gatehouse', { annotations: { [`${N}auth-url`]: TRUE } }, false],
  ['and is answered by nobody', { annotations: { [`${N}auth-url`]: 'shut' } }, false],
  [
    'and is answered by nobody, but hands TLS through unseen',
    { annotations: { [`${N}auth-url`]: 'shut', [`${N}ssl-passthrough`]: 'true' } },
    true,
  ],
  ['and asks somebody who looks like Gatehouse', { annotations: { [`${N}auth-url`]: FAKE } }, true],
  ['and asks, but is a canary', { annotations: { [`${N}auth-url`]: TRUE, [`${N}canary`]: 'true' } }, true],
  ['and asks, but is one in other words', { annotations: { [`${N}auth-url`]: TRUE, [`${N}canary`]: 'T' } }, true],
  ['as a canary', { annotations: { [`${N}canary`]: 'true' } }, true],
  ['and asks by a Middleware of ours', traefik('gatehouse-otherzsx@kubernetescrd'), false],
  ['and asks after a Middleware of its own', traefik('other-x@kubernetescrd,gatehouse-otherzsx@kubernetescrd'), true],
  ['and asks before that', traefik(' gatehouse-otherzsx@kubernetescrd, other-x@kubernetescrd'), false],
  [
    'and asks, but not about a path that the controller asks nobody about',
    { ...at('/.well-known/acme-challenger'), annotations: { [`${N}auth-url`]: TRUE } },
    true,
  ],
  ['and asks by a Middleware of its own', traefik('other-gatehouse-x@kubernetescrd'), true],
  ['and asks by one of a namespace that is called alike', traefik('gatehouse-two-x@kubernetescrd'), true],
  ['and names one of ours to another class', { ...traefik('gatehouse-otherzsx@kubernetescrd'), className: 'x' }, true],
  ['and is going away, which it may never do', { metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } }, true],
  ['and is annotated', { annotations: { [POLICIES]: 'x' } }, false],
  [
    'and is annotated, with a check of its own',
    { annotations: { [POLICIES]: 'x', [`${N}auth-url`]: 'http://x' } },
    true,
  ],
  ['and is annotated, for a proxy that nobody knows', { annotations: { [POLICIES]: 'x' }, className: 'haproxy' }, true],
]

test.for(intruders)('an Ingress of another namespace that publishes the host %s', ([, theirs, isReported]) => {
  const wiring = wired([ingress(), other({ namespace: 'other', ...theirs })])
  expect(reasonsOf(wiring)).toEqual(isReported ? ['HostPublishedElsewhere'] : [])
})

test('nobody is hidden by a crowd of others', () => {
  const crowd = Array.from({ length: 200 }, (_, index) => `grafana.example.com/${index}`)
  const theirs = other({ namespace: 'other', paths: [...crowd, 'grafana.example.com/admin/x'] })
  expect(reasonsOf(wired([ingress(at('/admin')), theirs]))).toEqual(['HostPublishedElsewhere'])
})

test('nobody who publishes what lies around is hidden by a crowd of others', () => {
  const crowd = Array.from({ length: 60 }, (_, index) => `*.example.com/${index}`)
  const theirs = other({ namespace: 'other', className: 'traefik', paths: [...crowd, '*.example.com/admin'] })
  expect(reasonsOf(wired([ingress(at('/admin/x')), theirs]))).toEqual(['HostPublishedElsewhere'])
})

test('nobody of another namespace is hidden by what one publishes openly oneself', () => {
  const open = Array.from({ length: 40 }, (_, index) => other({ ...at(`/${index}`), name: `open-${index}` }))
  const theirs = other({ namespace: 'other', ...at('/x') })
  const { findings } = wired([ingress(), ...open, theirs])
  const told = findings.get('monitoring/grafana')?.map(({ message }) => message)
  expect(told).toHaveLength(3)
  expect(told?.[0]).toContain('an Ingress of another namespace publishes grafana.example.com')
})

test('nobody of another namespace is hidden by a crowd of one’s own', () => {
  const own = (index: number) => ingress({ ...at(`/${index}`), name: `own-${index}`, className: 'haproxy' })
  const crowd = Array.from({ length: 60 }, (_, index) => own(index))
  const theirs = other({ namespace: 'other', ...at('/x') })
  expect(reasonsOf(wired([ingress(), ...crowd, theirs]))).toEqual(['HostPublishedElsewhere'])
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

import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { OUR_HEADERS } from '../../../src/check/headers.ts'
import { RESPONSE_HEADERS } from '../../../src/kubernetes/wiring/response-headers.ts'
import {
  AUTH_SIGNIN,
  AUTH_URL,
  BUFFER,
  edited,
  editOf,
  ingress,
  MIDDLEWARES,
  objectOf,
  POLICIES,
  RESPONSE,
  reasonsOf,
  WIRED,
  wired,
} from './ingress-world.ts'

const N = 'nginx.ingress.kubernetes.io/'
const QUERY = '?m=$request_method&h=$host&u=$escaped_request_uri'
const OURS = `http://gatehouse-check.gatehouse.svc.cluster.local:8181/ingress-nginx/app/monitoring/grafana${QUERY}`

const withAnnotations = (annotations: Record<string, string>) =>
  wired(ingress({ annotations: { [POLICIES]: 'engineers', ...annotations } }))

function guide(file: string) {
  const text = readFileSync(new URL(`../../../manifests/proxies/ingress-nginx/${file}`, import.meta.url), 'utf8')
  return parseAllDocuments(text).map((document) => document.toJS())
}

test('writes what the guide says', () => {
  const [byHand] = guide('application.yaml')
  const wiring = wired(ingress())
  expect(editOf(wiring)?.set).toEqual({ ...byHand.metadata.annotations, [WIRED]: 'ingress-nginx' })
  expect(editOf(wiring)?.remove).toEqual([])
  expect(reasonsOf(wiring)).toEqual([])
})

test('asks for every header that a check may answer', () => {
  expect(RESPONSE_HEADERS.filter((header) => header !== 'Gatehouse-Token')).toEqual(OUR_HEADERS)
})

test('routes /.gatehouse/ to the portal without TLS of its own, and without any default login', () => {
  const route = objectOf(wired(ingress({ spec: { tls: [{ hosts: ['grafana.example.com'] }] } })), 'Ingress')
  expect(route).toEqual({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: {
      name: 'portal-nginx-grafanazdexamplezdcom',
      namespace: 'gatehouse',
      labels: {
        'access.gatehouse.dev/owner': 'controller',
        'access.gatehouse.dev/application-namespace': 'monitoring',
      },
      annotations: { [BUFFER]: '16k', [`${N}enable-global-auth`]: 'false' },
    },
    spec: {
      ingressClassName: 'nginx',
      rules: [
        {
          host: 'grafana.example.com',
          http: {
            paths: [
              {
                path: '/.gatehouse/',
                pathType: 'ImplementationSpecific',
                backend: { service: { name: 'gatehouse-portal', port: { number: 8080 } } },
              },
            ],
          },
        },
      ],
    },
  })
})

test('the login of the development mode is plain http', () => {
  const { edits } = wired(ingress(), { settings: { scheme: 'http' } })
  expect(edits[0]?.set[AUTH_SIGNIN]).toBe('http://$host/.gatehouse/login?rd=$escaped_request_uri')
})

test.for([
  ['of Gatehouse at another address', `http://old:1${OURS.slice(OURS.indexOf('/ingress-nginx'))}`],
  ['of another application', OURS.replace('/grafana', '/other')],
  ['that looks applications up', `http://check:8181/ingress-nginx/host${QUERY}`],
  ['that is empty', ' '],
] as const)('an auth-url %s is put right', ([, url]) => {
  const wiring = withAnnotations({ [AUTH_URL]: url })
  expect(edited(wiring)?.[AUTH_URL]).toBe(OURS)
  expect(reasonsOf(wiring)).toEqual([])
})

test.for([
  'http://oauth2-proxy.auth.svc.cluster.local/oauth2/auth',
  OURS.replace('$host', 'grafana.example.com'),
  `${OURS}&x=1`,
  `http://evil/?x=${OURS}`,
])('a foreign auth-url is left alone with all beside it: %s', (url) => {
  const wiring = withAnnotations({ [AUTH_URL]: url, [AUTH_SIGNIN]: 'https://login/start' })
  expect(editOf(wiring)).toMatchObject({ set: { [WIRED]: 'ingress-nginx' }, remove: [] })
  expect(reasonsOf(wiring)).toEqual(['AnnotationConflict'])
})

test.for([
  [AUTH_SIGNIN, 'https://login/start'],
  [RESPONSE, 'X-User'],
  [RESPONSE, 'Gatehouse-Jwt-Assertion,X-Mine'],
] as const)('a foreign %s is left alone, and the check is asked', ([key, value]) => {
  const wiring = withAnnotations({ [key]: value })
  expect(edited(wiring)).toMatchObject({ [AUTH_URL]: OURS, [key]: value })
  expect(reasonsOf(wiring)).toEqual(['AnnotationConflict'])
  expect(wiring.findings.get('monitoring/grafana')?.[0]?.message).toContain(
    `${key} has a value that is not of Gatehouse`,
  )
})

test('a shorter list of our headers is brought up to date', () => {
  const wiring = withAnnotations({ [RESPONSE]: 'Gatehouse-Jwt-Assertion, Cookie' })
  expect(edited(wiring)?.[RESPONSE]).toBe(RESPONSE_HEADERS.join(','))
})

test.for([
  ['8k', '16k'],
  ['16000', '16k'],
  ['none', '16k'],
  ['16k', '16k'],
  ['16384', '16384'],
  ['32K', '32K'],
  ['1m', '1m'],
] as const)('a proxy-buffer-size of %s is %s', ([size, kept]) => {
  expect(edited(withAnnotations({ [BUFFER]: size }))?.[BUFFER]).toBe(kept)
})

test.for([
  ['satisfy', 'any', 'shut'],
  ['satisfy', ' any', 'shut'],
  ['ssl-passthrough', 'true', 'shut'],
  ['ssl-passthrough', 'T', 'shut'],
  ['auth-cache-key', '$cookie_sid', OURS],
  ['auth-cache-duration', '200 5m; 401 1m', 'shut'],
  ['auth-request-redirect', '/', 'shut'],
  ['auth-always-set-cookie', 'yes', 'shut'],
  ['auth-keepalive', '10', OURS],
  ['auth-snippet', 'x', 'shut'],
  ['custom-http-errors', '401,502', 'shut'],
] as const)('%s: %s undoes the check and is reported; what opens the app shuts it', ([name, value, url]) => {
  const wiring = withAnnotations({ [N + name]: value })
  expect(reasonsOf(wiring)).toEqual(['AnnotationUnsafe'])
  expect(edited(wiring)).toMatchObject({ [AUTH_URL]: url, [N + name]: value })
})

test('an app that was shut for its annotations asks again once they are gone, and is let go like any other', () => {
  expect(edited(withAnnotations({ [AUTH_URL]: 'shut' }))).toMatchObject({ [AUTH_URL]: OURS })
})

test.for([
  ['satisfy', 'all'],
  ['ssl-passthrough', 'false'],
  ['auth-always-set-cookie', 'true'],
  ['custom-http-errors', '404,502'],
  ['rewrite-target', '/$1'],
] as const)('%s: %s does no harm', ([name, value]) => {
  expect(reasonsOf(withAnnotations({ [N + name]: value }))).toEqual([])
})

test('regular expressions count by their literal prefix where annotations make them such', () => {
  const paths = [{ host: 'a.example.com', path: '/api(/|$)(.*)', pathType: 'ImplementationSpecific' }]
  for (const annotation of [{ [`${N}use-regex`]: 'true' }, { [`${N}rewrite-target`]: '/$2' }]) {
    const wiring = wired(ingress({ paths, annotations: { [POLICIES]: 'a', ...annotation } }))
    expect(objectOf(wiring, 'AccessApplication')).toMatchObject({
      spec: { destinations: [{ host: 'a.example.com', path: '/api' }] },
    })
    expect(wiring.notes.get('monitoring/grafana')).toContain('/api(/|$)(.*) counts as /api')
  }
})

test('what another proxy was told is taken back when the class changes', () => {
  const annotations = {
    [POLICIES]: 'a',
    [WIRED]: 'traefik',
    [MIDDLEWARES]: 'gatehouse-monitoringzsgrafana@kubernetescrd,x@file',
  }
  expect(editOf(wired(ingress({ annotations })))).toMatchObject({
    set: { [MIDDLEWARES]: 'x@file', [AUTH_URL]: OURS, [WIRED]: 'ingress-nginx' },
  })
})

test('the author is told what Traefik makes of a class of ingress-nginx', () => {
  expect(wired(ingress()).notes.get('monitoring/grafana')).toContain('annotations-unsupported')
})

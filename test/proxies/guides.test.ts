import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { z } from 'zod'
import { OUR_HEADERS } from '../../src/check/headers.ts'
import { repositoryFile } from './configuration.ts'

const at = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url))
const guides = readdirSync(at('docs/guides')).filter((name) => name.endsWith('.md'))
const files = readdirSync(at('manifests/proxies'), { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => `${entry.parentPath}/${entry.name}`.slice(at('').length))

/** What every proxy copies from an allow, and the header with a token that it takes away by the same list. */
const COPIED = [...OUR_HEADERS, 'Gatehouse-Token']

/** Each file that a guide shows: its path and the text shown. */
function shownIn(guide: string): [string, string][] {
  const pattern = /<!-- file: (\S+) -->\n+```\w*\n([\s\S]*?)```\n/g
  return [...repositoryFile(`docs/guides/${guide}`).matchAll(pattern)].map(([, path = '', text = '']) => [path, text])
}

const shown = guides.flatMap(shownIn)

describe('the guides of the proxies', () => {
  test.for(shown)('show %s as it is', ([path, text]) => {
    expect(text).toBe(repositoryFile(path))
  })

  test('show every configuration there is', () => {
    expect(shown.map(([path]) => path).sort()).toEqual([...files].sort())
  })
})

describe('the documented configuration', () => {
  const documents = (path: string): unknown[] =>
    parseAllDocuments(repositoryFile(`manifests/proxies/${path}`), { strict: true }).map((document) => {
      expect(document.errors).toEqual([])
      return document.toJS()
    })

  test('of nginx hands every identity header to the app', () => {
    const headers = repositoryFile('manifests/proxies/nginx/gatehouse-headers.conf')
    for (const name of COPIED) expect(headers).toContain(`proxy_set_header ${name} `)
    const include = repositoryFile('manifests/proxies/nginx/gatehouse.conf')
    for (const name of OUR_HEADERS) {
      expect(include).toMatch(new RegExp(` \\$upstream_http_${name.toLowerCase().replaceAll('-', '_')};`))
    }
  })

  test('of ingress-nginx hands every identity header to the app', () => {
    const [application] = documents('ingress-nginx/application.yaml')
    const { metadata } = z
      .object({ metadata: z.object({ annotations: z.record(z.string(), z.string()) }) })
      .parse(application)
    expect(metadata.annotations['nginx.ingress.kubernetes.io/auth-response-headers']?.split(',')).toEqual(COPIED)
  })

  test('of Traefik hands every identity header to the app', () => {
    const forwardAuth = z.strictObject({
      address: z.string().regex(/\/forward\/app\/monitoring\/grafana$/),
      trustForwardHeader: z.literal(false),
      maxResponseBodySize: z.int().positive(),
      authResponseHeaders: z.array(z.string()),
    })
    const [dynamic] = documents('traefik/dynamic.yaml')
    const [middleware] = documents('traefik/kubernetes.yaml')
    const inFile = z
      .object({ http: z.object({ middlewares: z.object({ 'gatehouse-grafana': z.object({ forwardAuth }) }) }) })
      .parse(dynamic).http.middlewares['gatehouse-grafana']
    const inCluster = z.object({ spec: z.object({ forwardAuth }) }).parse(middleware).spec
    expect(inFile.forwardAuth.authResponseHeaders).toEqual(COPIED)
    expect(inCluster.forwardAuth.authResponseHeaders).toEqual(COPIED)
  })

  test('of Traefik puts the check before anything else and the portal before the check', () => {
    const router = z.object({
      middlewares: z.array(z.string()).optional(),
      priority: z.int().optional(),
      rule: z.string(),
    })
    const [dynamic] = documents('traefik/dynamic.yaml')
    const { routers } = z.object({ http: z.object({ routers: z.record(z.string(), router) }) }).parse(dynamic).http
    expect(routers.grafana?.middlewares?.[0]).toBe('gatehouse-grafana')
    expect(routers['gatehouse-grafana-portal']?.middlewares).toBeUndefined()
    expect(routers['gatehouse-grafana-portal']?.priority).toBeGreaterThan(routers.grafana?.rule.length ?? 0)
    expect(documents('traefik/traefik.yaml')).toHaveLength(1)
  })

  test('of Caddy hands every identity header to the app', () => {
    const caddyfile = repositoryFile('manifests/proxies/caddy/Caddyfile')
    const copied = /copy_headers (.*)/.exec(caddyfile)?.[1]?.split(' ')
    expect(copied).toEqual(OUR_HEADERS.map((name) => (name === 'Cookie' ? 'Cookie>Gatehouse-App-Cookie' : name)))
    for (const name of COPIED.filter((one) => one !== 'Cookie')) expect(caddyfile).toContain(`request_header -${name}`)
  })
})

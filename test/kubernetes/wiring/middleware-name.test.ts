import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isMiddlewareOf, middlewareName, middlewareReference } from '../../../src/kubernetes/wiring/middleware-name.ts'
import { portalIngressName } from '../../../src/kubernetes/wiring/portal-ingress.ts'

const label = fc.stringMatching(/^[az-]{0,3}[az]$/).map((text) => `a${text}`)
const name = fc.array(label, { minLength: 1, maxLength: 2 }).map((labels) => labels.join('.'))
const subdomain = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/

/** What Traefik makes of a name: runs of anything but letters and digits become one dash. */
function flattened(text: string): string {
  return text
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean)
    .join('-')
}

test('spells out what Traefik would flatten', () => {
  expect(middlewareName('monitoring', 'grafana')).toBe('monitoringzsgrafana')
  expect(middlewareName('my-team', 'my.app-z')).toBe('myzhteamzsmyzdappzhzz')
})

test('is a name that Kubernetes takes, and that Traefik leaves as it is', () => {
  fc.assert(
    fc.property(label, name, (namespace, application) => {
      const made = middlewareName(namespace, application)
      expect(made).toMatch(subdomain)
      expect(flattened(made)).toBe(made)
    }),
  )
})

test('two applications never have Middlewares that Traefik takes for the same', () => {
  fc.assert(
    fc.property(label, name, label, name, (namespace, application, otherNamespace, other) => {
      fc.pre(namespace !== otherNamespace || application !== other)
      const one = flattened(`gate-house-${middlewareName(namespace, application)}`)
      expect(one).not.toBe(flattened(`gate-house-${middlewareName(otherNamespace, other)}`))
    }),
    { numRuns: 2000 },
  )
})

test('an application is told from those of other namespaces by its reference', () => {
  fc.assert(
    fc.property(label, name, label, (namespace, application, other) => {
      const reference = middlewareReference('gatehouse', namespace, application)
      expect(isMiddlewareOf(` ${reference}`, 'gatehouse', namespace)).toBe(true)
      expect(isMiddlewareOf(reference, 'gatehouse', other)).toBe(other === namespace)
    }),
    { numRuns: 2000 },
  )
})

test.for([
  'monitoring-strip@kubernetescrd',
  'gatehouse-monitoring@kubernetescrd',
  'gatehouse-monitoringzsgrafana@file',
  'gatehouse-monitoring-zs@kubernetescrd',
])('%s is no Middleware of an application', (entry) => {
  expect(isMiddlewareOf(entry, 'gatehouse', 'monitoring')).toBe(false)
})

test('two hosts or classes never have routes to the portal that Traefik takes for the same', () => {
  const host = fc.oneof(
    name,
    name.map((text) => `*.${text}`),
  )
  const reference = fc.record({ by: fc.constantFrom('Field' as const, 'Annotation' as const), name })
  fc.assert(
    fc.property(host, reference, host, reference, (one, ofOne, other, ofOther) => {
      fc.pre(JSON.stringify([one, ofOne]) !== JSON.stringify([other, ofOther]))
      const names = [portalIngressName(one, ofOne), portalIngressName(other, ofOther)].map(String)
      for (const made of names) expect(made).toMatch(subdomain)
      expect(flattened(`gatehouse-${names[0]}`)).not.toBe(flattened(`gatehouse-${names[1]}`))
    }),
    { numRuns: 2000 },
  )
})

test('a route to the portal whose name would be too long has none', () => {
  expect(
    portalIngressName(`${'z'.repeat(60)}.`.repeat(2).concat('example.com'), { by: 'Field', name: 'nginx' }),
  ).toBeUndefined()
})

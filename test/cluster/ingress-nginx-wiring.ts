import { expect, test } from 'vitest'
import { certificateFor } from '../parts/cluster-world.ts'
import { until } from '../parts/until.ts'
import { reachedApps, receivedAt } from '../proxies/gateway.ts'
import { createVisitor } from '../proxies/visitor.ts'
import {
  askPlainly,
  commonNameOf,
  policy,
  publish,
  untilAllowed,
  untilRefused,
  untilRouted,
} from './ingress-nginx-asking.ts'
import { ours } from './ingress-nginx-objects.ts'
import type { IngressNginxWorld } from './ingress-nginx-world.ts'
import { annotate, applicationNamed, eventsAbout, ingressNamed, labelled, untilReason } from './reading.ts'
import { steadily } from './steadily.ts'

const NGINX = 'nginx.ingress.kubernetes.io/'
const BYPASS = { action: 'Bypass', include: [{ everyone: {} }] }
const ALLOW = { action: 'Allow', include: [{ everyone: {} }] }
/** The common name of the certificates in the test. */
const CERTIFICATE = 'gatehouse tests'

/** What our annotations and those of the controller make of each other, from the first to the last moment. */
export function wiring(worldOf: () => IngressNginxWorld): void {
  const visitor = () => createVisitor(worldOf().port)

  test('puts a login before an app with one annotation, and takes all of it back without the annotation', async () => {
    const { kubernetes } = worldOf()
    const own = { [`${NGINX}proxy-body-size`]: '1m', [`${NGINX}proxy-buffer-size`]: '32k' }
    await publish(worldOf(), { namespace: 'wiki', name: 'wiki', host: 'wiki.example.com', annotations: own })
    const before = await labelled(kubernetes)
    const alice = visitor()
    await steadily('the app is there', async () => (await alice.ask('https://wiki.example.com/')).status === 200)
    await kubernetes.apply(policy('wiki', 'everyone', ALLOW))

    const reference = ingressNamed('wiki', 'wiki')
    await annotate(kubernetes, reference, ours('policies', 'everyone'))
    const began = performance.now()
    await untilRefused(alice, 'https://wiki.example.com/')
    expect(performance.now() - began).toBeLessThan(3_000)
    await untilRouted(alice, 'https://wiki.example.com')
    const arrived = await alice.open('https://wiki.example.com/page?x=1', 'alice')
    expect([arrived.status, arrived.url.href], arrived.body).toEqual([200, 'https://wiki.example.com/page?x=1'])
    expect(receivedAt(worldOf(), 'web', '/page?x=1')[0]?.headers['x-auth-request-email']).toEqual(['alice@example.com'])

    await annotate(kubernetes, reference, { 'access.gatehouse.dev/policies': null })
    await steadily(
      'the app is open again',
      async () => (await visitor().ask('https://wiki.example.com/')).status === 200,
    )
    await until('nothing is left', async () => {
      const { annotations } = (await kubernetes.get(reference))!.metadata
      expect(annotations).toEqual(own)
      expect(await kubernetes.get(applicationNamed('wiki', 'wiki'))).toBeUndefined()
      expect(await labelled(kubernetes)).toEqual(before)
      return true
    })
  })

  test('obeys an edit of a policy within a second', async () => {
    const { kubernetes } = worldOf()
    await kubernetes.ensureNamespace('edited')
    await kubernetes.apply(policy('edited', 'mine', BYPASS))
    const annotations = ours('policies', 'mine')
    await publish(worldOf(), { namespace: 'edited', name: 'edited', host: 'edited.example.com', annotations })
    const stranger = visitor()
    const status = async () => (await stranger.ask('https://edited.example.com/')).status
    await untilAllowed(worldOf(), 'edited.example.com')
    for (const [spec, wanted] of [[ALLOW, 302] as const, [BYPASS, 200] as const, [ALLOW, 302] as const]) {
      await kubernetes.apply(policy('edited', 'mine', spec))
      const began = performance.now()
      await until(`everybody gets ${wanted}`, async () => (await status()) === wanted, { everyMs: 5 })
      expect(performance.now() - began).toBeLessThan(1_000)
    }
    await kubernetes.delete(policy('edited', 'mine', ALLOW))
    await until('a policy that is gone lets nobody in', async () => (await status()) === 403)
  })

  test('leaves the certificate of a host to its app, whichever Ingress is the older', async () => {
    const { kubernetes } = worldOf()
    const place = { namespace: 'secure', host: 'secure.example.com' }
    await kubernetes.ensureNamespace('secure')
    await kubernetes.apply([policy('secure', 'everyone', ALLOW), certificateFor('secure', 'certificate')])
    await publish(worldOf(), { ...place, name: 'old', path: '/old', annotations: ours('policies', 'everyone') })
    const stranger = visitor()
    await untilRouted(stranger, 'https://secure.example.com')
    expect(await commonNameOf(worldOf(), 'secure.example.com')).not.toBe(CERTIFICATE)

    const annotations = ours('policies', 'everyone')
    await publish(worldOf(), { ...place, name: 'new', annotations, certificate: 'certificate' })
    await steadily('the certificate is shown', async () => {
      return (await commonNameOf(worldOf(), 'secure.example.com')) === CERTIFICATE
    })
    await untilRefused(stranger, 'https://secure.example.com/new')
    await untilRouted(stranger, 'https://secure.example.com')
    expect(await commonNameOf(worldOf(), 'secure.example.com')).toBe(CERTIFICATE)
    for (const host of ['grafana.example.com', 'shop.example.com']) {
      expect(await commonNameOf(worldOf(), host)).toBe(CERTIFICATE)
    }
  })

  test('reaches the portal without TLS too where the app has none', async () => {
    const { kubernetes, nginx } = worldOf()
    await kubernetes.ensureNamespace('plain')
    await kubernetes.apply(policy('plain', 'everyone', ALLOW))
    const annotations = ours('policies', 'everyone')
    await publish(worldOf(), { namespace: 'plain', name: 'plain', host: 'plain.example.com', annotations })
    await untilRouted(visitor(), 'https://plain.example.com')
    const ask = (path: string) => askPlainly(nginx.ports.http, 'plain.example.com', path)
    expect(await ask('/.gatehouse/identity')).toMatchObject({ status: 401, body: '{"error":"login-required"}' })
    expect(await ask('/page')).toMatchObject({
      status: 302,
      location: 'https://plain.example.com/.gatehouse/login?rd=%2Fpage',
    })
  })

  test('protects an app behind a regular expression and a rewrite by its literal prefix', async () => {
    const { kubernetes } = worldOf()
    await kubernetes.ensureNamespace('rewritten')
    await kubernetes.apply(policy('rewritten', 'everyone', ALLOW))
    await publish(worldOf(), {
      namespace: 'rewritten',
      name: 'rewritten',
      host: 'rewritten.example.com',
      path: '/api(/|$)(.*)',
      pathType: 'ImplementationSpecific',
      annotations: {
        ...ours('policies', 'everyone'),
        [`${NGINX}use-regex`]: 'true',
        [`${NGINX}rewrite-target`]: '/$2',
      },
    })
    const alice = visitor()
    const site = 'https://rewritten.example.com'
    await untilRefused(alice, `${site}/api/x`)
    await untilRouted(alice, site)
    expect(await kubernetes.get(applicationNamed('rewritten', 'rewritten'))).toMatchObject({
      spec: { destinations: [{ host: 'rewritten.example.com', path: '/api' }] },
    })
    const arrived = await alice.open(`${site}/api/one?n=1`, 'alice')
    expect([arrived.status, arrived.url.href]).toEqual([200, `${site}/api/one?n=1`])
    expect(receivedAt(worldOf(), 'web', '/one?n=1')).toHaveLength(1)
    const before = reachedApps(worldOf())
    for (const path of [
      '/API/x',
      '/apix',
      '/x',
      '/api/..%2fx',
      '/api//x',
      '/.GATEHOUSE/login',
      '/x/.gatehouse/login',
    ]) {
      expect([403, 404], path).toContain((await alice.ask(`${site}${path}`)).status)
    }
    expect(reachedApps(worldOf())).toBe(before)
  })

  test('lets people into the apps below a wildcard, each host with a login of its own', async () => {
    const alice = visitor()
    const arrived = await alice.open('https://one.wild.example.com/page?x=1', 'alice')
    expect([arrived.status, arrived.url.href]).toEqual([200, 'https://one.wild.example.com/page?x=1'])
    expect((await alice.ask('https://two.wild.example.com/')).status).toBe(302)
    expect((await visitor().ask('https://wild.example.com/')).status).toBe(404)
    expect((await visitor().ask('https://a.b.wild.example.com/')).status).toBe(404)
  })

  test('keeps shut an app whose annotation names nothing that exists', async () => {
    const { kubernetes } = worldOf()
    const annotations = ours('policies', 'no-such-policy')
    await publish(worldOf(), { namespace: 'wrong', name: 'wrong', host: 'wrong.example.com', annotations })
    await steadily(
      'everybody is refused',
      async () => (await visitor().ask('https://wrong.example.com/')).status === 403,
    )
    await until('an event says why', async () => {
      const events = await eventsAbout(kubernetes, applicationNamed('wrong', 'wrong'))
      return events.some(({ note }) => note.includes('no-such-policy'))
    })
  })

  test.for(Object.entries(UNDOING))('answers an app with %s for nobody, and says why', async ([name, undoing]) => {
    const { kubernetes } = worldOf()
    await kubernetes.ensureNamespace('undone')
    await kubernetes.apply(policy('undone', 'everyone', ALLOW))
    const annotations = { ...ours('policies', 'everyone'), ...undoing }
    await publish(worldOf(), { namespace: 'undone', name, host: `${name}.example.com`, annotations })
    const { message } = await untilReason(
      kubernetes,
      applicationNamed('undone', name),
      'Programmed',
      'AnnotationUnsafe',
    )
    expect(message).toContain(`${NGINX}${name} `)
    await steadily('nobody gets in', async () => (await visitor().ask(`https://${name}.example.com/`)).status === 503)
  })

  test.for([
    ['unasked', '/.well-known/acme-challenger', {}],
    ['either', '/.well-known/acme-challenge|/admin', { [`${NGINX}use-regex`]: 'true' }],
  ] as const)('answers an app %s at %s for nobody, since the controller asks nobody about it', async (row) => {
    const { kubernetes } = worldOf()
    const [name, path, more] = row
    await kubernetes.ensureNamespace('unasked')
    await kubernetes.apply(policy('unasked', 'everyone', ALLOW))
    const annotations = { ...ours('policies', 'everyone'), ...more }
    const host = `${name}.example.com`
    await publish(worldOf(), {
      namespace: 'unasked',
      name,
      host,
      path,
      pathType: 'ImplementationSpecific',
      annotations,
    })
    for (const asked of ['/.well-known/acme-challenger', '/admin']) {
      await steadily(`nobody gets in at ${asked}`, async () => {
        return [403, 404, 503].includes((await visitor().ask(`https://${host}${asked}`)).status)
      })
    }
    await untilReason(kubernetes, applicationNamed('unasked', name), 'Programmed', 'PathNotSupported')
    expect((await visitor().ask(`https://${host}/.well-known/acme-challenger`)).status).toBe(503)
  })

  test('protects a canary like its app, and refuses at an alias that the application does not have', async () => {
    const { kubernetes } = worldOf()
    const place = { namespace: 'beside', host: 'beside.example.com' }
    const alias = { [`${NGINX}server-alias`]: 'alias.example.com' }
    await kubernetes.ensureNamespace('beside')
    await kubernetes.apply(policy('beside', 'everyone', ALLOW))
    await publish(worldOf(), { ...place, name: 'main', annotations: { ...ours('policies', 'everyone'), ...alias } })
    const canary = { [`${NGINX}canary`]: 'true', [`${NGINX}canary-weight`]: '100' }
    await publish(worldOf(), { ...place, name: 'canary', annotations: canary })
    await untilRefused(visitor(), 'https://beside.example.com/')
    await untilRouted(visitor(), 'https://beside.example.com')
    expect((await visitor().open('https://beside.example.com/', 'alice')).status).toBe(200)
    expect((await visitor().ask('https://alias.example.com/')).status).toBe(403)
  })

  test('does not touch an auth-url of somebody else, and says so', async () => {
    const { kubernetes } = worldOf()
    const foreign = { [`${NGINX}auth-url`]: 'http://sso.example.com/check' }
    const annotations = { ...ours('policies', 'everyone'), ...foreign }
    await publish(worldOf(), { namespace: 'foreign', name: 'foreign', host: 'foreign.example.com', annotations })
    await until('an event says so', async () => {
      const events = await eventsAbout(kubernetes, ingressNamed('foreign', 'foreign'))
      return events.some(({ what }) => what.endsWith('AnnotationConflict'))
    })
    const now = (await kubernetes.get(ingressNamed('foreign', 'foreign')))!.metadata.annotations!
    expect(now[`${NGINX}auth-url`]).toBe('http://sso.example.com/check')
    expect(now[`${NGINX}auth-signin`]).toBeUndefined()
  })
}

/** Annotations that undo the check: with the first two the controller drops it, with the last it lets addresses past it. */
const UNDOING = {
  'auth-always-set-cookie': { [`${NGINX}auth-always-set-cookie`]: 'maybe' },
  'auth-request-redirect': { [`${NGINX}auth-request-redirect`]: 'not {one}' },
  satisfy: { [`${NGINX}satisfy`]: 'any', [`${NGINX}whitelist-source-range`]: '127.0.0.1/32' },
} as const

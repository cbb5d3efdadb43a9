import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openAs, shown, watch } from '../browser/visitor.ts'
import { type ChromiumPart, launchChromium } from '../parts/chromium.ts'
import {
  AUTH_HOST,
  CLUSTER_PROGRAMS,
  type ClusterWorld,
  certificateFor,
  startClusterWorld,
} from '../parts/cluster-world.ts'
import { needs } from '../parts/needs.ts'
import { until } from '../parts/until.ts'
import { createVisitor } from '../proxies/visitor.ts'
import { ingress, policy, serviceOf } from './objects.ts'
import { annotate, applicationNamed, conditionsOf, ingressNamed, labelled } from './reading.ts'

const GRAFANA = { namespace: 'monitoring', name: 'grafana' }
const WIKI = { namespace: 'docs', name: 'wiki' }
const PAGE = 'https://grafana.example.test/d/home?tab=1'
const ALICE = { email: 'alice@example.com' }

needs([...CLUSTER_PROGRAMS, 'chromium'], 'from an empty cluster to a protected app', () => {
  let world: ClusterWorld
  let chromium: ChromiumPart
  let context: BrowserContext
  let page: Page

  beforeAll(async () => {
    world = await startClusterWorld({ apps: ['grafana', 'wiki'] })
    chromium = await launchChromium({ hosts: { '*.example.test': world.traefik.ports.websecure } })
    context = await chromium.newContext()
    page = await context.newPage()
  }, 120_000)
  afterAll(async () => {
    await chromium?.stop()
    await world?.stop()
  })

  async function publish(app: typeof GRAFANA, host: string, policies: string): Promise<void> {
    const echo = world.apps.get(app.name)!
    await world.kubernetes.apply([
      serviceOf(app, echo),
      certificateFor(app.namespace, 'certificate'),
      ingress({ ...app, hosts: [host], port: echo.port, ours: { policies }, certificate: 'certificate' }),
    ])
  }

  /** Waits until a stranger is sent to the login, and from there to the auth host. */
  function untilAsked(origin: string): Promise<unknown> {
    const stranger = createVisitor(world.traefik.ports.websecure)
    return until(`${origin} asks`, async () => {
      const pages = [await stranger.ask(`${origin}/`), await stranger.ask(`${origin}/.gatehouse/login?rd=%2F`)]
      return pages.every(({ status }) => status === 302)
    })
  }

  test('a policy and one annotation put a login before the app', async () => {
    await world.kubernetes.ensureNamespace(GRAFANA.namespace)
    await world.kubernetes.apply(policy(GRAFANA.namespace, 'engineers', ALICE))
    const began = performance.now()
    await publish(GRAFANA, 'grafana.example.test', 'engineers')
    await untilAsked('https://grafana.example.test')

    expect(performance.now() - began).toBeLessThan(3_000)

    await openAs(page, 'alice', PAGE)
    const { method, url, headers } = await shown(page)
    expect([method, url]).toEqual(['GET', '/d/home?tab=1'])
    expect(headers).toMatchObject({
      'x-auth-request-email': 'alice@example.com',
      'x-auth-request-groups': 'engineering,oncall',
      'gatehouse-jwt-assertion': expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
    })
    expect(headers.cookie ?? '').not.toContain('gatehouse')
    for (const { status } of Object.values(
      await conditionsOf(world.kubernetes, applicationNamed('monitoring', 'grafana')),
    )) {
      expect(status).toBe('True')
    }
  })

  test('an edit of the policy shuts the page that is open within a second', async () => {
    await world.kubernetes.apply(policy(GRAFANA.namespace, 'engineers', { email: 'carol@example.com' }))
    const began = performance.now()
    const status = () => page.evaluate(async () => (await fetch('/d/home?tab=1')).status)
    await until('the page is refused', async () => (await status()) === 403, { timeoutMs: 5_000, everyMs: 5 })

    expect(performance.now() - began).toBeLessThan(1_000)

    await world.kubernetes.apply(policy(GRAFANA.namespace, 'engineers', ALICE))
    await until('the page is let in again', async () => (await status()) === 200, { timeoutMs: 5_000 })
  })

  test('the session holds for the app of another team, without another login', async () => {
    await world.kubernetes.ensureNamespace(WIKI.namespace)
    await world.kubernetes.apply(policy(WIKI.namespace, 'staff', { emailDomain: 'example.com' }))
    await publish(WIKI, 'wiki.example.test', 'staff')
    await untilAsked('https://wiki.example.test')

    const watched = watch(context)
    await page.goto('https://wiki.example.test/start')
    expect(page.url()).toBe('https://wiki.example.test/start')
    expect((await shown(page)).headers['x-auth-request-email']).toBe('alice@example.com')
    const hosts = new Set(watched.requests.map(({ url }) => new URL(url).hostname))
    expect([...hosts].sort()).toEqual([AUTH_HOST, 'wiki.example.test'])
    expect(watched.complaints).toEqual([])
  })

  test('without the annotation everything that was written is gone', async () => {
    const { kubernetes, traefik } = world
    const before = await labelled(kubernetes)
    expect(before.map((one) => one.split(' ', 1)[0])).toEqual([
      ...['accessapplications', 'accessapplications', 'ingresses', 'ingresses', 'middlewares', 'middlewares'],
    ])
    for (const [{ namespace, name }, host] of [
      [GRAFANA, 'grafana.example.test'],
      [WIKI, 'wiki.example.test'],
    ] as const) {
      const began = performance.now()
      await annotate(kubernetes, ingressNamed(namespace, name), { 'access.gatehouse.dev/policies': null })
      await until('nothing of ours is left', async () => {
        const left = await kubernetes.get(ingressNamed(namespace, name))
        return Object.keys(left?.metadata.annotations ?? {}).length === 0
      })
      await until('what was made for it is gone', async () =>
        (await labelled(kubernetes)).every((one) => !one.includes(name)),
      )

      expect(performance.now() - began).toBeLessThan(2_000)
      const anybody = createVisitor(traefik.ports.websecure)
      await until('the app is open', async () => (await anybody.ask(`https://${host}/`)).status === 200)
    }
    expect(await labelled(kubernetes)).toEqual([])
  })

  test('nothing was asked of the API server that the chart gives no right to', async () => {
    const requests = await world.audited()
    expect(requests.length).toBeGreaterThan(50)
    const refused = requests.filter(({ responseStatus }) => [401, 403].includes(responseStatus?.code ?? 0))
    expect(refused.map(({ verb, requestURI }) => `${verb} ${requestURI}`)).toEqual([])
  })
})

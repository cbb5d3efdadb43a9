import { afterAll, beforeAll, expect, test } from 'vitest'
import { startCaddy } from '../parts/caddy.ts'
import { testCertificate } from '../parts/certificate.ts'
import { needs } from '../parts/needs.ts'
import { startWorld, type World } from '../parts/world.ts'
import { attacks } from './attacks.ts'
import { documented } from './configuration.ts'
import type { Gateway, Traits } from './gateway.ts'
import { journey } from './journey.ts'
import { limits } from './limits.ts'
import { proxyWorld } from './manifests.ts'
import { createVisitor } from './visitor.ts'

const traits: Traits = {
  dialect: 'forward',
  refusesScripts: 'itself',
  unavailable: 503,
  closed: 502,
  showsReasons: true,
}

needs('caddy', 'Caddy, configured as the guide says,', () => {
  let gateway: Gateway
  beforeAll(async () => {
    gateway = await startGateway()
  })
  afterAll(() => gateway?.[Symbol.asyncDispose]())

  journey(() => gateway, traits)

  test('asks about its own host even where it trusts the proxy before it', async () => {
    const stranger = createVisitor(gateway.port)
    expect((await stranger.ask('https://open.wild.example.com/')).status).toBe(200)
    const forged = { headers: { 'X-Forwarded-Host': 'open.wild.example.com' } }
    expect((await stranger.ask('https://some.wild.example.com/', forged)).status).toBe(302)
  })

  attacks(() => gateway)
  limits(() => gateway, traits)
})

async function startGateway(): Promise<Gateway> {
  await using cleanup = new AsyncDisposableStack()
  const world = cleanup.use(await startWorld(proxyWorld))
  const caddy = cleanup.use(
    await startCaddy({ listeners: ['https', 'lonely'], caddyfile: (ports) => sites(world, ports) }),
  )
  const owned = cleanup.move()
  return {
    port: caddy.ports.https,
    lonelyPorts: [caddy.ports.lonely],
    world,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

/** The documented sites, and some that only a test has: without a route to the portal, with a wildcard, alone on a port. */
function sites(world: World, ports: Record<'https' | 'lonely', number>): string {
  const { check, portal } = world.gatehouse
  const tls = `tls ${testCertificate.certFile} ${testCertificate.keyFile}`
  const app = (name: string) => `127.0.0.1:${world.app(name).port}`
  const site = (address: string, uri: string, more = '') => `${address} {
	${tls}
	route {
		import gatehouse-before
		forward_auth ${check} {
			uri /forward/${uri}
			${more}
			import gatehouse-copy
		}
		import gatehouse-after
		reverse_proxy ${app('grafana')}
	}
}`
  const opening = (host: string) => [`${host} {`, `${host}:${ports.https} {\n\t${tls}`] as const
  const main = documented('caddy/Caddyfile', {
    ...Object.fromEntries(['auth.example.com', 'grafana.example.com', 'shop.example.com'].map(opening)),
    '127.0.0.1:8080': portal,
    '127.0.0.1:8181': check,
    '127.0.0.1:3000': app('grafana'),
    '127.0.0.1:3001': app('web'),
    '127.0.0.1:3002': app('api'),
  })
  return [
    main,
    site(`unrouted.example.com:${ports.https}`, 'app/lab/unrouted'),
    site(`sparing.example.com:${ports.https}`, 'app/lab/sparing'),
    site(`*.wild.example.com:${ports.https}`, 'host', 'trusted_proxies 127.0.0.1/8'),
    site(`https://:${ports.lonely}`, 'app/monitoring/grafana'),
  ].join('\n')
}

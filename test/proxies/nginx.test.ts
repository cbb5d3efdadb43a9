import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { testCertificate } from '../parts/certificate.ts'
import { needs } from '../parts/needs.ts'
import { startNginx } from '../parts/nginx.ts'
import { startWorld, type World } from '../parts/world.ts'
import { attacks } from './attacks.ts'
import { documented } from './configuration.ts'
import { checksCounted, type Gateway, reachedApps, type Traits } from './gateway.ts'
import { journey } from './journey.ts'
import { limits } from './limits.ts'
import { proxyWorld } from './manifests.ts'
import { createVisitor } from './visitor.ts'

const traits: Traits = {
  dialect: 'nginx',
  refusesScripts: 'itself',
  unavailable: 503,
  closed: 503,
  showsReasons: false,
}

needs('nginx', 'nginx, configured as the guide says,', () => {
  let gateway: Gateway
  beforeAll(async () => {
    gateway = await startGateway()
  })
  afterAll(() => gateway?.[Symbol.asyncDispose]())

  journey(() => gateway, traits)

  test('shuts a location that names no application', async () => {
    const before = reachedApps(gateway)
    const answer = await createVisitor(gateway.port).ask('https://forgotten.example.com/')
    expect(answer.status).toBe(403)
    expect(reachedApps(gateway)).toBe(before)
    expect(await checksCounted(gateway, { reason: 'dialect-unknown' })).toBe(1)
  })

  test('lets Gatehouse choose the application by host where the site says so', async () => {
    const alice = createVisitor(gateway.port)
    expect((await alice.ask('https://open.wild.example.com/')).status).toBe(200)
    expect((await alice.ask('https://some.wild.example.com/')).status).toBe(302)
    expect((await alice.open('https://some.wild.example.com/x?y=1', 'alice')).url.search).toBe('?y=1')
  })

  test('has words of its own for a refusal, since those of the check do not come through', async () => {
    const alice = createVisitor(gateway.port)
    await alice.open('https://shop.example.com/', 'alice')
    const refused = await alice.ask('https://shop.example.com/', { method: 'DELETE' })
    expect(refused.status).toBe(403)
    expect(refused.headers['content-type']).toMatch(/^text\/html/)
    expect(refused.headers['cache-control']).toBe('no-store')
    expect(refused.body).toContain('href="/.gatehouse/logout"')
    expect((await alice.ask('https://shop.example.com/.gatehouse/logout')).status).toBe(200)
  })

  attacks(() => gateway)
  limits(() => gateway, traits)
})

async function startGateway(): Promise<Gateway> {
  await using cleanup = new AsyncDisposableStack()
  const world = cleanup.use(await startWorld(proxyWorld))
  const nginx = cleanup.use(
    await startNginx({
      listeners: ['https', 'lonely'],
      http: async (ports, directory) => {
        await writeDocumented(directory, world)
        return `include gatehouse-http.conf;\n${sites(world, ports)}`
      },
    }),
  )
  const owned = cleanup.move()
  return {
    port: nginx.ports.https,
    lonelyPorts: [nginx.ports.lonely],
    world,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

async function writeDocumented(directory: string, { gatehouse }: World): Promise<void> {
  const addresses = { '127.0.0.1:8181': gatehouse.check, '127.0.0.1:8080': gatehouse.portal }
  await writeFile(join(directory, 'gatehouse-http.conf'), documented('nginx/gatehouse-http.conf', addresses))
  for (const name of ['gatehouse.conf', 'gatehouse-headers.conf', 'gatehouse-portal.conf']) {
    await writeFile(join(directory, name), documented(`nginx/${name}`, {}))
  }
  const withoutRoute = documented('nginx/gatehouse.conf', { 'location ^~ /.gatehouse/': 'location ^~ /.nowhere/' })
  await writeFile(join(directory, 'unrouted.conf'), withoutRoute)
}

/** The documented sites, and some that only a test has: without a route to the portal, with a wildcard, alone on a port. */
function sites(world: World, ports: Record<'https' | 'lonely', number>): string {
  const app = (name: string) => `127.0.0.1:${world.app(name).port}`
  const tls = `ssl_certificate ${testCertificate.certFile}; ssl_certificate_key ${testCertificate.keyFile};`
  const server = (port: number, name: string, protects: string, include = 'gatehouse.conf') => `
server {
  listen 127.0.0.1:${port} ssl;
  server_name ${name};
  ${tls}
  set $gatehouse_protects ${protects};
  include ${include};
  location / { proxy_pass http://${app('grafana')}; }
}`
  const main = documented('nginx/sites.conf', {
    'listen 443': `listen 127.0.0.1:${ports.https}`,
    '/etc/nginx/tls/example.com.crt': testCertificate.certFile,
    '/etc/nginx/tls/example.com.key': testCertificate.keyFile,
    '127.0.0.1:3000': app('grafana'),
    '127.0.0.1:3001': app('web'),
    '127.0.0.1:3002': app('api'),
  })
  return [
    main,
    server(ports.https, 'unrouted.example.com', 'app/lab/unrouted', 'unrouted.conf'),
    server(ports.https, '*.wild.example.com', 'host'),
    server(ports.https, 'sparing.example.com', 'app/lab/sparing'),
    server(ports.https, 'forgotten.example.com', "''"),
    server(ports.lonely, 'grafana.example.com', 'app/monitoring/grafana'),
  ].join('\n')
}

import { afterAll, beforeAll } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { testCertificate } from '../parts/certificate.ts'
import { needs } from '../parts/needs.ts'
import { startNginx } from '../parts/nginx.ts'
import { startWorld, type World } from '../parts/world.ts'
import { attacks } from './attacks.ts'
import { repositoryFile } from './configuration.ts'
import type { Gateway, Traits } from './gateway.ts'
import { httpDirectives, type Ingress, ingressSchema, serverBlocks } from './ingress-nginx-controller.ts'
import { journey } from './journey.ts'
import { limits } from './limits.ts'
import { proxyWorld } from './manifests.ts'

const traits: Traits = {
  dialect: 'ingress-nginx',
  refusesScripts: 'by the portal',
  unavailable: 500,
  closed: 500,
  showsReasons: false,
}

needs('nginx', 'nginx with the directives that ingress-nginx makes of the documented annotations', () => {
  let gateway: Gateway
  beforeAll(async () => {
    gateway = await startGateway()
  })
  afterAll(() => gateway?.[Symbol.asyncDispose]())

  journey(() => gateway, traits)
  attacks(() => gateway)
  limits(() => gateway, traits)
})

async function startGateway(): Promise<Gateway> {
  await using cleanup = new AsyncDisposableStack()
  const world = cleanup.use(await startWorld(proxyWorld))
  const nginx = cleanup.use(
    await startNginx({ listeners: ['https', 'lonely'], http: (ports) => configuration(world, ports) }),
  )
  const owned = cleanup.move()
  return {
    port: nginx.ports.https,
    lonelyPorts: [nginx.ports.lonely],
    world,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

/** The documented Ingresses, and more of the same kind: for the shop, without a route to the portal, with a wildcard. */
function configuration(world: World, ports: Record<'https' | 'lonely', number>): string {
  const [authHost, configMap] = documents('gatehouse.yaml')
  const [grafana, portal] = documents('application.yaml').map((one) => ingressSchema.parse(one))
  if (grafana === undefined || portal === undefined) throw new Error('application.yaml no longer holds two Ingresses')
  const ingresses = [
    ingressSchema.parse(authHost),
    grafana,
    portal,
    like(portal, { host: 'shop.example.com' }),
    like(grafana, { host: 'shop.example.com', application: 'shop/web', service: 'web' }),
    like(grafana, { host: 'shop.example.com', path: '/api', application: 'shop/api', service: 'api' }),
    like(grafana, { host: 'shop.example.com', path: '/public', application: 'shop/public', service: 'web' }),
    like(grafana, { host: 'unrouted.example.com', application: 'lab/unrouted' }),
    like(grafana, { host: 'sparing.example.com', application: 'lab/sparing' }),
    like(grafana, { host: '*.wild.example.com', application: 'lab/wildcard' }),
  ]
  const services = new Map([
    ['gatehouse-portal', world.gatehouse.portal],
    ...[...world.apps].map(([name, { port }]) => [name, `127.0.0.1:${port}`] as const),
  ])
  const surroundings = (port: number) => ({
    listen: `listen 127.0.0.1:${port} ssl;`,
    backend: (service: string) => services.get(service) ?? 'unknown',
    resolve: (url: string) => url.replace('gatehouse-check.gatehouse.svc.cluster.local:8181', world.gatehouse.check),
  })
  const buffers: unknown = Object(configMap).data['large-client-header-buffers']
  return `
${httpDirectives(String(buffers))}
ssl_certificate ${testCertificate.certFile};
ssl_certificate_key ${testCertificate.keyFile};
server { listen 127.0.0.1:${ports.https} ssl default_server; server_name _; location / { return 404; } }
${serverBlocks(ingresses, surroundings(ports.https))}
${serverBlocks([grafana], surroundings(ports.lonely))}`
}

function documents(name: string): unknown[] {
  return parseAllDocuments(repositoryFile(`manifests/proxies/ingress-nginx/${name}`)).map((one) => one.toJS())
}

/** The same Ingress for another place and application. */
function like(
  ingress: Ingress,
  to: { readonly host: string; readonly path?: string; readonly application?: string; readonly service?: string },
): Ingress {
  const text = JSON.stringify(ingress)
    .replaceAll('grafana.example.com', to.host)
    .replaceAll('/monitoring/grafana', `/${to.application ?? ''}`)
    .replace('"path":"/"', `"path":"${to.path ?? '/'}"`)
    .replace('"name":"grafana","port"', `"name":"${to.service ?? 'grafana'}","port"`)
  return ingressSchema.parse(JSON.parse(text))
}

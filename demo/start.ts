import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, get, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { json } from 'node:stream/consumers'
import { compose } from '../src/compose.ts'
import { loadConfig } from '../src/config/load.ts'
import { formatProblems } from '../src/config/problem.ts'
import { audienceOf } from '../src/resources/applications.ts'
import { createVerify } from './apps/assertion.ts'
import { reports } from './apps/reports.ts'
import { whoami } from './apps/whoami.ts'
import { type Account, type OpenIdProvider, startOpenIdProvider } from './openid-provider.ts'
import { DEFAULT_PORTS, type Ports } from './ports.ts'
import { type Routes, startProxy } from './proxy.ts'

/** Whom one may log in as. */
const PEOPLE = [person('alice', 'Alice Archer', 'engineering'), person('bob', 'Bob Baker', 'sales')]

function person(sub: string, name: string, group: string): Account {
  return { sub, name, preferred_username: sub, email: `${sub}@example.com`, email_verified: true, groups: [group] }
}

const PROVIDERS = { company: 'Example Company', partners: 'Example Partners' } as const

/** Everything, running. */
export interface Demo {
  /** URL of the auth host. */
  readonly auth: string
  readonly whoami: string
  readonly reports: string
  readonly metrics: string
  /** Where the apps listen themselves, which only the proxy should know. */
  readonly behindTheProxy: { readonly whoami: number; readonly reports: number }
  /** The resources in force; what is changed here is gone with the demo. */
  readonly resourcesDirectory: string
  /** Ends everything and removes all that was written. */
  readonly stop: (signal: string) => Promise<void>
}

/**
 * Starts Gatehouse, two providers, two apps and the proxy, all on 127.0.0.1. Keys, secrets and a copy of the resources are
 * in a directory of its own. If something cannot start, nothing is left behind.
 *
 * @param logLevel Gatehouse's; default: the configuration's
 */
export async function startDemo(ports: Ports, logLevel?: string): Promise<Demo> {
  await using cleanup = new AsyncDisposableStack()
  const directory = await mkdtemp(join(tmpdir(), 'gatehouse-demo-'))
  cleanup.defer(() => rm(directory, { recursive: true, force: true, maxRetries: 3 }))

  let routes: Routes | undefined
  const proxy = await startProxy(ports.proxy, () => routes)
  cleanup.defer(proxy.close)
  const origin = (name: string) => `http://${name}.localhost:${proxy.port}`
  const auth = origin('auth')

  const company = cleanup.use(await startProvider('company', ports.company, auth, directory))
  const partners = cleanup.use(await startProvider('partners', ports.partners, auth, directory))
  const resourcesDirectory = join(directory, 'resources')
  await copyResources(resourcesDirectory, { company, partners })

  const gatehouse = await startGatehouse({
    GATEHOUSE_AUTH_URL: auth,
    GATEHOUSE_LISTENERS_CHECK_PORT: String(ports.check),
    GATEHOUSE_LISTENERS_PORTAL_PORT: String(ports.portal),
    GATEHOUSE_LISTENERS_OPS_PORT: String(ports.ops),
    GATEHOUSE_RESOURCES_DIRECTORY: resourcesDirectory,
    GATEHOUSE_RESOURCES_SECRETS_DIRECTORY: join(directory, 'secrets'),
    GATEHOUSE_KEYS_FILE: join(directory, 'keys.json'),
    GATEHOUSE_LOG_LEVEL: logLevel,
  })
  let signal = 'end of the demo'
  cleanup.defer(() => gatehouse.stop(signal))
  const [check, portal] = [portOf(gatehouse.addresses.check), portOf(gatehouse.addresses.portal)]

  const links = {
    apps: { 'Who am I?': `${origin('whoami')}/`, Reports: `${origin('reports')}/` },
    launcher: `${auth}/`,
  }
  const verifierFor = (application: string) => {
    const hashHex = (text: string) => createHash('sha256').update(text).digest('hex')
    const audience = audienceOf('demo', application, { issuer: auth, hashHex })
    return createVerify({ issuer: auth, audience, readKeys: () => readKeys(portal, new URL(auth).host) })
  }
  const whoamiApp = await startApp(whoami({ verify: verifierFor('whoami'), links }), cleanup)
  const reportsApp = await startApp(
    reports({ verify: verifierFor('reports'), verifyApi: verifierFor('reports-api'), links }),
    cleanup,
  )
  const apps = new Map([
    ['whoami.localhost', whoamiApp],
    ['reports.localhost', reportsApp],
  ])
  routes = { authHost: 'auth.localhost', portal, check, apps }

  const owned = cleanup.move()
  return {
    auth,
    whoami: origin('whoami'),
    reports: origin('reports'),
    metrics: `http://${gatehouse.addresses.ops}/metrics`,
    behindTheProxy: { whoami: whoamiApp, reports: reportsApp },
    resourcesDirectory,
    async stop(reason) {
      signal = reason
      await owned.disposeAsync()
    },
  }
}

async function startProvider(name: keyof typeof PROVIDERS, port: number, auth: string, directory: string) {
  const clientSecret = randomBytes(32).toString('base64url')
  await mkdir(join(directory, 'secrets', name), { recursive: true })
  await writeFile(join(directory, 'secrets', name, 'client-secret'), clientSecret, { mode: 0o600 })
  const client = {
    clientId: 'gatehouse',
    clientSecret,
    redirectUris: [`${auth}/callback/${name}`],
    postLogoutRedirectUris: [`${auth}/logout`],
  }
  return startOpenIdProvider({ port, accounts: PEOPLE, clients: [client], title: PROVIDERS[name], listsAccounts: true })
}

/** Copies the resources and puts the providers' addresses of this run into them. */
async function copyResources(to: string, providers: Readonly<Record<keyof typeof PROVIDERS, OpenIdProvider>>) {
  await cp(join(import.meta.dirname, 'resources'), to, { recursive: true })
  for (const file of await readdir(to)) {
    let text = await readFile(join(to, file), 'utf8')
    for (const name of ['company', 'partners'] as const) {
      text = text.replaceAll(`http://localhost:${DEFAULT_PORTS[name]}`, providers[name].issuer)
    }
    await writeFile(join(to, file), text)
  }
}

async function startGatehouse(env: Readonly<Record<string, string | undefined>>) {
  const loaded = await loadConfig({
    file: 'gatehouse.yaml',
    cwd: import.meta.dirname,
    env,
    readFile: (path) => readFile(path, 'utf8'),
  })
  if (!loaded.ok) throw new Error(`The demo's configuration is not valid.\n${formatProblems(loaded.problems)}`)
  return compose(loaded.config, { version: 'demo' })
}

async function startApp(app: (...call: Parameters<RequestListener>) => Promise<void>, cleanup: AsyncDisposableStack) {
  const server = createServer((request, response) => {
    app(request, response).catch(() => response.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  cleanup.defer(async () => {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  })
  return (server.address() as AddressInfo).port
}

/** Not every system resolves names below localhost, so the auth host is asked for at the address it is known to be at. */
async function readKeys(port: number, host: string): Promise<unknown> {
  const request = get({ host: '127.0.0.1', port, path: '/.well-known/jwks.json', headers: { host } })
  const [response] = await once(request, 'response')
  return json(response)
}

function portOf(address: string): number {
  return Number(address.slice(address.lastIndexOf(':') + 1))
}

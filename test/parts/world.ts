import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { compose, type Service } from '../../src/compose.ts'
import { loadConfig } from '../../src/config/load.ts'
import { formatProblems } from '../../src/config/problem.ts'
import { testCertificatePem, trustTestAuthority } from './certificate.ts'
import { temporaryDirectory } from './directory.ts'
import { type EchoApp, startEchoApp } from './echo-app.ts'
import { type Account, type OpenIdProvider, startOpenIdProvider } from './openid-provider.ts'

/** An OpenID provider of the world; an IdentityProvider of the same name is made for it. */
export interface WorldProvider {
  readonly displayName?: string
  readonly accounts: readonly Account[]
  /** Further fields of `spec.oidc`, e.g. `{ responseMode: 'FormPost' }`. */
  readonly oidc?: Readonly<Record<string, unknown>>
}

export interface WorldSettings {
  /**
   * URL of the auth host as browsers see it, e.g. `https://auth.example.com` or `http://auth.localhost:18000`. With http
   * Gatehouse runs in development mode; with https the providers speak https too, and this process trusts their
   * certificate from then on.
   */
  readonly authUrl: string
  /** Manifests of applications, policies and groups, as YAML text. */
  readonly resources: string
  /** By name. Default: `company`, with `alice` (engineering) and `bob` (sales). */
  readonly providers?: Readonly<Record<string, WorldProvider>>
  /** Top-level settings of the configuration, in place of the world's own, e.g. `{ log: { level: 'info' } }`. */
  readonly config?: Readonly<Record<string, unknown>>
  /** Names of the apps. Default: one, `app`. */
  readonly apps?: readonly string[]
  /** The store's settings. Default: memory. */
  readonly store?: Readonly<Record<string, unknown>>
}

/** Gatehouse with the providers and apps around it; only the proxy is missing. */
export interface World extends AsyncDisposable {
  /** `127.0.0.1:port` of each listener. */
  readonly gatehouse: Service['addresses']
  readonly authUrl: string
  readonly providers: ReadonlyMap<string, OpenIdProvider>
  readonly apps: ReadonlyMap<string, EchoApp>
  /** The app of this name (default `app`). Throws if there is none. */
  app(name?: string): EchoApp
  /** Replaces the manifests; poll until they are in force. */
  replaceResources(resources: string): Promise<void>
  /** The metrics of now, in Prometheus' text format. */
  metrics(): Promise<string>
  /** Ends Gatehouse alone. Harmless when repeated. */
  stopGatehouse(): Promise<void>
  /** Ends everything. */
  stop(): Promise<void>
}

export const ALICE: Account = {
  sub: 'alice',
  email: 'alice@example.com',
  email_verified: true,
  name: 'Alice Example',
  preferred_username: 'alice',
  groups: ['engineering', 'oncall'],
}
export const BOB: Account = {
  sub: 'bob',
  email: 'bob@example.com',
  email_verified: true,
  name: 'Bob Example',
  preferred_username: 'bob',
  groups: ['sales'],
}

const CLIENT_SECRET = 'Vq3pT9-bR7xWm2Zk8sYd'

/** Starts a whole Gatehouse from a configuration file and manifests in a directory of its own, and what it needs. */
export async function startWorld(settings: WorldSettings): Promise<World> {
  await using cleanup = new AsyncDisposableStack()
  const { path: directory } = cleanup.use(await temporaryDirectory('world'))
  const apps = new Map<string, EchoApp>()
  for (const name of settings.apps ?? ['app']) apps.set(name, cleanup.use(await startEchoApp()))
  const providers = await startProviders(settings, cleanup)
  await writeFiles(directory, settings, providers)

  const loaded = await loadConfig({
    file: 'gatehouse.yaml',
    cwd: directory,
    env: {},
    readFile: (path) => readFile(path, 'utf8'),
  })
  if (!loaded.ok) throw new Error(`the world's configuration is not valid\n${formatProblems(loaded.problems)}`)
  const service = await compose(loaded.config, { version: '0.0.0-test' })
  let stopping: Promise<void> | undefined
  const stopGatehouse = () => {
    stopping ??= service.stop('SIGTERM')
    return stopping
  }
  cleanup.defer(stopGatehouse)

  const owned = cleanup.move()
  const stop = () => owned.disposeAsync()
  return {
    gatehouse: service.addresses,
    authUrl: settings.authUrl,
    providers,
    apps,
    app(name = 'app') {
      const app = apps.get(name)
      if (app === undefined) throw new Error(`the world has no app ${name}`)
      return app
    },
    replaceResources: (resources) => writeFile(join(directory, 'resources', 'apps.yaml'), resources),
    metrics: async () => (await fetch(`http://${service.addresses.ops}/metrics`)).text(),
    stopGatehouse,
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

function providerSettings({ providers }: WorldSettings): Readonly<Record<string, WorldProvider>> {
  return providers ?? { company: { displayName: 'Example Company', accounts: [ALICE, BOB] } }
}

async function startProviders(
  settings: WorldSettings,
  cleanup: AsyncDisposableStack,
): Promise<ReadonlyMap<string, OpenIdProvider>> {
  const isSecure = settings.authUrl.startsWith('https:')
  if (isSecure) trustTestAuthority()
  const started = new Map<string, OpenIdProvider>()
  for (const [name, { accounts, displayName }] of Object.entries(providerSettings(settings))) {
    const provider = await startOpenIdProvider({
      accounts,
      title: displayName ?? name,
      clients: [
        {
          clientId: 'gatehouse',
          clientSecret: CLIENT_SECRET,
          redirectUris: [`${settings.authUrl}/callback/${name}`],
          postLogoutRedirectUris: [`${settings.authUrl}/logout`],
        },
      ],
      ...(isSecure ? { tls: testCertificatePem() } : {}),
    })
    started.set(name, cleanup.use(provider))
  }
  return started
}

async function writeFiles(
  directory: string,
  settings: WorldSettings,
  providers: ReadonlyMap<string, OpenIdProvider>,
): Promise<void> {
  const manifests = Object.entries(providerSettings(settings)).map(([name, { displayName, oidc }]) => ({
    apiVersion: 'access.gatehouse.dev/v1alpha1',
    kind: 'IdentityProvider',
    metadata: { name },
    spec: {
      ...(displayName === undefined ? {} : { displayName }),
      type: 'OIDC',
      oidc: {
        issuer: providers.get(name)?.issuer,
        clientID: 'gatehouse',
        clientSecretRef: { name: 'openid-client', key: 'secret' },
        ...oidc,
      },
    },
  }))
  const config = {
    auth: { url: settings.authUrl },
    development: settings.authUrl.startsWith('http:'),
    listeners: Object.fromEntries(
      ['check', 'portal', 'ops'].map((listener) => [listener, { host: '127.0.0.1', port: 0 }]),
    ),
    resources: { directory: 'resources', secretsDirectory: 'secrets', pollInterval: '100ms' },
    store: settings.store ?? { type: 'Memory' },
    keys: { file: 'keys.json' },
    log: { level: 'error' },
    audit: { output: 'Off' },
    shutdown: { notReadyDelay: '0s', timeout: '2s' },
    ...settings.config,
  }
  await mkdir(join(directory, 'resources'))
  await mkdir(join(directory, 'secrets', 'openid-client'), { recursive: true })
  await writeFile(join(directory, 'secrets', 'openid-client', 'secret'), CLIENT_SECRET)
  await writeFile(join(directory, 'resources', 'providers.yaml'), manifests.map((one) => stringify(one)).join('---\n'))
  await writeFile(join(directory, 'resources', 'apps.yaml'), settings.resources)
  await writeFile(join(directory, 'gatehouse.yaml'), stringify(config))
}

import { mkdtemp } from 'node:fs/promises'
import { get } from 'node:http'
import { join } from 'node:path'
import { json } from 'node:stream/consumers'
import type { JSONWebKeySet } from 'jose'
import type { BrowserContext } from 'playwright-core'
import { startCaddy } from '../parts/caddy.ts'
import { type ChromiumPart, launchChromium, launchProfile } from '../parts/chromium.ts'
import { temporaryDirectory } from '../parts/directory.ts'
import { startNginx } from '../parts/nginx.ts'
import { startWorld, type World } from '../parts/world.ts'
import { AUTH_HOST, manifests, PROVIDERS } from './manifests.ts'
import { caddySites, nginxSites, type Upstreams } from './sites.ts'

export type ProxyName = 'caddy' | 'nginx'

/** Everything that a person in front of a browser meets: two domains over https, a real proxy, real providers. */
export interface Scene extends AsyncDisposable {
  readonly world: World
  readonly chromium: ChromiumPart
  /** The file with the keys of Gatehouse. */
  readonly keyFile: string
  /** The keys that Gatehouse publishes. */
  publicKeys(): Promise<JSONWebKeySet>
  /** A browser of its own that blocks the cookies of these hosts. Close it to end it. */
  openWithoutCookiesOf(...hosts: readonly string[]): Promise<BrowserContext>
}

/** Starts everything. `store` (default: memory) and `config` are settings of the configuration. */
export async function startScene({
  proxy = 'caddy',
  store,
  config = {},
}: {
  readonly proxy?: ProxyName
  readonly store?: Readonly<Record<string, unknown>>
  readonly config?: Readonly<Record<string, unknown>>
} = {}): Promise<Scene> {
  await using cleanup = new AsyncDisposableStack()
  const { path: directory } = cleanup.use(await temporaryDirectory('scene'))
  const keyFile = join(directory, 'keys.json')
  const world = cleanup.use(
    await startWorld({
      authUrl: `https://${AUTH_HOST}`,
      resources: manifests(),
      providers: PROVIDERS,
      config: { keys: { file: keyFile }, ...config },
      ...(store === undefined ? {} : { store }),
    }),
  )
  const { check, portal } = world.gatehouse
  const upstreams = { check, portal, app: `127.0.0.1:${world.app().port}` }
  const port = proxy === 'caddy' ? await withCaddy(upstreams, cleanup) : await withNginx(upstreams, cleanup)
  const hosts = { '*.example.test': port, '*.other.test': port }
  const chromium = cleanup.use(await launchChromium({ hosts }))

  const owned = cleanup.move()
  return {
    world,
    chromium,
    keyFile,
    publicKeys: () => keysAt(portal),
    async openWithoutCookiesOf(...blocked) {
      const exceptions = blocked.map((host) => [`https://${host}:443,*`, { setting: 2 }])
      const preferences = { profile: { content_settings: { exceptions: { cookies: Object.fromEntries(exceptions) } } } }
      return launchProfile(await mkdtemp(join(directory, 'profile-')), preferences, { hosts })
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

async function withCaddy(upstreams: Upstreams, cleanup: AsyncDisposableStack): Promise<number> {
  const caddyfile = (ports: { readonly https: number }) => caddySites(ports.https, upstreams)
  return cleanup.use(await startCaddy({ listeners: ['https'], caddyfile })).ports.https
}

async function withNginx(upstreams: Upstreams, cleanup: AsyncDisposableStack): Promise<number> {
  const http = (ports: { readonly https: number }, directory: string) => nginxSites(ports.https, directory, upstreams)
  return cleanup.use(await startNginx({ listeners: ['https'], http })).ports.https
}

/** `fetch` sends no other host than that of the URL. */
function keysAt(portal: string): Promise<JSONWebKeySet> {
  const { promise, resolve, reject } = Promise.withResolvers<JSONWebKeySet>()
  get(`http://${portal}/.well-known/jwks.json`, { headers: { host: AUTH_HOST } }, (response) => {
    json(response).then((body) => resolve(body as JSONWebKeySet), reject)
  }).once('error', reject)
  return promise
}

import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { temporaryDirectory } from '../test/parts/directory.ts'
import { type HostileProvider, startHostileProvider } from '../test/parts/hostile-provider.ts'
import { type Account, type OpenIdProvider, startOpenIdProvider } from '../test/parts/openid-provider.ts'
import { freePort } from '../test/parts/port.ts'
import { createLetBeDue, type LetBeDue } from './let-be-due.ts'
import { ADMIN_TOKEN, CLIENT, type Manifest, manifests, registrationFor } from './places.ts'
import { type Replica, startReplica } from './replica.ts'
import { type RotatingProvider, startRotatingProvider } from './rotating-provider.ts'
import { type StoreName, storeForms } from './stores/index.ts'
import type { StoreForm } from './stores/store-form.ts'

/** Everything that runs: three replicas of Gatehouse, a store, an honest provider and a hostile one. */
export interface Scene extends AsyncDisposable {
  /** URL of the auth host; the public hosts of the apps have the same port. */
  readonly authUrl: URL
  readonly replicas: readonly Replica[]
  readonly store: StoreForm
  readonly provider: OpenIdProvider
  readonly hostile: HostileProvider
  readonly rotating: RotatingProvider
  readonly letBeDue: LetBeDue
  /** Names that can sign in at the honest provider; the email address of each is `<name>@example.com`. */
  readonly people: readonly string[]
  /** The accounts of these people, as the provider has them at any time. */
  readonly accounts: readonly Account[]
  /** The keys that all replicas share. */
  readonly keyFile: string
}

export interface SceneSettings {
  readonly store: StoreName
  /** Further arguments of the Redis servers. */
  readonly storeArgs?: readonly string[]
  /** Further settings of `store.redis`. */
  readonly redis?: Readonly<Record<string, unknown>>
  /** Top-level settings of Gatehouse's configuration. */
  readonly config?: Readonly<Record<string, unknown>>
  readonly maxStalenessMs: number
  /** The manifests to use in place of those given. */
  readonly amend?: (objects: readonly Manifest[]) => readonly Manifest[]
}

/** How long a session and a token last, in seconds. */
export const LIFETIME_SECONDS = 3600
const REPLICAS = 3
const PEOPLE = 40

/** Starts everything and waits until every replica is ready. */
export async function openScene(settings: SceneSettings): Promise<Scene> {
  await using cleanup = new AsyncDisposableStack()
  const { path: directory } = cleanup.use(await temporaryDirectory('faults'))
  const authUrl = new URL(`http://auth.localhost:${await freePort()}`)
  const people = Array.from({ length: PEOPLE }, (_, index) => `person-${index}`)
  const accounts = people.map((sub) => ({ sub, email: `${sub}@example.com`, email_verified: true }))
  const provider = cleanup.use(
    await startOpenIdProvider({
      accounts,
      clients: [registrationFor(authUrl)],
    }),
  )
  const hostile = cleanup.use(await startHostileProvider())
  const rotating = cleanup.use(await startRotatingProvider(Math.random))
  const store = cleanup.use(await storeForms[settings.store](settings.storeArgs))

  const resources = join(directory, 'resources')
  await mkdir(resources)
  await mkdir(join(directory, 'secrets', 'client'), { recursive: true })
  await writeFile(join(directory, 'secrets', 'client', 'secret'), CLIENT.clientSecret)
  const adminTokenFile = join(directory, 'admin-token')
  await writeFile(adminTokenFile, ADMIN_TOKEN, { mode: 0o600 })
  const plain = manifests({ company: provider.issuer, hostile: hostile.issuer, rotating: rotating.issuer })
  const objects = settings.amend?.(plain) ?? plain
  const keyFile = join(directory, 'keys.json')
  await writeFile(join(resources, 'all.yaml'), objects.map((object) => `${JSON.stringify(object)}\n`).join('---\n'))

  const config = {
    auth: { url: authUrl.origin },
    development: true,
    resources: { directory: resources, secretsDirectory: join(directory, 'secrets') },
    // Three replicas, Redis, clients and the provider share a few cores: a turn may be long in coming.
    store: { type: 'Redis', redis: { ...store.settings, commandTimeout: '250ms', ...settings.redis } },
    keys: { file: keyFile, rotate: false },
    sessions: { duration: `${LIFETIME_SECONDS}s` },
    tokens: { appTokenLifetime: `${LIFETIME_SECONDS}s` },
    revocation: { maxStaleness: `${settings.maxStalenessMs}ms` },
    log: { level: 'warn' },
    shutdown: { notReadyDelay: '0s', timeout: '2s' },
    ...settings.config,
  }
  const replica = async (number: number) =>
    startReplica({
      name: `replica-${number}`,
      address: `127.0.7.${100 + number}`,
      directory,
      config,
      adminTokenFile,
    })
  // The first one makes the keys.
  const first = cleanup.use(await replica(1))
  const others = await Promise.all(Array.from({ length: REPLICAS - 1 }, (_, index) => replica(index + 2)))
  const replicas = [first, ...others.map((other) => cleanup.use(other))]

  const owned = cleanup.move()
  return {
    authUrl,
    replicas,
    store,
    provider,
    hostile,
    rotating,
    letBeDue: await createLetBeDue(store, keyFile),
    people,
    accounts,
    keyFile,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

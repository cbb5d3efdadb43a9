import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { createAuthenticate } from './check/authenticate.ts'
import { createCheck } from './check/check.ts'
import { appTokens } from './check/credentials/app-token.ts'
import { dialects } from './check/dialects/index.ts'
import { checkServer } from './check/listener.ts'
import { createReader, type Reader } from './check/read.ts'
import { createRender } from './check/render.ts'
import type { Config } from './config/schema.ts'
import type { LoginPorts } from './login/login-ports.ts'
import { createEvents } from './observe/create-events.ts'
import type { Events } from './observe/events.ts'
import { createLog } from './observe/log.ts'
import { createMetrics, type Metrics } from './observe/metrics.ts'
import { startOpsListener } from './observe/ops-listener.ts'
import { type PublicUrls, publicUrls } from './policy/public-url.ts'
import { createPortal } from './portal/portal.ts'
import { createProviders, type Providers } from './providers/index.ts'
import { createSessionCache } from './sessions/cache.ts'
import { createAssertions } from './tokens/assertion.ts'
import { keySetFromFile, parseKeySet } from './tokens/file.ts'
import { type KeyRing, keyRing } from './tokens/key-ring.ts'

/** Tokens, assertions and sessions that a replica remembers. The least recently used go first. */
const MAX_REMEMBERED = 200_000

/** Gatehouse, running. */
export interface Service {
  readonly addresses: { readonly check: Listening; readonly portal: Listening; readonly ops: string }
  /** Not ready first, then no new requests, then the end; resolves when everything is closed. */
  readonly stop: (signal: string) => Promise<void>
  readonly events: Events
}

/**
 * Makes a running service out of a configuration: the one place where rooms meet. Rejects if a key or a listener cannot be
 * had; a store, a provider or a resource that is not there yet does not hinder the start.
 */
export async function compose(config: Config, options: { readonly version: string }): Promise<Service> {
  const urls = publicUrls(new URL(config.auth.url))
  const cookieStyle = { prefix: config.development ? '' : '__Host-', isSecure: !config.development }
  const { metrics, events } = observe(config, options.version, (key) => served.policySet()?.applications.has(key) === true)
  if (config.development) events.developmentMode({ authUrl: config.auth.url })

  const ring = await keyRing(await keySet(config, events))
  const stores = await openStores(config, events)
  const sessionCache = createSessionCache({
    store: stores.sessions,
    now: Date.now,
    settings: { maxStalenessMs: config.revocation.maxStalenessMs, maxEntries: MAX_REMEMBERED },
  })
  const providers = createProviders({ events, now: Date.now, allowHttpLocalhost: config.development })
  const served: ServedResources = await serveDirectory(config, { urls, cookiePrefix: cookieStyle.prefix, providers, events })

  const login: LoginPorts = {
    urls,
    policySet: served.policySet,
    providers,
    sessions: stores.sessions,
    sessionCache,
    codes: stores.codes,
    keyRing: () => ring,
    cookieStyle,
    sessionSeconds: config.sessions.durationSeconds,
    appTokenSeconds: config.tokens.appTokenLifetimeSeconds,
    events,
    now: Date.now,
    randomBytes,
  }
  const portal = createPortal(login, { publicPort: urls.port, clientAddress: config.listeners.portal.clientAddress })
  const check = createCheck({
    readers: readersFor(config, urls),
    policySet: served.policySet,
    authenticate: createAuthenticate(
      appTokens({ issuer: urls.issuer, keyRing: () => ring, maxEntries: MAX_REMEMBERED }),
      sessionCache,
    ),
    assertions: createAssertions({
      issuer: urls.issuer,
      lifetimeSeconds: config.tokens.assertionLifetimeSeconds,
      keyRing: () => ring,
      newId: () => randomBytes(16).toString('base64url'),
      maxEntries: MAX_REMEMBERED,
    }),
    signingKid: () => ring.signing.kid,
    render: createRender(urls),
    cookiePrefix: `${cookieStyle.prefix}gatehouse-`,
    events,
    now: Date.now,
    monotonicSeconds: () => performance.now() / 1000,
  })
  return start(config, { check: checkServer(check), portal: createServer(portal), metrics, events, served, stores })
}

function observe(config: Config, version: string, isApplication: (key: string) => boolean) {
  const metrics = createMetrics({ version, isApplication, withProcess: true })
  const log = createLog({
    level: config.log.level,
    version,
    now: Date.now,
    onDropped: () => metrics.logLinesDropped.inc(),
  })
  const events = createEvents({
    metrics,
    log,
    allowSampling: config.log.allowSampling,
    random: Math.random,
    now: Date.now,
  })
  return { metrics, events }
}

async function keySet(config: Config, events: Events): Promise<KeySet> {
  if (config.keys.type === 'Set') return parseKeySet(config.keys.set, 'keys.set')
  const { file, create } = config.keys
  return keySetFromFile(file, { create, algorithm: config.tokens.algorithm, events, now: Date.now, randomBytes })
}

interface Stores {
  readonly sessions: SessionStore
  readonly codes: CodeStore
  readonly close: () => Promise<void>
}

async function openStores({ store }: Config, events: Events): Promise<Stores> {
  if (store.type === 'Memory') {
    events.storeAvailability({ isAvailable: true, detail: 'memory' })
    return {
      sessions: memorySessionStore({ now: Date.now }),
      codes: memoryCodeStore({ now: Date.now }),
      close: async () => undefined,
    }
  }
  const redis = connectRedis(store.redis, { events, now: () => performance.now(), random: Math.random })
  await redis.settled()
  const { keyPrefix } = store.redis
  return {
    sessions: redisSessionStore({ redis, events, now: Date.now, keyPrefix }),
    codes: redisCodeStore({ redis, events, keyPrefix }),
    close: () => redis.close(),
  }
}

function readersFor({ dialects: settings }: Config, urls: PublicUrls): ReadonlyMap<string, Reader> {
  const sources = new Map([
    ['nginx', settings.nginx.clientAddress],
    ['ingress-nginx', settings.ingressNginx.clientAddress],
    ['forward', settings.forward.clientAddress],
  ])
  return new Map(
    dialects.map((dialect) => [
      dialect.name,
      createReader(dialect, sources.get(dialect.name) ?? dialect.clientAddress, urls.port),
    ]),
  )
}

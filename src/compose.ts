import { randomBytes, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { type AdminListener, startAdminListener } from './admin/listener.ts'
import { createAuthenticate } from './check/authenticate.ts'
import { createCheck } from './check/check.ts'
import { appTokens } from './check/credentials/app-token.ts'
import { type DialectName, dialects } from './check/dialects/index.ts'
import { checkServer } from './check/listener.ts'
import { createReader, type Reader } from './check/read.ts'
import { createRender } from './check/render.ts'
import type { Config } from './config/schema.ts'
import { isPlaceholder } from './config/value-kinds.ts'
import { keepSessionsTrue, type LivingSessions } from './living-sessions.ts'
import type { LoginPorts } from './login/login-ports.ts'
import type { Events } from './observe/events.ts'
import type { Metrics } from './observe/metrics.ts'
import { type OpsListener, startOpsListener } from './observe/ops-listener.ts'
import { observe } from './observed.ts'
import type { ClientAddressSource } from './policy/client-address.ts'
import { type PublicUrls, publicUrls } from './policy/public-url.ts'
import { portalServer } from './portal/listener.ts'
import { createPortal } from './portal/portal.ts'
import { createProviders } from './providers/index.ts'
import { createStoreClock } from './revocation/store-clock.ts'
import { openStores } from './stores.ts'
import type { Supply, SupplyPorts } from './supply.ts'
import { supplyFromCluster } from './supply-from-cluster.ts'
import { keysFromConfig, supplyFromFiles } from './supply-from-files.ts'
import { createAssertions } from './tokens/assertion.ts'
import { stampsOf } from './tokens/stamp.ts'

/** Sessions and tokens that a replica remembers: together 1.5 kB and more. The least recently used go first. */
const MAX_REMEMBERED = 100_000
/** Assertions that a replica remembers: 1 kB each, of use for minutes only, and made anew by one signature. */
const MAX_ASSERTIONS = 20_000

/** Gatehouse, running. */
export interface Service {
  /** `address:port` of each listener, as bound. */
  readonly addresses: {
    readonly check: string
    readonly portal: string
    readonly ops: string
    readonly admin: string | undefined
  }
  /** Not ready first, then no new requests, then the end; resolves when everything is closed. */
  readonly stop: (signal: string) => Promise<void>
  readonly events: Events
}

/**
 * Makes a running service out of a configuration: the one place where rooms meet. Rejects if a key or a listener cannot be
 * had; a store, a provider or a resource that is not there yet does not hinder the start.
 */
export async function compose(config: Config, options: { readonly version: string }): Promise<Service> {
  const opened = new AsyncDisposableStack()
  try {
    return await composeOnto(opened, config, options.version)
  } catch (error) {
    await opened.disposeAsync()
    throw error
  }
}

/** @param opened gets all that has to be closed at the end, or if something further on cannot be had: the last one first */
async function composeOnto(opened: AsyncDisposableStack, config: Config, version: string): Promise<Service> {
  const urls = publicUrls(new URL(config.auth.url))
  const cookieStyle = { prefix: config.development ? '' : '__Host-', isSecure: !config.development }
  const observed = await observe(config, version, (key) => supply?.policySet()?.applications.has(key) === true)
  opened.defer(observed.close)
  const { metrics, events } = observed
  if (config.development) events.developmentMode({ authUrl: config.auth.url })
  const clock = createStoreClock({ wall: Date.now, monotonicMs: () => performance.now(), events })
  const { now } = clock
  const providers = createProviders({ events, now, allowHttpLocalhost: config.development })
  let supply: Supply | undefined
  let living: LivingSessions | undefined
  let isListening = false
  let isStopping = false
  const obstacles = () => {
    const named = [
      ...(isStopping ? ['stopping'] : []),
      ...(supply?.obstacles() ?? []),
      ...(living?.revocations.state() === 'never-read' ? ['revocations-not-loaded'] : []),
    ]
    return named.length === 0 && !isListening ? ['starting'] : named
  }
  const openOps = async () => {
    const readiness = () => ({ isReady: obstacles().length === 0, reasons: obstacles() })
    metrics.followReadiness(() => readiness().isReady)
    const ops = await startOpsListener({ ...config.listeners.ops, readiness, metrics, events })
    opened.defer(ops.close)
    return ops
  }

  const ports = { urls, cookiePrefix: cookieStyle.prefix, providers, events }
  supply = await openSupply(config, ports, metrics.followWatch)
  const { policySet, keyRing, whenKeys } = supply
  opened.defer(supply.close)
  const stores = await openStores(config, { events, clock, stamps: stampsOf(keyRing) })
  opened.defer(stores.close)
  // In a cluster the first leader has yet to make the keys: until then only /readyz says how things are.
  const ops = await openOps()
  await whenKeys()

  living = keepSessionsTrue(config, { stores, clock, providers, keyRing, events, metrics, maxEntries: MAX_REMEMBERED })
  opened.defer(living.close)
  const { sessions, cache, revocations, revoker, refresher } = living
  const login: LoginPorts = {
    urls,
    policySet,
    providers,
    sessions,
    sessionCache: cache,
    codes: stores.codes,
    revocations,
    revoker,
    refresher,
    keyRing,
    cookieStyle,
    sessionSeconds: config.sessions.durationSeconds,
    maxSessionsPerUser: config.sessions.maxPerUser,
    appTokenSeconds: config.tokens.appTokenLifetimeSeconds,
    events,
    now,
    issueTime: clock.issueTime,
    randomBytes,
  }
  const portal = createPortal(login, { publicPort: urls.port, clientAddress: config.listeners.portal.clientAddress })
  const check = createCheck({
    readers: readersFor(config, urls),
    policySet,
    authenticate: createAuthenticate({
      tokens: appTokens({ issuer: urls.issuer, keyRing, maxEntries: MAX_REMEMBERED }),
      sessions: cache,
      revocations,
      onStale: config.revocation.onStale,
      events,
    }),
    assertions: createAssertions({
      issuer: urls.issuer,
      lifetimeSeconds: config.tokens.assertionLifetimeSeconds,
      keyRing,
      newId: () => randomBytes(16).toString('base64url'),
      maxEntries: MAX_ASSERTIONS,
    }),
    signingKid: () => keyRing().signing.kid,
    render: createRender(urls),
    cookiePrefix: `${cookieStyle.prefix}gatehouse-`,
    events,
    now,
    monotonicSeconds: () => performance.now() / 1000,
  })
  const admin =
    config.admin === undefined
      ? undefined
      : await startAdminListener(config.admin, {
          sessions,
          forget: cache.drop,
          revoker,
          view: revocations,
          events,
          isApplication: (key) => policySet()?.applications.has(key) === true,
          isProvider: (name) => providers.get(name) !== undefined,
          isPlaceholder,
          monotonicMs: () => performance.now(),
          newReference: randomUUID,
        })
  if (admin !== undefined) opened.defer(admin.close)
  const stopping = () => {
    isStopping = true
  }
  const parts = { check: checkServer(check, events), portal: portalServer(portal), ops, admin, events, stopping }
  const service = await start(config, parts, opened)
  isListening = true
  return service
}

async function openSupply(config: Config, ports: SupplyPorts, followWatch: Metrics['followWatch']): Promise<Supply> {
  if (config.resources.type === 'Directory') return supplyFromFiles(config, ports)
  const ownKeys = config.keys.type === 'KubernetesSecret' ? undefined : await keysFromConfig(config, ports.events)
  return supplyFromCluster(config, ports, { followWatch, ownKeys })
}

function readersFor({ dialects: settings }: Config, urls: PublicUrls): ReadonlyMap<string, Reader> {
  const sources: Readonly<Record<DialectName, ClientAddressSource>> = {
    nginx: settings.nginx.clientAddress,
    'ingress-nginx': settings.ingressNginx.clientAddress,
    forward: settings.forward.clientAddress,
  }
  return new Map(dialects.map((dialect) => [dialect.name, createReader(dialect, sources[dialect.name], urls.port)]))
}

interface Parts {
  readonly check: Server
  readonly portal: Server
  readonly ops: OpsListener
  readonly events: Events
  readonly admin: AdminListener | undefined
  /** From now on the replica is not ready. */
  readonly stopping: () => void
}

async function start(
  { listeners, shutdown }: Config,
  { check, portal, ops, admin, events, stopping }: Parts,
  opened: AsyncDisposableStack,
): Promise<Service> {
  const addresses = {
    check: await listen(check, listeners.check, opened),
    portal: await listen(portal, listeners.portal, opened),
    ops: ops.address,
    admin: admin?.address,
  }
  for (const [listener, address] of Object.entries(addresses)) {
    if (address !== undefined) events.listening({ listener, address })
  }

  return {
    addresses,
    events,
    async stop(signal) {
      stopping()
      events.stopping({ signal })
      // Proxies keep connections: from now on each is closed with its next answer, not under its next question.
      for (const server of [check, portal]) {
        server.prependListener('request', (_request, response) => {
          response.shouldKeepAlive = false
        })
      }
      await pause(shutdown.notReadyDelayMs)
      const cut = setTimeout(() => cutOff([check, portal]), shutdown.timeoutMs - shutdown.notReadyDelayMs)
      await Promise.all([drain(check), drain(portal)])
      clearTimeout(cut)
      await opened.disposeAsync()
    },
  }
}

/** Makes a server listen and says where. Rejects with the system's error if it cannot. */
async function listen(
  server: Server,
  { host, port }: { readonly host: string; readonly port: number },
  opened: AsyncDisposableStack,
): Promise<string> {
  server.listen(port, host)
  await once(server, 'listening')
  opened.defer(() => drain(server))
  const { address, family, port: bound } = server.address() as AddressInfo
  return family === 'IPv6' ? `[${address}]:${bound}` : `${address}:${bound}`
}

/** Takes no new connections and lets requests under way finish. */
async function drain(server: Server): Promise<void> {
  if (!server.listening) return
  const closed = once(server, 'close')
  server.close()
  server.closeIdleConnections()
  await closed
}

function cutOff(servers: readonly Server[]): void {
  for (const server of servers) server.closeAllConnections()
}

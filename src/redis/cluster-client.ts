import { Cluster, type Redis } from 'ioredis'
import type { Address } from './address.ts'
import { type ClientContext, ended, INSPECTION_PAUSE_MS, NotFitError, type RedisClient } from './client.ts'
import { COMMAND_TIMEOUT_MS, CONNECT_TIMEOUT_MS, clientOptions, retryDelayMs, silenceMs } from './client-options.ts'
import { failureOf, isRefusedPassword } from './failure.ts'
import { authenticate } from './password.ts'
import type { AccessSettings, ClusterSettings } from './settings.ts'
import { cutWhenSilent } from './silence.ts'

const SLOTS = 16_384
/** The layout is asked for this often as long as all is well, and this often while it is not. */
const REFRESH_MS = 5000
const HASTY_REFRESH_MS = 500
const MOST_REDIRECTIONS = 5

export interface ClusterClient extends RedisClient {
  /** Nodes as they are known at the moment, and those of the configuration. */
  addresses(): readonly Address[]
}

/**
 * A client of all masters of a Cluster. It follows MOVED and ASK, since a node that says so has done nothing; what is lost
 * with a connection is not sent again. Every node is connected to before it is needed, so that nothing waits for one.
 */
export function openClusterClient(
  settings: AccessSettings & ClusterSettings,
  { signs, password, inspection, random }: ClientContext,
): ClusterClient {
  const { username, commandTimeoutMs = COMMAND_TIMEOUT_MS, connectTimeoutMs = CONNECT_TIMEOUT_MS } = settings
  let lastError: unknown
  let hasty: NodeJS.Timeout | undefined
  let isClosed = false

  const cluster = new Cluster(
    settings.cluster.addresses.map(({ host, port }) => ({ host, port })),
    {
      lazyConnect: true,
      enableOfflineQueue: false,
      // It would ask one node at random, connected or not, and give everything up if that one does not answer.
      enableReadyCheck: false,
      scaleReads: 'master',
      maxRedirections: MOST_REDIRECTIONS,
      retryDelayOnMoved: 0,
      // After 0 ms: not at all.
      retryDelayOnFailover: 0,
      retryDelayOnClusterDown: 0,
      // After 0 ms: at once. Later the caller may have been told that the command failed.
      retryDelayOnTryAgain: 0,
      slotsRefreshTimeout: Math.min(connectTimeoutMs, 1000),
      slotsRefreshInterval: REFRESH_MS,
      // Above the time after which a connection that does not close is cut.
      clusterRetryStrategy: (attempt) => commandTimeoutMs + retryDelayMs(attempt, random),
      // Names are looked up at every connect, and certificates are for names.
      dnsLookup: (name, found) => found(null, name),
      redisOptions: clientOptions(settings),
    },
  )
  cluster.on('+node', adopt)
  cluster.on('-node', look)
  cluster.on('refresh', look)
  cluster.on('close', look)
  cluster.on('ready', () => {
    for (const node of cluster.nodes()) connectNode(node)
    look()
  })
  cluster.on('error', (error: unknown) => {
    signs.lost(`no node of the Cluster answers: ${detailOf(lastError ?? error)}`)
  })
  cluster.on('node error', (error: unknown) => {
    lastError = error
    if (isRefusedPassword(error)) void password.reread()
  })
  const unfollow = password.onChange((changed) => {
    for (const node of cluster.nodes()) authenticate(node, username, changed)
    if (cluster.status === 'reconnecting') connect()
  })
  const timer = setInterval(inspect, INSPECTION_PAUSE_MS).unref()
  connect()

  function adopt(node: Redis): void {
    // The library would keep commands for a node that is not connected yet, and send them too late.
    node.options.enableOfflineQueue = false
    const secret = password.current()
    if (secret !== undefined) node.options.password = secret
    cutWhenSilent(node, silenceMs(settings))
    node.on('ready', look)
    node.on('close', look)
    node.on('end', () => {
      void password.reread()
      inspection.forget(nameOf(node))
      look()
    })
    if (cluster.status === 'ready') connectNode(node)
  }

  /** Says how things are now, and has the layout asked for again as long as a master is missing. */
  function look(): void {
    if (isClosed || isUnderWay(cluster)) return
    const missing = whatIsMissing()
    if (missing === 'under way') return
    if (missing === undefined) {
      lastError = undefined
      signs.connected()
      inspect()
      return
    }
    signs.lost(lastError === undefined ? missing : `${missing}: ${detailOf(lastError)}`)
    if (cluster.status !== 'ready') return
    hasty ??= setTimeout(
      () => {
        hasty = undefined
        cluster.refreshSlotsCache(look)
      },
      HASTY_REFRESH_MS * (0.5 + random() / 2),
    )
  }

  function whatIsMissing(): string | undefined {
    if (cluster.status !== 'ready') return 'not connected'
    const masters = new Map(cluster.nodes('master').map((node) => [nameOf(node), node]))
    const needed = new Set<string | undefined>()
    for (let slot = 0; slot < SLOTS; slot += 1) needed.add(cluster.slots[slot]?.[0])
    if (needed.has(undefined)) return 'some slots have no master'
    const unready = [...needed].filter((name = '') => masters.get(name)?.status !== 'ready')
    const lost = unready.find((name = '') => !isUnderWay(masters.get(name)))
    if (lost !== undefined) return `no connection to ${lost}`
    return unready.length > 0 ? 'under way' : undefined
  }

  function inspect(): void {
    for (const node of cluster.nodes('master')) {
      if (node.status === 'ready') inspection.look(nameOf(node), node)
    }
  }

  function connect(): void {
    // What hinders it is told by the events of the client.
    cluster.connect().catch(() => undefined)
  }

  async function close(): Promise<void> {
    isClosed = true
    unfollow()
    clearInterval(timer)
    clearTimeout(hasty)
    const end = cluster.nodes().length > 0 ? ended(cluster, commandTimeoutMs * 3) : undefined
    cluster.disconnect()
    await end
  }

  return {
    addresses: () => [
      ...cluster.nodes('master').map(({ options: { host = '', port = 0 } }) => ({ host, port })),
      ...settings.cluster.addresses,
    ],
    async send(send) {
      if (cluster.status !== 'ready') throw new NotFitError('not connected')
      return send(cluster)
    },
    close,
  }
}

function connectNode(node: Redis): void {
  // What hinders it is told by the events of the client.
  if (node.status === 'wait') node.connect().catch(() => undefined)
}

/** Whether it is being connected, so that there will be news of it. */
function isUnderWay(client: Redis | Cluster | undefined): boolean {
  return client !== undefined && ['wait', 'connecting', 'connect'].includes(client.status)
}

/** As the library names it in its table of slots. */
function nameOf({ options: { host = '', port = 0 } }: Redis): string {
  return `${host}:${port}`
}

function detailOf(error: unknown): string {
  return failureOf(error)?.detail ?? String(error)
}

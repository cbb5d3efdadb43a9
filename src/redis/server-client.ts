import { isIP } from 'node:net'
import { Redis } from 'ioredis'
import { addressText, type Destination } from './address.ts'
import { type ClientContext, ended, INSPECTION_PAUSE_MS, NotFitError, type RedisClient } from './client.ts'
import { type ClientOptions, COMMAND_TIMEOUT_MS, clientOptions, retryDelayMs, silenceMs } from './client-options.ts'
import { failureOf, isRefusedPassword, replyCode } from './failure.ts'
import { authenticate } from './password.ts'
import type { Route } from './route.ts'
import type { AccessSettings } from './settings.ts'
import { cutWhenSilent } from './silence.ts'

const READONLY_RECONNECT_MS = 1000

export interface ServerClientSettings extends AccessSettings {
  readonly database: number
  /** Whether a server that says that it is no master is left again at once. */
  readonly mustBeMaster: boolean
}

/** A client of one server at a time, the one to which the route leads. */
export function openServerClient(
  settings: ServerClientSettings,
  route: Route,
  { signs, password, inspection, now, random }: ClientContext,
): RedisClient {
  const { username, database, commandTimeoutMs = COMMAND_TIMEOUT_MS } = settings
  let destination: Destination | undefined
  /** Why nothing may be sent; undefined: it may. */
  let obstacle: string | undefined = 'not connected'
  let epoch = 0
  let refusals = 0

  const client = new Redis({
    ...clientOptions(settings),
    retryStrategy: (attempt) => {
      aim()
      return retryDelayMs(attempt + refusals, random)
    },
    reconnectOnError: onceInAWhile(now),
  })
  cutWhenSilent(client, silenceMs(settings))
  client.on('error', (error: unknown) => {
    if (isRefusedPassword(error)) void password.reread()
    lost(detailOf(error))
  })
  client.on('close', () => {
    void password.reread()
    lost('connection closed')
  })
  client.on('ready', () => {
    const ownEpoch = epoch
    prepare().then(
      () => {
        if (ownEpoch === epoch) usable()
      },
      (error: unknown) => {
        if (ownEpoch === epoch) lost(detailOf(error))
      },
    )
  })
  const unfollow = password.onChange((changed) => {
    authenticate(client, username, changed)
    if (client.status === 'reconnecting') connect()
  })
  const unroute = route.onChange(moved)
  const timer = setInterval(inspect, INSPECTION_PAUSE_MS).unref()
  moved()

  function lost(detail: string): void {
    epoch += 1
    obstacle = detail
    signs.lost(detail)
  }

  function usable(): void {
    obstacle = undefined
    refusals = 0
    signs.connected()
    inspect()
  }

  async function prepare(): Promise<void> {
    if (settings.mustBeMaster) {
      const [role] = await client.role()
      if (role !== 'master') {
        refusals += 1
        client.disconnect(true)
        throw new NotFitError(`it is no master (${String(role)})`)
      }
    }
    if (database === 0) return
    await client.select(database).catch((cause: unknown) => {
      throw new NotFitError(`database ${database} is refused`, { cause })
    })
  }

  function inspect(): void {
    if (obstacle === undefined && destination !== undefined) inspection.look(addressText(destination), client)
  }

  /** Has the next attempt go where the route leads. */
  function aim(): void {
    const next = route.next()
    if (next === undefined) return
    if (destination !== undefined && addressText(destination) !== addressText(next))
      inspection.forget(addressText(destination))
    destination = next
    Object.assign(client.options, destinationOptions(next, settings))
    const secret = password.current()
    if (secret !== undefined) client.options.password = secret
  }

  function moved(): void {
    const next = route.next()
    if (next === undefined) {
      const trouble = route.trouble()
      if (trouble !== undefined) signs.lost(trouble)
      return
    }
    if (destination !== undefined && addressText(destination) === addressText(next)) return
    const isFirst = destination === undefined
    aim()
    if (isFirst || client.status === 'reconnecting') connect()
    else client.disconnect(true)
  }

  function connect(): void {
    // What hinders it is told by the events of the client.
    client.connect().catch(() => undefined)
  }

  async function close(): Promise<void> {
    unfollow()
    unroute()
    clearInterval(timer)
    const hasSocket = ['connecting', 'connect', 'ready'].includes(client.status)
    const end = hasSocket ? ended(client, commandTimeoutMs * 3) : undefined
    client.disconnect()
    await end
  }

  return {
    async send(send) {
      if (obstacle !== undefined) throw new NotFitError(obstacle)
      return send(client)
    },
    close,
  }
}

/** Where a connection goes, and which name its certificate has to hold. */
export function destinationOptions({ host, port, name }: Destination, { tls }: AccessSettings): ClientOptions {
  const servername = tls?.servername ?? (isIP(name) === 0 && name !== host ? name : undefined)
  if (tls === undefined || servername === undefined) return { host, port }
  return { host, port, tls: { ...clientOptions({ tls }).tls, servername } }
}

function detailOf(error: unknown): string {
  return failureOf(error)?.detail ?? String(error)
}

/**
 * Reconnects when the server turns out to be a read-only replica, in case the name leads to a new master by now. Not for
 * every refusal: a reconnect costs the reads that are under way.
 */
function onceInAWhile(now: () => number): (error: Error) => boolean {
  let last = Number.NEGATIVE_INFINITY
  return (error) => {
    if (replyCode(error) !== 'READONLY' || now() - last < READONLY_RECONNECT_MS) return false
    last = now()
    return true
  }
}

import type { ConnectionOptions } from 'node:tls'
import { Redis, type RedisOptions } from 'ioredis'
import type { Events } from '../observe/events.ts'
import { availability } from './availability.ts'
import { createBreaker } from './breaker.ts'
import { databaseOf } from './database.ts'
import { answerWithin } from './deadline.ts'
import { failureOf, replyCode } from './failure.ts'

/** Where a Redis server is and how long it may take. Redis 7.0 or newer, or Valkey. */
export interface RedisSettings {
  readonly host: string
  readonly port: number
  readonly database?: number | undefined
  /** ACL user; it needs `+info` for the check that the server has loaded its data. */
  readonly username?: string | undefined
  readonly password?: string | undefined
  /** PEM texts. An empty object: TLS with the system's authorities. */
  readonly tls?: RedisTlsSettings | undefined
  readonly commandTimeoutMs?: number | undefined
  readonly connectTimeoutMs?: number | undefined
}

export interface RedisTlsSettings {
  readonly ca?: string | undefined
  readonly cert?: string | undefined
  readonly key?: string | undefined
  /** The name that the server's certificate must hold, if it is not the host's. */
  readonly servername?: string | undefined
}

export interface RedisContext {
  readonly events: Pick<Events, 'storeCalled' | 'storeAvailability'>
  /** Milliseconds; fractions are kept, and only differences count. */
  readonly now: () => number
  /** From 0 up to but not including 1. */
  readonly random: () => number
}

/** The commands that Gatehouse uses. Each is about one key, so all are safe on a Cluster. */
export type RedisCommands = Pick<
  Redis,
  'set' | 'getdel' | 'getrangeBuffer' | 'del' | 'multi' | 'zrange' | 'zrem' | 'ping'
>

/** A connection that mends itself. */
export interface RedisConnection {
  /**
   * Sends commands through the breaker, at once or not at all: nothing waits for a connection and nothing is sent twice.
   * `operation` names the call in metrics.
   *
   * @throws StoreUnavailableError if the server gives no answer or cannot serve now
   * @throws UnreadableKeyError if the key holds another type of value
   * @throws StoreCommandError if the server does not accept the command as such
   */
  call<Result>(operation: string, send: (commands: RedisCommands) => Promise<Result>): Promise<Result>
  isAvailable(): boolean
  /** Resolves as soon as it is known whether the server can be reached; never rejects. */
  settled(): Promise<void>
  /** Closes for good. Calls under way get their answer or fail within the command timeout. */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

const COMMAND_TIMEOUT_MS = 100
const CONNECT_TIMEOUT_MS = 2000
const LONGEST_RETRY_MS = 2000
const FAILURE_THRESHOLD = 5
const BREAKER_PAUSE_MS = 500
const READONLY_RECONNECT_MS = 1000

/**
 * Connects in the background and never throws because a server is away; it tries for ever, and `storeAvailability` tells of
 * each change once.
 */
export function connectRedis(settings: RedisSettings, { events, now, random }: RedisContext): RedisConnection {
  const state = availability(events)
  const commandTimeoutMs = settings.commandTimeoutMs ?? COMMAND_TIMEOUT_MS
  const breaker = createBreaker(
    { failureThreshold: FAILURE_THRESHOLD, pauseMs: BREAKER_PAUSE_MS },
    { events, now, random, onChange: state.answering },
  )
  const database = databaseOf(settings.database ?? 0)
  const client = new Redis({
    ...optionsOf(settings, commandTimeoutMs),
    retryStrategy,
    reconnectOnError: onceInAWhile(now),
  })

  function retryStrategy(attempt: number): number {
    return Math.min(LONGEST_RETRY_MS, 50 * 2 ** (attempt - 1)) * (0.5 + random() / 2)
  }

  client.on('error', (error: unknown) => state.lost(failureOf(error)?.detail ?? String(error)))
  client.on('close', () => {
    database.forget()
    state.lost('connection closed')
  })
  client.on('ready', () => {
    // The handshake was answered, so there is no need to wait for a caller to find out.
    database.select(client).then(
      () => {
        breaker.reset()
        state.connected()
      },
      (error: unknown) => state.lost(failureOf(error)?.detail ?? String(error)),
    )
  })
  client.connect().catch((error: unknown) => state.lost(failureOf(error)?.detail ?? String(error)))

  async function close(): Promise<void> {
    state.stop()
    // Between two attempts there is no socket, so nothing would announce its end.
    const hasSocket = ['connecting', 'connect', 'ready'].includes(client.status)
    const ended = new Promise<void>((resolve) => client.once('end', resolve))
    client.disconnect()
    if (hasSocket) await ended
  }

  return {
    call: (operation, send) =>
      breaker.run(operation, () =>
        answerWithin(
          commandTimeoutMs,
          database.within(() => send(client)),
        ),
      ),
    isAvailable: state.isAvailable,
    settled: state.settled,
    close,
    [Symbol.asyncDispose]: close,
  }
}

function optionsOf(settings: RedisSettings, commandTimeoutMs: number): Omit<RedisOptions, 'replyMapping'> {
  return {
    host: settings.host,
    port: settings.port,
    ...(settings.username === undefined ? {} : { username: settings.username }),
    ...(settings.password === undefined ? {} : { password: settings.password }),
    ...(settings.tls === undefined ? {} : { tls: tlsOf(settings.tls) }),
    connectionName: 'gatehouse',
    disableClientInfo: true,
    lazyConnect: true,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 1,
    // A command that is sent again after its caller was told that it failed could bring back a session that was ended.
    autoResendUnfulfilledCommands: false,
    connectTimeout: settings.connectTimeoutMs ?? CONNECT_TIMEOUT_MS,
    // Finds connections that died without a word, long before TCP does.
    socketTimeout: commandTimeoutMs * 5,
    disconnectTimeout: commandTimeoutMs,
  }
}

function tlsOf({ ca, cert, key, servername }: RedisTlsSettings): ConnectionOptions {
  return {
    minVersion: 'TLSv1.2',
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(servername === undefined ? {} : { servername }),
  }
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

import type { ConnectionOptions } from 'node:tls'
import type { RedisOptions } from 'ioredis'
import type { AccessSettings, TlsSettings } from './settings.ts'

/** `ioredis` takes `replyMapping` for a parameter of its type, so it must not be known here. */
export type ClientOptions = Omit<RedisOptions, 'replyMapping'>

export const COMMAND_TIMEOUT_MS = 100
export const CONNECT_TIMEOUT_MS = 2000
const LONGEST_RETRY_MS = 2000
const LOADING_RETRY_MS = 500

/**
 * What every connection to a server that keeps data has in common. Nothing waits for a connection, and a command that is lost
 * with one is never sent again: it could bring back a session that was ended meanwhile.
 */
export function clientOptions(settings: AccessSettings): ClientOptions {
  return {
    ...(settings.username === undefined ? {} : { username: settings.username }),
    ...(settings.password === undefined ? {} : { password: settings.password }),
    ...(settings.tls === undefined ? {} : { tls: tlsOptions(settings.tls) }),
    connectionName: 'gatehouse',
    disableClientInfo: true,
    lazyConnect: true,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 1,
    autoResendUnfulfilledCommands: false,
    connectTimeout: settings.connectTimeoutMs ?? CONNECT_TIMEOUT_MS,
    // While a server loads its data, the package would believe its estimate of how long that takes, up to 10 s.
    maxLoadingRetryTime: LOADING_RETRY_MS,
    disconnectTimeout: settings.commandTimeoutMs ?? COMMAND_TIMEOUT_MS,
  }
}

/** For how long nothing may come over a connection on which an answer is awaited, in milliseconds. */
export function silenceMs({ commandTimeoutMs = COMMAND_TIMEOUT_MS }: AccessSettings): number {
  return commandTimeoutMs * 5
}

export function tlsOptions({ ca, cert, key, servername }: TlsSettings): ConnectionOptions {
  return {
    minVersion: 'TLSv1.2',
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(servername === undefined ? {} : { servername }),
  }
}

/**
 * How long to wait before the next attempt to connect, in milliseconds.
 *
 * @param attempt from 1
 * @param random from 0 up to but not including 1
 */
export function retryDelayMs(attempt: number, random: () => number): number {
  return Math.min(LONGEST_RETRY_MS, 50 * 2 ** Math.min(attempt - 1, 10)) * (0.5 + random() / 2)
}

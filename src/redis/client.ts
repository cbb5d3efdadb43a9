import type { Redis } from 'ioredis'
import type { Password } from './password.ts'
import type { ServerInspection } from './server-settings.ts'

/** The commands that the shared connection is for. All keys of one command have to be of one slot of a Cluster. */
export type RedisCommands = Pick<
  Redis,
  'set' | 'getdel' | 'getrangeBuffer' | 'del' | 'zrange' | 'zrem' | 'zcount' | 'eval'
>

/** A client of `ioredis`, kept connected. */
export interface RedisClient {
  /** Sends at once or not at all: not before the connection is fit for use. */
  send<Result>(send: (commands: RedisCommands) => Promise<Result>): Promise<Result>
  /** Closes for good. */
  close(): Promise<void>
}

/** What a client tells of its connection. */
export interface ClientSigns {
  /** Fit for use. */
  connected(): void
  lost(detail: string): void
}

export interface ClientContext {
  readonly signs: ClientSigns
  readonly password: Password
  readonly inspection: ServerInspection
  readonly now: () => number
  readonly random: () => number
}

/** The connection cannot be used, or not yet. */
export class NotFitError extends Error {
  override readonly name = 'NotFitError'
}

/** How often what servers say of their settings is read again. */
export const INSPECTION_PAUSE_MS = 30_000

/** Resolves when a client has ended, and after `timeoutMs` at the latest: between two attempts nothing announces its end. */
export function ended(client: { once(event: 'end', listener: () => void): unknown }, timeoutMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, timeoutMs)
    client.once('end', () => {
      clearTimeout(timer)
      resolve()
    })
  })
}

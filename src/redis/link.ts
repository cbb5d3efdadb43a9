import type { Redis } from 'ioredis'

/** What can be sent on a link. */
export type LinkCommands = Pick<Redis, 'eval' | 'evalsha' | 'wait' | 'xread'>

/**
 * A connection of its own to the master that holds one key (in a Cluster: to the master of its slot), for commands that may
 * wait or whose order matters. Not subject to the breaker and the command timeout of the shared connection.
 */
export interface RedisLink {
  /**
   * Sends commands at once or not at all. After `timeoutMs` without an answer the connection is given up and made anew.
   * A link to a server that turns out not to be the master (READONLY, MOVED, UNBLOCKED, Sentinel names another) is made anew
   * towards the one that is.
   *
   * @throws StoreUnavailableError no connection, no answer in time, or a server that cannot serve now
   * @throws StoreCommandError the server does not accept the command as such
   */
  run<Result>(operation: string, timeoutMs: number, send: (commands: LinkCommands) => Promise<Result>): Promise<Result>
  /**
   * Whether the server at the other end is known to be the master at this moment. One server: it says so itself (ROLE). With
   * Sentinel: a majority of all configured Sentinels named it within the last 5 s. Cluster: it says so itself and reports
   * `cluster_state:ok`; a minority master stops serving by itself.
   */
  isAuthoritative(): boolean
  /**
   * As of which moment of the clock that never goes back that is known from others than the server: the votes of a majority
   * of the Sentinels are that old. Infinity where nobody else has to vouch; undefined: it is not authoritative.
   */
  vouchedAtMs(): number | undefined
  /** Changes with every connection that is made. */
  connectionId(): number
  close(): Promise<void>
}

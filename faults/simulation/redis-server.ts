import { emptyData, type RedisData } from './redis-data.ts'

/** A change of data, which is done in the same way wherever the data is replicated to. */
export interface Change {
  readonly atMs: number
  readonly apply: (data: RedisData) => void
}

/** What a master knows of a replica. */
export interface Acknowledged {
  readonly offset: number
  /** Since when nothing has been heard of it. */
  lostAtMs: number | undefined
}

/** One Redis server: what it holds, whom it follows, and in which state its process is. */
export interface RedisServer {
  readonly name: string
  data: RedisData
  /** Of the process. */
  runId: string
  /** Of the data's history, which the replicas share. */
  replicationId: string
  /** All changes of that history, of which this server has applied the first so many. */
  changes: Change[]
  offset: number
  /** Undefined: it is a master. */
  follows: RedisServer | undefined
  /** Its replicas as far as it knows. */
  readonly replicas: Map<RedisServer, Acknowledged>
  isUp: boolean
  isPaused: boolean
  /** Its wall clock at the beginning of the run. */
  clockMs: number
  /** The code of the error that it gives for an answer to everything. */
  failing: string | undefined
  /** Called after every change of data or of role. */
  readonly watchers: Set<() => void>
  /** What has arrived while it was paused. */
  arrived: (() => void)[]
  /** Closes the connections of clients. */
  readonly clients: Set<() => void>
}

/** @param clockMs milliseconds since 1970 */
export function newServer(name: string, clockMs: number, newId: () => string): RedisServer {
  return {
    name,
    data: emptyData(),
    runId: newId(),
    replicationId: newId(),
    changes: [],
    offset: 0,
    follows: undefined,
    replicas: new Map(),
    isUp: true,
    isPaused: false,
    clockMs,
    failing: undefined,
    watchers: new Set(),
    arrived: [],
    clients: new Set(),
  }
}

export function isRunning(server: RedisServer): boolean {
  return server.isUp && !server.isPaused
}

/** Has everybody look who waits at the server for something to happen. */
export function wake(server: RedisServer): void {
  for (const watcher of [...server.watchers]) watcher()
}

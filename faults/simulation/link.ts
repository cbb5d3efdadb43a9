import { StoreUnavailableError } from '../../src/policy/errors.ts'
import type { LinkCommands, RedisLink } from '../../src/redis/link.ts'
import type { Commands } from './commands.ts'
import { type Connection, type ConnectionContext, type Execute, openConnection, SimulatedError } from './connection.ts'
import type { Random } from './random.ts'
import { isRunning, type RedisServer } from './redis-server.ts'
import type { RedisServers } from './redis-servers.ts'

/** For how long it counts that the server has said that it is the master: as in `src/redis/server-link.ts`. */
const PROOF_LIFE_MS = 5000
const RETRY_MS = 200

/** A link of the simulated kind; it stands in for `src/redis/server-link.ts`, which is about sockets. */
export interface SimulatedLink extends RedisLink {
  /** As `run`, with something that no command of Redis is needed for. */
  do<Result>(timeoutMs: number, execute: Execute): Promise<Result>
  /** To be called about once a second: has the server say that it is the master, and goes where the route leads. */
  beat(): void
}

export interface LinkContext extends ConnectionContext {
  readonly servers: RedisServers
  readonly commands: Commands
  readonly random: Random
  /** Where the master is said to be. */
  readonly route: () => string | undefined
  readonly vouchedAtMs: (server: string) => number | undefined
}

export function createSimulatedLink(context: LinkContext): SimulatedLink {
  const { schedule, network, servers, process, commands, random, route } = context
  let connection: Connection | undefined
  let id = 1
  let provenAtMs = Number.NEGATIVE_INFINITY
  let retryAtMs = 0
  let isClosed = false

  function canReach(server: RedisServer): boolean {
    return isRunning(server) && !network.isCut(process.name, server.name)
  }

  function giveUp(): void {
    if (connection === undefined) return
    const given = connection
    connection = undefined
    id += 1
    retryAtMs = schedule.now() + RETRY_MS * random.between(0.5, 1.5)
    given.close()
  }

  function connected(): Connection | undefined {
    if (connection?.isOpen === false) giveUp()
    if (connection !== undefined) return connection
    const destination = route()
    if (isClosed || destination === undefined || schedule.now() < retryAtMs) return undefined
    const server = servers.named(destination)
    if (!canReach(server) || server.follows !== undefined || server.failing !== undefined) {
      retryAtMs = schedule.now() + RETRY_MS * random.between(0.5, 1.5)
      return undefined
    }
    connection = openConnection(context, server)
    provenAtMs = schedule.now()
    return connection
  }

  async function within<Result>(timeoutMs: number, send: (over: Connection) => Promise<Result>): Promise<Result> {
    const over = connected()
    if (over === undefined) throw new StoreUnavailableError('no connection to the master')
    try {
      return await new Promise<Result>((resolve, reject) => {
        const callOff = process.later(timeoutMs, () => reject(new SimulatedError('no answer in time')))
        send(over).then(resolve, reject).finally(callOff)
      })
    } catch (error) {
      if (!(error instanceof SimulatedError)) throw error
      if (connection === over) giveUp()
      throw new StoreUnavailableError(error.message, { cause: error })
    }
  }

  function vouchedAtMs(): number | undefined {
    if (connection === undefined || schedule.now() - provenAtMs > PROOF_LIFE_MS) return undefined
    return context.vouchedAtMs(connection.server.name)
  }

  return {
    run: (_operation, timeoutMs, send) => within(timeoutMs, (over) => send(linkCommands(over, commands))),
    do: <Result>(timeoutMs: number, execute: Execute) =>
      within(timeoutMs, (over) => over.send(execute) as Promise<Result>),
    beat() {
      if (connection === undefined) return
      if (!connection.isOpen || route() !== connection.server.name) giveUp()
      else if (canReach(connection.server)) {
        if (connection.server.follows === undefined) provenAtMs = schedule.now()
        else giveUp()
      }
    },
    isAuthoritative: () => vouchedAtMs() !== undefined,
    vouchedAtMs,
    connectionId: () => id,
    async close() {
      isClosed = true
      giveUp()
    },
  }
}

/** The few commands that the code under test sends; with any other it fails, as it has to. */
function linkCommands(connection: Connection, commands: Commands): LinkCommands {
  const known = {
    evalsha(sha: string, count: number, ...rest: readonly (string | number)[]) {
      const texts = rest.map(String)
      return connection.send(commands.script(sha, texts.slice(0, count), texts.slice(count)))
    },
    wait: (replicas: number, timeoutMs: number) => connection.send(commands.wait(replicas, timeoutMs)),
    xread: (_count: string, _most: number, _block: string, ms: number, _streams: string, key: string, after: string) =>
      connection.send(commands.read(key, after, ms)),
  }
  return known as unknown as LinkCommands
}

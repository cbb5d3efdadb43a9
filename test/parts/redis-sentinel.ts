import { type RedisPart, startRedis } from './redis.ts'
import { infoFields, pairs, type RedisLogin, redisCommand } from './redis-command.ts'
import { type AnnouncedServer, announced, type NetworkSettings } from './redis-network.ts'
import { until } from './until.ts'

export interface SentinelSettings extends NetworkSettings {
  /** Asked for by the Redis servers. A user name takes the default user's place; without it, the default user's password. */
  readonly login?: RedisLogin
  /** Asked for by the Sentinels. */
  readonly sentinelPassword?: string
  /** Further command-line arguments of the Redis servers. */
  readonly args?: readonly string[]
}

/** A real Sentinel set: three Sentinels, one master, two replicas. */
export interface RedisSentinels extends AsyncDisposable {
  readonly masterName: string
  /** Addresses of the Sentinels as a configuration names them. */
  readonly addresses: readonly { readonly host: string; readonly port: number }[]
  readonly login: RedisLogin
  readonly sentinelPassword: string | undefined
  /** All three Redis servers. */
  readonly servers: readonly AnnouncedServer[]
  readonly sentinels: readonly AnnouncedServer[]
  /** The server that a majority of all Sentinels names; throws if none is named by so many that answer. */
  master(): Promise<AnnouncedServer>
  /** Servers other than the master. */
  replicas(): Promise<readonly AnnouncedServer[]>
  /** Sends one command to one of the servers, past every proxy. */
  command(server: RedisPart, ...command: readonly (string | number)[]): Promise<unknown>
  /** Has a Sentinel promote a replica, and waits until all is settled. @returns the new master */
  failover(): Promise<AnnouncedServer>
  /** Waits until all Sentinels name the same master, which says so too, and both other servers follow it. */
  settled(timeoutMs?: number): Promise<AnnouncedServer>
  stop(): Promise<void>
}

const MASTER_NAME = 'gatehouse'
const QUORUM = 2

/** Starts it and waits until all Sentinels know each other, the master and both replicas. A failover takes about 2 s. */
export async function startRedisSentinels(settings: SentinelSettings = {}): Promise<RedisSentinels> {
  const { login = {}, sentinelPassword, args = [] } = settings
  await using cleanup = new AsyncDisposableStack()
  const servers: AnnouncedServer[] = []
  for (const index of [0, 1, 2]) {
    const server = await announced(settings, index, 'server', (port, configuration) =>
      startRedis({
        port,
        args: ['--enable-debug-command', 'local', '--repl-diskless-sync-delay', '0', ...args],
        configuration: [...configuration, ...loginLines(login), ...followLines(servers[0])].join('\n'),
      }),
    )
    servers.push(cleanup.use(server))
  }
  const first = servers[0] as AnnouncedServer
  const sentinels: AnnouncedServer[] = []
  for (const index of [3, 4, 5]) {
    const sentinel = await announced(settings, index, 'sentinel', (port, configuration) =>
      startRedis({
        port,
        args: ['--sentinel'],
        configuration: [...configuration, ...sentinelLines(first.announcedPort, login, sentinelPassword)].join('\n'),
      }),
    )
    sentinels.push(cleanup.use(sentinel))
  }

  const askSentinel = (sentinel: RedisPart, ...command: string[]) =>
    redisCommand(sentinel.port, ['SENTINEL', ...command], { password: sentinelPassword })
  const command = (server: RedisPart, ...words: readonly (string | number)[]) => redisCommand(server.port, words, login)

  async function hasten(sentinel: RedisPart): Promise<void> {
    // Otherwise they look at the servers every 10 s and tell each other every 2 s.
    await askSentinel(sentinel, 'DEBUG', 'info-period', '500', 'publish-period', '300', 'ping-period', '300')
  }
  async function namedBy(sentinel: RedisPart): Promise<AnnouncedServer | undefined> {
    const reply = (await askSentinel(sentinel, 'GET-MASTER-ADDR-BY-NAME', MASTER_NAME).catch(() => [])) as string[]
    return servers.find(({ announcedPort }) => reply[1] === `${announcedPort}`)
  }
  async function master(): Promise<AnnouncedServer> {
    const named = await Promise.all(sentinels.map(namedBy))
    const found = servers.find((server) => named.filter((one) => one === server).length >= QUORUM)
    if (found === undefined) throw new Error('no majority of the Sentinels names a master')
    return found
  }
  async function replicationOf(server: RedisPart): Promise<Readonly<Record<string, string>>> {
    return infoFields(await command(server, 'INFO', 'replication'))
  }
  async function knowsAll(sentinel: RedisPart): Promise<boolean> {
    const state = pairs(await askSentinel(sentinel, 'MASTER', MASTER_NAME))
    return state['num-slaves'] === '2' && state['num-other-sentinels'] === '2' && state.flags === 'master'
  }

  function settled(timeoutMs = 30_000): Promise<AnnouncedServer> {
    return until(
      'the Sentinel set is settled',
      async () => {
        const named = await Promise.all(sentinels.map(namedBy))
        const one = named[0]
        if (one === undefined || named.some((other) => other !== one)) return false
        if (!(await Promise.all(sentinels.map(knowsAll))).every(Boolean)) return false
        if ((await replicationOf(one)).role !== 'master') return false
        const others = await Promise.all(servers.filter((server) => server !== one).map(replicationOf))
        return others.every(
          ({ role, master_port, master_link_status }) =>
            role === 'slave' && master_port === `${one.announcedPort}` && master_link_status === 'up',
        )
          ? one
          : false
      },
      { timeoutMs, everyMs: 50 },
    )
  }

  async function failover(): Promise<AnnouncedServer> {
    const before = await master()
    await until('a Sentinel fails over', () => askSentinel(sentinels[0] as RedisPart, 'FAILOVER', MASTER_NAME), {
      timeoutMs: 20_000,
      everyMs: 100,
    })
    return until('another master is settled', async () => {
      const now = await settled()
      return now !== before && now
    })
  }

  await Promise.all(sentinels.map(hasten))
  await settled()
  const owned = cleanup.move()
  const stop = () => owned.disposeAsync()
  return {
    masterName: MASTER_NAME,
    addresses: sentinels.map(({ announcedPort }) => ({ host: '127.0.0.1', port: announcedPort })),
    login,
    sentinelPassword,
    servers,
    sentinels: sentinels.map((sentinel) => withRestart(sentinel, hasten)),
    master,
    async replicas() {
      const now = await master()
      return servers.filter((server) => server !== now)
    },
    command,
    failover,
    settled,
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

/** What is set at run time has to be set again after a restart. */
function withRestart(sentinel: AnnouncedServer, after: (sentinel: RedisPart) => Promise<void>): AnnouncedServer {
  const { restart } = sentinel
  return Object.assign(sentinel, {
    restart: async () => {
      await restart()
      await after(sentinel)
    },
  })
}

function loginLines({ username, password }: RedisLogin): string[] {
  if (password === undefined) return []
  if (username === undefined) return [`requirepass ${password}`, `masterauth ${password}`]
  return [
    `user ${username} on >${password} ~* &* +@all`,
    'user default off',
    `masteruser ${username}`,
    `masterauth ${password}`,
  ]
}

function followLines(master: AnnouncedServer | undefined): string[] {
  return [
    'repl-ping-replica-period 1',
    ...(master === undefined ? [] : [`replicaof 127.0.0.1 ${master.announcedPort}`]),
  ]
}

function sentinelLines(masterPort: number, { username, password }: RedisLogin, sentinelPassword?: string): string[] {
  return [
    ...(sentinelPassword === undefined
      ? []
      : [`requirepass ${sentinelPassword}`, `sentinel sentinel-pass ${sentinelPassword}`]),
    `sentinel monitor ${MASTER_NAME} 127.0.0.1 ${masterPort} ${QUORUM}`,
    `sentinel down-after-milliseconds ${MASTER_NAME} 1000`,
    `sentinel failover-timeout ${MASTER_NAME} 3000`,
    `sentinel parallel-syncs ${MASTER_NAME} 1`,
    ...(username === undefined ? [] : [`sentinel auth-user ${MASTER_NAME} ${username}`]),
    ...(password === undefined ? [] : [`sentinel auth-pass ${MASTER_NAME} ${password}`]),
  ]
}

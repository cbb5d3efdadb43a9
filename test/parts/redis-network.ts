import { freePort } from './port.ts'
import type { RedisPart } from './redis.ts'
import { startTcpProxy, type TcpProxy } from './tcp-proxy.ts'

export interface NetworkSettings {
  /**
   * Puts a proxy before each server, and has all of them know each other by the proxies only. Each server connects from an
   * address of its own, so that a proxy can tell them apart. Default: none.
   */
  readonly isProxied?: boolean
}

/** A server, and how others know it. */
export interface AnnouncedServer extends RedisPart {
  /** The port that it tells others: the proxy's if there is one. `port` is its own. */
  readonly announcedPort: number
  /** Likewise of the Cluster bus. */
  readonly announcedBusPort: number
  /** Where its connections to others come from. */
  readonly address: string
  /** Before its port, if the network is proxied. */
  readonly proxy: TcpProxy | undefined
  /** Before its port of the Cluster bus. */
  readonly busProxy: TcpProxy | undefined
}

/** The address of which the connections of server number `index` come, where the network is proxied. */
export function addressOf(index: number): string {
  return `127.0.7.${index + 1}`
}

type Kind = 'server' | 'sentinel' | 'node'

const ANNOUNCE: Readonly<Record<Kind, string>> = {
  server: 'replica-announce-',
  sentinel: 'sentinel announce-',
  node: 'cluster-announce-',
}

/**
 * Starts a server with the lines of configuration by which it has others know it.
 *
 * @param start given the server's own port and those lines
 */
export async function announced(
  { isProxied = false }: NetworkSettings,
  index: number,
  kind: Kind,
  start: (port: number, configuration: readonly string[]) => Promise<RedisPart>,
): Promise<AnnouncedServer> {
  await using cleanup = new AsyncDisposableStack()
  const port = await freePort()
  const busPort = await freePort()
  const proxy = isProxied ? cleanup.use(await startTcpProxy({ port }, await freePort())) : undefined
  const busProxy =
    isProxied && kind === 'node' ? cleanup.use(await startTcpProxy({ port: busPort }, await freePort())) : undefined
  const address = isProxied ? addressOf(index) : '127.0.0.1'
  const announce = ANNOUNCE[kind]
  const server = cleanup.use(
    await start(port, [
      ...(kind === 'node' ? [`cluster-port ${busPort}`, `${announce}bus-port ${busProxy?.port ?? busPort}`] : []),
      `${announce}ip 127.0.0.1`,
      `${announce}port ${proxy?.port ?? port}`,
      ...(isProxied ? [`bind-source-addr ${address}`] : []),
    ]),
  )
  const owned = cleanup.move()
  const stop = () => owned.disposeAsync()
  return Object.create(server, {
    ...Object.getOwnPropertyDescriptors({
      announcedPort: proxy?.port ?? port,
      announcedBusPort: busProxy?.port ?? busPort,
      address,
      proxy,
      busProxy,
      stop,
    }),
    [Symbol.asyncDispose]: { value: stop },
  }) as AnnouncedServer
}

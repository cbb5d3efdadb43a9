import type { RedisLogin } from '../../test/parts/redis-command.ts'
import type { AnnouncedServer } from '../../test/parts/redis-network.ts'
import type { TcpProxy } from '../../test/parts/tcp-proxy.ts'

/** One of the forms in which Redis comes, with a proxy before each server. */
export interface StoreForm extends AsyncDisposable {
  /** `store.redis` of the configuration. */
  readonly settings: Readonly<Record<string, unknown>>
  /** What the servers ask for now. */
  readonly login: RedisLogin
  /** The servers that hold data. */
  readonly servers: readonly AnnouncedServer[]
  /** Those that watch them; none but with Sentinel. */
  readonly sentinels: readonly AnnouncedServer[]
  /** The server that is the master of the revocations now. Rejects while there is none. */
  master(): Promise<AnnouncedServer>
  /** The server that is the master of a key now. Rejects while there is none. */
  masterOf(key: string): Promise<AnnouncedServer>
  /** Whoever else could take the master's place. */
  replicas(): Promise<readonly AnnouncedServer[]>
  /** Sends a command to one server, past every proxy. */
  command(server: AnnouncedServer, ...command: readonly (string | number)[]): Promise<unknown>
  /** Has a replica take the master's place in good order. */
  failover(): Promise<void>
  /** Waits until all servers are as they should be. */
  settled(): Promise<void>
}

/** Any key whose place is that of all revocations. */
export const REVOCATION_KEY = 'gatehouse:{revocation}:set'

/** Whether a client, by the address it connects from, is on one side of a partition. */
type Side = (address: string) => boolean

/**
 * Loses every packet between these addresses and all others, until what is given back is called.
 *
 * @param inside addresses of servers and replicas of Gatehouse
 */
export function partition(store: StoreForm, inside: readonly string[]): () => void {
  const isInside: Side = (address) => inside.includes(address)
  const heals = [...store.servers, ...store.sentinels].flatMap((server) =>
    proxiesOf(server).map((proxy) =>
      proxy.disturb({ kind: 'silent' }, (client) => isInside(client) !== isInside(server.address)),
    ),
  )
  return () => {
    for (const heal of heals) heal()
  }
}

/** The proxies before a server. */
export function proxiesOf({ proxy, busProxy }: AnnouncedServer): TcpProxy[] {
  return [proxy, busProxy].filter((one) => one !== undefined)
}

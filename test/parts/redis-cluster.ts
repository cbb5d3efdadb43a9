import { startRedis } from './redis.ts'
import { infoFields, type RedisLogin, redisCommand } from './redis-command.ts'
import { type AnnouncedServer, announced, type NetworkSettings } from './redis-network.ts'
import { until } from './until.ts'

export interface ClusterSettings extends NetworkSettings {
  /** The default user's password. */
  readonly password?: string
  /** Further command-line arguments of every node. */
  readonly args?: readonly string[]
}

/** A real Redis Cluster: three masters with a third of the slots each, and a replica of each. */
export interface RedisCluster extends AsyncDisposable {
  readonly nodes: readonly AnnouncedServer[]
  /** Addresses of the nodes as a configuration names them. */
  readonly addresses: readonly { readonly host: string; readonly port: number }[]
  readonly login: RedisLogin
  /** Sends one command to one node, past every proxy and redirection. */
  command(node: AnnouncedServer, ...command: readonly (string | number)[]): Promise<unknown>
  slotOf(key: string): Promise<number>
  /** The node that says that it is the master of a key's slot, while the cluster is whole as far as it knows. */
  masterOf(key: string): Promise<AnnouncedServer>
  /** Nodes that follow this one, as it knows them. */
  replicasOf(master: AnnouncedServer): Promise<readonly AnnouncedServer[]>
  /** Has a replica of the key's master take its place, and waits until all is settled. @returns the new master */
  failover(key: string): Promise<AnnouncedServer>
  /**
   * Moves a slot with all its keys to another master.
   *
   * @param halfway runs while the slot is migrating and half of its keys have moved: MOVED and ASK are answered
   */
  migrateSlot(slot: number, target: AnnouncedServer, halfway?: () => Promise<void>): Promise<void>
  /** Waits until every node says `cluster_state:ok` and every replica is linked to its master. */
  settled(timeoutMs?: number): Promise<void>
  stop(): Promise<void>
}

const SLOTS = 16_384
const MASTERS = 3
const NODES = 6

/** Starts it and waits until it is whole. Nodes that are away for 2 s count as failed. */
export async function startRedisCluster(settings: ClusterSettings = {}): Promise<RedisCluster> {
  const { password, args = [] } = settings
  const login = { password }
  await using cleanup = new AsyncDisposableStack()
  const nodes: AnnouncedServer[] = []
  for (let index = 0; index < NODES; index += 1) {
    const node = await announced(settings, index, 'node', (port, configuration) =>
      startRedis({
        port,
        args: ['--enable-debug-command', 'local', '--repl-diskless-sync-delay', '0', ...args],
        configuration: [
          ...configuration,
          'cluster-enabled yes',
          'cluster-node-timeout 2000',
          'repl-ping-replica-period 1',
          ...(password === undefined ? [] : [`requirepass ${password}`, `masterauth ${password}`]),
        ].join('\n'),
      }),
    )
    nodes.push(cleanup.use(node))
  }
  const command = (node: AnnouncedServer, ...words: readonly (string | number)[]) =>
    redisCommand(node.port, words, login)
  const idOf = async (node: AnnouncedServer) => String(await command(node, 'CLUSTER', 'MYID'))
  const first = nodes[0] as AnnouncedServer
  const masters = nodes.slice(0, MASTERS)

  /** The lines of CLUSTER NODES, in words. */
  async function viewOf(node: AnnouncedServer): Promise<string[][]> {
    const text = String(await command(node, 'CLUSTER', 'NODES'))
    return text
      .trim()
      .split('\n')
      .map((line) => line.split(' '))
  }
  async function isWhole(node: AnnouncedServer): Promise<boolean> {
    const state = infoFields(await command(node, 'CLUSTER', 'INFO'))
    if (state.cluster_state !== 'ok' || state.cluster_slots_ok !== `${SLOTS}`) return false
    const view = await viewOf(node)
    if (view.length !== NODES || view.some(([, , flags = '']) => /fail|handshake|noaddr/.test(flags))) return false
    if (view.filter(([, , flags = '']) => flags.includes('slave')).length !== NODES - MASTERS) return false
    const replication = infoFields(await command(node, 'INFO', 'replication'))
    return replication.role === 'master' || replication.master_link_status === 'up'
  }
  async function settled(timeoutMs = 30_000): Promise<void> {
    await until('the cluster is whole', async () => (await Promise.all(nodes.map(isWhole))).every(Boolean), {
      timeoutMs,
      everyMs: 50,
    })
  }

  const slotOf = async (key: string) => {
    const node = await firstThat(nodes, async () => true)
    return Number(await command(node, 'CLUSTER', 'KEYSLOT', key))
  }
  /** The first node that answers at all and of which this is true. */
  async function firstThat(
    among: readonly AnnouncedServer[],
    isTrue: (node: AnnouncedServer) => Promise<boolean>,
  ): Promise<AnnouncedServer> {
    for (const node of among) {
      const answers = await command(node, 'PING').then(
        () => isTrue(node),
        () => false,
      )
      if (answers) return node
    }
    throw new Error('no node of the cluster is the one')
  }
  const ownerOf = (slot: number) =>
    firstThat(nodes, async (node) => {
      const state = infoFields(await command(node, 'CLUSTER', 'INFO'))
      const me = (await viewOf(node)).find(([, , flags = '']) => flags.includes('myself')) ?? []
      return state.cluster_state === 'ok' && (me[2] ?? '').includes('master') && owns(me.slice(8), slot)
    })
  async function replicasOf(master: AnnouncedServer): Promise<readonly AnnouncedServer[]> {
    const id = await idOf(master)
    const ports = (await viewOf(master)).filter((words) => words[3] === id).map(([, address = '']) => portOf(address))
    return nodes.filter(({ announcedPort }) => ports.includes(announcedPort))
  }

  async function failover(key: string): Promise<AnnouncedServer> {
    const slot = await slotOf(key)
    const before = await ownerOf(slot)
    const [replica] = await replicasOf(before)
    if (replica === undefined) throw new Error('that master has no replica')
    await command(replica, 'CLUSTER', 'FAILOVER')
    await until('the replica has taken over', async () => (await ownerOf(slot)) === replica)
    await settled()
    return replica
  }

  async function migrateSlot(slot: number, target: AnnouncedServer, halfway?: () => Promise<void>): Promise<void> {
    const source = await ownerOf(slot)
    if (source === target) return
    await command(target, 'CLUSTER', 'SETSLOT', slot, 'IMPORTING', await idOf(source))
    await command(source, 'CLUSTER', 'SETSLOT', slot, 'MIGRATING', await idOf(target))
    const auth = password === undefined ? [] : ['AUTH', password]
    const move = async (count: number) => {
      const keys = (await command(source, 'CLUSTER', 'GETKEYSINSLOT', slot, count)) as string[]
      if (keys.length > 0) {
        await command(source, 'MIGRATE', '127.0.0.1', target.port, '', 0, 5_000, ...auth, 'KEYS', ...keys)
      }
      return keys.length
    }
    await move(Math.ceil(Number(await command(source, 'CLUSTER', 'COUNTKEYSINSLOT', slot)) / 2))
    await halfway?.()
    while ((await move(100)) > 0);
    const targetId = await idOf(target)
    await command(target, 'CLUSTER', 'SETSLOT', slot, 'NODE', targetId)
    await command(source, 'CLUSTER', 'SETSLOT', slot, 'NODE', targetId)
    await until('every node knows the new owner', async () => {
      const views = await Promise.all(nodes.map(viewOf))
      return views.every((view) => owns(view.find(([id]) => id === targetId)?.slice(8) ?? [], slot) || false)
    })
  }

  async function form(): Promise<void> {
    const share = Math.ceil(SLOTS / MASTERS)
    for (const [index, node] of masters.entries()) {
      const last = Math.min(SLOTS, (index + 1) * share) - 1
      await command(node, 'CLUSTER', 'ADDSLOTSRANGE', index * share, last)
    }
    for (const [index, node] of nodes.entries()) {
      await command(node, 'CLUSTER', 'SET-CONFIG-EPOCH', index + 1)
      const { announcedPort, announcedBusPort } = node
      if (node !== first) await command(first, 'CLUSTER', 'MEET', '127.0.0.1', announcedPort, announcedBusPort)
    }
    await until('all nodes know each other', async () => {
      const views = await Promise.all(nodes.map(viewOf))
      return views.every((view) => view.length === NODES && view.every(([, , flags = '']) => !/handshake/.test(flags)))
    })
    for (const [index, node] of nodes.slice(MASTERS).entries()) {
      await command(node, 'CLUSTER', 'REPLICATE', await idOf(nodes[index] as AnnouncedServer))
    }
    const hasReplica = async (node: AnnouncedServer) => (await replicasOf(node)).length === 1
    await until('every master knows its replica', async () =>
      (await Promise.all(masters.map(hasReplica))).every(Boolean),
    )
    await settled()
  }

  await form()
  const owned = cleanup.move()
  const stop = () => owned.disposeAsync()
  return {
    nodes,
    addresses: nodes.map(({ announcedPort }) => ({ host: '127.0.0.1', port: announcedPort })),
    login,
    command,
    slotOf,
    masterOf: async (key) => ownerOf(await slotOf(key)),
    replicasOf,
    failover,
    migrateSlot,
    settled,
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

/** Whether a slot is in ranges as CLUSTER NODES writes them. */
function owns(ranges: readonly string[], slot: number): boolean {
  return ranges.some((range) => {
    if (range.startsWith('[')) return false
    const [from, to = from] = range.split('-').map(Number)
    return from !== undefined && to !== undefined && from <= slot && slot <= to
  })
}

/** The port in `host:port@bus-port`. */
function portOf(address: string): number {
  return Number(/:(\d+)@/.exec(address)?.[1])
}

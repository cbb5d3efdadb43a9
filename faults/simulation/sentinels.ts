import type { Network } from './network.ts'
import type { Random } from './random.ts'
import { isRunning, type RedisServer } from './redis-server.ts'
import type { RedisServers } from './redis-servers.ts'
import type { Schedule } from './schedule.ts'

/** The Sentinels: one beside each server, on the same machine, alive whatever happens to the server. */
export interface Sentinels {
  readonly count: number
  /** Whom a Sentinel names; undefined: one of our processes does not reach it. */
  ask(index: number, from: string): string | undefined
  /** To be called twice a second: looks after the servers, talks with the others, votes. */
  tick(): void
}

export interface SentinelsContext {
  readonly schedule: Schedule
  readonly network: Network
  readonly servers: RedisServers
  readonly random: Random
  /** After so many milliseconds without an answer a master is held to be down. */
  readonly downAfterMs: number
  readonly onPromoted: (old: RedisServer, promoted: RedisServer) => void
  readonly onDemoted: (old: RedisServer) => void
}

interface Sentinel {
  readonly node: string
  master: string
  epoch: number
  heardAtMs: number
}

export function createSentinels(context: SentinelsContext): Sentinels {
  const { schedule, network, servers, random, downAfterMs, onPromoted, onDemoted } = context
  const [first] = servers.all
  const all: Sentinel[] = servers.all.map(({ name }) => ({
    ...{ node: name, master: first?.name ?? '', epoch: 0, heardAtMs: 0 },
  }))
  let isElecting = false

  const reaches = ({ node }: Sentinel, server: RedisServer) => isRunning(server) && !network.isCut(node, server.name)

  function listen(sentinel: Sentinel): void {
    if (reaches(sentinel, servers.named(sentinel.master))) sentinel.heardAtMs = schedule.now()
    for (const other of all) {
      if (other.epoch <= sentinel.epoch || network.isCut(sentinel.node, other.node)) continue
      Object.assign(sentinel, { master: other.master, epoch: other.epoch, heardAtMs: schedule.now() })
    }
  }

  const holdsDown = ({ heardAtMs }: Sentinel) => schedule.now() - heardAtMs > downAfterMs

  /** More than half of all Sentinels, with each other in touch, hold the master down; one of them leads. */
  function leader(): Sentinel | undefined {
    return all.find((one) => {
      const agreed = all.filter((other) => {
        return other.master === one.master && holdsDown(other) && !network.isCut(one.node, other.node)
      })
      return holdsDown(one) && agreed.length > all.length / 2
    })
  }

  function elect(): void {
    const leads = leader()
    if (leads === undefined || isElecting) return
    isElecting = true
    schedule.later(random.between(20, 500), () => {
      isElecting = false
      if (leader() !== leads) return
      const old = servers.named(leads.master)
      const candidates = servers.all.filter(
        (server) => server.follows === old && server.failing === undefined && reaches(leads, server),
      )
      const [best] = candidates.sort((a, b) => b.offset - a.offset)
      if (best === undefined) return
      Object.assign(leads, { master: best.name, epoch: leads.epoch + 1, heardAtMs: schedule.now() })
      onPromoted(old, best)
      servers.promote(best)
    })
  }

  /** Servers that a Sentinel of the newest epoch reaches follow whom they have to, each in its own time. */
  function reconfigure(): void {
    const epoch = Math.max(...all.map((one) => one.epoch))
    for (const sentinel of all.filter((one) => one.epoch === epoch)) {
      const master = servers.named(sentinel.master)
      for (const server of servers.all) {
        if (server === master || server.follows === master || !reaches(sentinel, server)) continue
        if (!random.chance(0.4)) continue
        if (server.follows === undefined) onDemoted(server)
        servers.follow(server, master)
      }
    }
  }

  return {
    count: all.length,
    ask(index, from) {
      const sentinel = all[index]
      return sentinel === undefined || network.isCut(sentinel.node, from) ? undefined : sentinel.master
    },
    tick() {
      for (const sentinel of all) listen(sentinel)
      elect()
      reconfigure()
      servers.reconsider()
    },
  }
}

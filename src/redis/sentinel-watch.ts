import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { Redis } from 'ioredis'
import { type Address, addressText, type Destination } from './address.ts'
import { tlsOptions } from './client-options.ts'
import { answerWithin } from './deadline.ts'
import { failureOf, isRefusedPassword } from './failure.ts'
import { authenticate, type Password } from './password.ts'
import { createSentinelTally } from './sentinel-majority.ts'
import type { SentinelSettings } from './settings.ts'
import { cutWhenSilent } from './silence.ts'

const POLL_MS = 1000
const ANSWER_TIMEOUT_MS = 1000
const DISCONNECT_TIMEOUT_MS = 100

/** Knows from the Sentinels who is the master. */
export interface SentinelWatch {
  /** Whom to connect to; not necessarily the master. The last one that was known, if nobody names one any more. */
  master(): Destination | undefined
  /**
   * As of which moment more than half of all configured Sentinels have named this address; undefined: they have not, within the
   * last 5 s.
   */
  namedAtMs(address: Address): number | undefined
  /** Why no master is known; undefined as long as some Sentinel may still answer. */
  trouble(): string | undefined
  /** Calls back when `master` or `trouble` has changed, until the function that is returned is called. */
  onChange(changed: () => void): () => void
  close(): void
}

export interface SentinelWatchContext {
  readonly connectTimeoutMs: number
  readonly password: Password
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number
  /** From 0 up to but not including 1. */
  readonly random: () => number
}

/**
 * Asks every configured Sentinel about once a second, each over a connection of its own. One alone is not believed: beside an
 * old master that is cut off there may be a Sentinel that does not know better.
 */
export function watchSentinels(settings: SentinelSettings['sentinel'], context: SentinelWatchContext): SentinelWatch {
  const { now, random } = context
  const tally = createSentinelTally(settings.addresses.length)
  const listeners = new Set<() => void>()
  const timers = new Set<NodeJS.Timeout>()
  /** By Sentinel: whom it named last, and why it did not name anybody. */
  const named = new Map<number, Destination>()
  const failures = new Map<number, string>()
  let current: Destination | undefined
  let trouble: string | undefined
  let isClosed = false

  const sentinels = settings.addresses.map((address) => openSentinel(address, settings, context))
  for (const [index, sentinel] of sentinels.entries()) void poll(index, sentinel)

  async function poll(index: number, sentinel: Sentinel): Promise<void> {
    const askedAtMs = now()
    try {
      const master = await sentinel.master()
      if (master === undefined) {
        failures.set(index, `no master is called ${settings.masterName}`)
      } else {
        failures.delete(index)
        named.set(index, master)
      }
      tally.answered(index, master && addressText(master), askedAtMs)
    } catch (error) {
      failures.set(index, failureOf(error)?.detail ?? String(error))
      tally.failed(index)
    }
    if (isClosed) return
    look()
    const timer = setTimeout(
      () => {
        timers.delete(timer)
        void poll(index, sentinel)
      },
      POLL_MS * (0.75 + random() / 2),
    )
    timers.add(timer)
  }

  function look(): void {
    const leading = tally.leading(now())
    const found = [...named.values()].find((master) => addressText(master) === leading) ?? current
    const isHopeless = found === undefined && failures.size === sentinels.length
    const news = isHopeless ? `Sentinels: ${[...new Set(failures.values())].join(', ')}` : undefined
    if (found === current && news === trouble) return
    current = found
    trouble = news
    for (const changed of listeners) changed()
  }

  return {
    master: () => current,
    namedAtMs: (address) => tally.namedAtMs(addressText(address), now()),
    trouble: () => trouble,
    onChange(changed) {
      listeners.add(changed)
      return () => listeners.delete(changed)
    },
    close() {
      isClosed = true
      listeners.clear()
      for (const timer of timers) clearTimeout(timer)
      for (const sentinel of sentinels) sentinel.close()
    },
  }
}

interface Sentinel {
  /** Asks, over a new connection if there is none. Rejects if there is no answer. */
  master(): Promise<Destination | undefined>
  close(): void
}

function openSentinel(
  { host, port }: Address,
  { masterName, username, tls }: SentinelSettings['sentinel'],
  { connectTimeoutMs, password }: SentinelWatchContext,
): Sentinel {
  let lastError: Error | undefined
  const client = new Redis({
    host,
    port,
    ...(username === undefined ? {} : { username }),
    ...(tls === undefined ? {} : { tls: tlsOptions(tls) }),
    connectionName: 'gatehouse',
    disableClientInfo: true,
    lazyConnect: true,
    enableOfflineQueue: false,
    enableReadyCheck: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    connectTimeout: connectTimeoutMs,
    disconnectTimeout: DISCONNECT_TIMEOUT_MS,
    // The next question connects it again.
    retryStrategy: null,
  })
  cutWhenSilent(client, ANSWER_TIMEOUT_MS)
  client.on('error', (error: Error) => {
    lastError = error
    if (isRefusedPassword(error)) void password.reread()
  })
  const unfollow = password.onChange((changed) => authenticate(client, username, changed))

  async function connect(): Promise<void> {
    const secret = password.current()
    if (secret !== undefined) client.options.password = secret
    lastError = undefined
    await answerWithin(connectTimeoutMs + ANSWER_TIMEOUT_MS, client.connect()).catch((error: unknown) => {
      throw lastError ?? error
    })
  }

  return {
    async master() {
      try {
        if (client.status !== 'ready') await connect()
        const question = client.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', masterName)
        return await readMaster(await answerWithin(ANSWER_TIMEOUT_MS, question))
      } catch (error) {
        if (client.status !== 'end') client.disconnect()
        throw error
      }
    },
    close() {
      unfollow()
      client.disconnect()
    },
  }
}

async function readMaster(reply: unknown): Promise<Destination | undefined> {
  if (!Array.isArray(reply)) return undefined
  const [name, port] = reply.map(String)
  if (name === undefined || !Number.isInteger(Number(port))) return undefined
  const host = isIP(name) === 0 ? (await lookup(name)).address : name
  return { host, port: Number(port), name }
}

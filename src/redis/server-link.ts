import { Redis } from 'ioredis'
import type { Events } from '../observe/events.ts'
import { StoreUnavailableError } from '../policy/errors.ts'
import { addressText, type Destination } from './address.ts'
import { NotFitError } from './client.ts'
import { CONNECT_TIMEOUT_MS, clientOptions, retryDelayMs } from './client-options.ts'
import { answerWithin } from './deadline.ts'
import { errorFor, failureOf, isRefusedPassword, replyCode } from './failure.ts'
import { readInfo } from './info.ts'
import type { RedisLink } from './link.ts'
import { authenticate, type Password } from './password.ts'
import type { Route } from './route.ts'
import { destinationOptions } from './server-client.ts'
import type { AccessSettings } from './settings.ts'

/** How often the server is asked whether it is the master, and for how long its answer counts. */
const PROOF_PAUSE_MS = 1000
const PROOF_LIFE_MS = 5000
const PROOF_TIMEOUT_MS = 1000
const DISCONNECT_TIMEOUT_MS = 100

/** Answers after which another server is looked for. */
const NOT_THE_MASTER = new Set(['READONLY', 'MOVED', 'UNBLOCKED', 'CLUSTERDOWN', 'MASTERDOWN', 'LOADING'])

export interface LinkSettings extends AccessSettings {
  readonly database: number
  /** A key that the link is for, where it depends on the key which master is right: in a Cluster. */
  readonly key: string | undefined
}

export interface LinkContext {
  readonly password: Password
  readonly events: Pick<Events, 'storeCalled'>
  readonly now: () => number
  readonly random: () => number
}

interface Attempt {
  readonly id: number
  readonly client: Redis
  readonly destination: Destination
  /** When the answer was asked for by which the server last said that it is the master; undefined: it has not yet. */
  provenAtMs: number | undefined
  /** Until when commands that are under way may keep it from answering anything else. */
  busyUntilMs: number
  proof: NodeJS.Timeout | undefined
}

/** Opens a link to the server to which a route leads: one connection after the other, each to a server that is the master. */
export function openServerLink(settings: LinkSettings, route: Route, context: LinkContext): RedisLink {
  const { password, events, now, random } = context
  const connectTimeoutMs = settings.connectTimeoutMs ?? CONNECT_TIMEOUT_MS
  let attempt: Attempt | undefined
  let failures = 0
  let nextId = 1
  let retry: NodeJS.Timeout | undefined
  let isClosed = false

  const unfollow = password.onChange((changed) => {
    if (attempt === undefined) connect()
    else authenticate(attempt.client, settings.username, changed)
  })
  const unroute = route.onChange(() => {
    const next = route.next()
    if (next === undefined) return
    if (attempt === undefined) connect()
    else if (addressText(attempt.destination) !== addressText(next)) giveUp(attempt, undefined)
  })
  connect()

  function connect(): void {
    clearTimeout(retry)
    const destination = route.next()
    if (isClosed || destination === undefined) return
    const secret = password.current()
    const client = new Redis({
      ...clientOptions(settings),
      ...destinationOptions(destination, settings),
      ...(secret === undefined ? {} : { password: secret }),
      connectionName: 'gatehouse-link',
      maxRetriesPerRequest: 0,
      disconnectTimeout: DISCONNECT_TIMEOUT_MS,
      retryStrategy: null,
    })
    const own: Attempt = { id: nextId, client, destination, provenAtMs: undefined, busyUntilMs: 0, proof: undefined }
    nextId += 1
    attempt = own
    let lastError: unknown
    client.on('error', (error: unknown) => {
      lastError = error
      if (isRefusedPassword(error)) void password.reread()
    })
    client.on('end', () => {
      if (attempt !== own) return
      void password.reread()
      giveUp(own, lastError ?? new NotFitError('connection closed'))
    })
    answerWithin(connectTimeoutMs + PROOF_TIMEOUT_MS, client.connect())
      .then(() => enter(own))
      .then(() => prove(own))
      .catch((error: unknown) => giveUp(own, error))
  }

  async function enter({ client }: Attempt): Promise<void> {
    if (settings.database !== 0) await answerWithin(PROOF_TIMEOUT_MS, client.select(settings.database))
  }

  /** Has the server say that it is the master, and again after a while. */
  async function prove(own: Attempt): Promise<void> {
    if (attempt !== own) return
    const askedAtMs = now()
    const patienceMs = PROOF_TIMEOUT_MS + Math.max(0, own.busyUntilMs - askedAtMs)
    await answerWithin(patienceMs, assertMaster(own.client, settings.key))
    if (attempt !== own) return
    own.provenAtMs = askedAtMs
    failures = 0
    own.proof = setTimeout(
      () => {
        prove(own).catch((error: unknown) => giveUp(own, error))
      },
      PROOF_PAUSE_MS * (0.75 + random() / 2),
    ).unref()
  }

  /** @param error what it answered, or why it did not; undefined: it is no longer wanted */
  function giveUp(own: Attempt, error: unknown): void {
    if (attempt !== own) return
    attempt = undefined
    clearTimeout(own.proof)
    own.client.disconnect()
    if (isClosed) return
    if (error === undefined) {
      connect()
      return
    }
    route.missed(error)
    failures += 1
    const isRedirected = replyCode(error) === 'MOVED' && failures === 1
    retry = setTimeout(connect, isRedirected ? 0 : retryDelayMs(failures, random))
  }

  async function send<Result>(
    own: Attempt,
    timeoutMs: number,
    call: (commands: Redis) => Promise<Result>,
  ): Promise<Result> {
    own.busyUntilMs = Math.max(own.busyUntilMs, now() + timeoutMs)
    try {
      return await answerWithin(timeoutMs, call(own.client))
    } catch (error) {
      const isSilent = failureOf(error)?.kind === 'silent'
      if (isSilent || NOT_THE_MASTER.has(replyCode(error))) giveUp(own, error)
      throw error
    }
  }

  function vouchedAtMs(): number | undefined {
    if (attempt?.provenAtMs === undefined || now() - attempt.provenAtMs > PROOF_LIFE_MS) return undefined
    return route.vouchedAtMs(attempt.destination)
  }

  return {
    async run(operation, timeoutMs, call) {
      const startedAtMs = now()
      const report = (outcome: 'ok' | 'unavailable', detail?: string) => {
        if (!isClosed) events.storeCalled({ operation, outcome, seconds: (now() - startedAtMs) / 1000, detail })
      }
      if (attempt?.provenAtMs === undefined) {
        // Nobody's failure while the first one is being made.
        if (attempt?.id !== 1) report('unavailable', 'no connection to the master')
        throw new StoreUnavailableError(`${operation}: no connection to the master`)
      }
      try {
        const result = await send(attempt, timeoutMs, call)
        report('ok')
        return result
      } catch (error) {
        const failure = failureOf(error)
        if (failure?.kind === 'silent' || failure?.kind === 'refused') report('unavailable', failure.detail)
        else report('ok')
        throw failure === undefined ? error : errorFor(failure, operation)
      }
    },
    isAuthoritative: () => vouchedAtMs() !== undefined,
    vouchedAtMs,
    connectionId: () => attempt?.id ?? nextId,
    async close() {
      isClosed = true
      unfollow()
      unroute()
      clearTimeout(retry)
      if (attempt !== undefined) giveUp(attempt, undefined)
    },
  }
}

/** Rejects unless the server says that it is the master, in a Cluster that of the key, and of a Cluster that is whole. */
async function assertMaster(client: Redis, key: string | undefined): Promise<void> {
  const [[role], state] = await Promise.all([
    client.role(),
    key === undefined ? 'ok' : client.cluster('INFO').then((reply) => readInfo(reply).get('cluster_state')),
    key === undefined ? 0 : client.exists(key),
  ])
  if (role !== 'master') throw new NotFitError(`it is no master (${String(role)})`)
  if (state !== 'ok') throw new NotFitError('its Cluster is not whole')
}

import type { Events } from '../observe/events.ts'
import { availability } from './availability.ts'
import { createBreaker } from './breaker.ts'
import type { RedisCommands } from './client.ts'
import { COMMAND_TIMEOUT_MS } from './client-options.ts'
import { answerWithin } from './deadline.ts'
import { openForm } from './form.ts'
import type { RedisLink } from './link.ts'
import { followPassword } from './password.ts'
import { openServerLink } from './server-link.ts'
import { inspectServers } from './server-settings.ts'
import type { RedisSettings } from './settings.ts'

export type { RedisCommands } from './client.ts'
export type { RedisSettings } from './settings.ts'

export interface RedisContext {
  readonly events: Pick<Events, 'storeCalled' | 'storeAvailability' | 'storeSettingUnsafe' | 'storePasswordFile'>
  /** Milliseconds; fractions are kept, and only differences count. */
  readonly now: () => number
  /** From 0 up to but not including 1. */
  readonly random: () => number
}

/** A connection that mends itself. */
export interface RedisConnection {
  /**
   * Sends commands through the breaker, at once or not at all: nothing waits for a connection and nothing is sent twice.
   * `operation` names the call in metrics.
   *
   * @throws StoreUnavailableError if the server gives no answer or cannot serve now
   * @throws UnreadableKeyError if the key holds another type of value
   * @throws StoreCommandError if the server does not accept the command as such
   */
  call<Result>(operation: string, send: (commands: RedisCommands) => Promise<Result>): Promise<Result>
  /** A connection of its own to the master of a key, to be closed by whoever opens it. */
  openLink(key: string): RedisLink
  /** Whether it is connected, in a Cluster to the masters of all slots, and calls are answered. */
  isAvailable(): boolean
  /** Resolves as soon as it is known whether the server can be reached; never rejects. */
  settled(): Promise<void>
  /** Closes for good. Calls under way get their answer or fail within the command timeout. */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

const FAILURE_THRESHOLD = 5
const BREAKER_PAUSE_MS = 500

/**
 * Connects in the background and never throws because a server is away; it tries for ever, and `storeAvailability` tells of
 * each change once.
 */
export function connectRedis(settings: RedisSettings, context: RedisContext): RedisConnection {
  const { events, now, random } = context
  const state = availability(events)
  const { commandTimeoutMs = COMMAND_TIMEOUT_MS } = settings
  const breaker = createBreaker(
    { failureThreshold: FAILURE_THRESHOLD, pauseMs: BREAKER_PAUSE_MS },
    { events, now, random, onChange: state.answering },
  )
  const password = followPassword(settings.password, settings.passwordFile, { account: 'server', events })
  const isAlone = settings.sentinel === undefined && settings.cluster === undefined
  let isConnected = false
  const signs = {
    connected() {
      // The handshake was answered, so there is no need to wait for a caller to find out.
      if (!isConnected) breaker.reset()
      isConnected = true
      state.connected()
    },
    lost(detail: string) {
      isConnected = false
      state.lost(detail)
    },
  }
  const inspection = inspectServers(events, settings.replicasToAcknowledge ?? (isAlone ? 0 : 1))
  const form = openForm(settings, { signs, password, inspection, now, random }, events)

  async function close(): Promise<void> {
    state.stop()
    password.close()
    await form.close()
  }

  return {
    call: (operation, send) => breaker.run(operation, () => answerWithin(commandTimeoutMs, form.client.send(send))),
    openLink(key) {
      const link = form.linkTo(key)
      return openServerLink(link.settings, link.route, { password, events, now, random })
    },
    isAvailable: state.isAvailable,
    settled: state.settled,
    close,
    [Symbol.asyncDispose]: close,
  }
}

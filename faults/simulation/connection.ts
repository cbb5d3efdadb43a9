import type { Network } from './network.ts'
import type { Process } from './process.ts'
import type { RedisServer } from './redis-server.ts'
import type { Schedule } from './schedule.ts'

/** What a command does at the server: it answers at once or later, and nothing behind it is done before. */
export type Execute = (server: RedisServer, answer: (reply: unknown) => void, fail: (code: string) => void) => void

/** The server's answer was an error, or the connection has ended. */
export class SimulatedError extends Error {
  override readonly name = 'SimulatedError'
}

/** A connection of one of our processes to a server. Commands are done in their order; answers may never come. */
export interface Connection {
  readonly server: RedisServer
  readonly isOpen: boolean
  /** Rejects with a SimulatedError; resolves or rejects never if the answer is lost. */
  send(execute: Execute): Promise<unknown>
  close(): void
}

export interface ConnectionContext {
  readonly schedule: Schedule
  readonly network: Network
  readonly process: Process
}

/** Opens a connection; whether the server is there the first command will show. */
export function openConnection(context: ConnectionContext, server: RedisServer): Connection {
  const { schedule, network, process } = context
  let isOpen = true
  let arrivesAtMs = 0
  let answersAtMs = 0
  /** What is to be done at the server once it has done what is before. */
  let tail: (() => void)[] = []
  let isBusy = false
  const pending = new Set<(error: Error) => void>()

  function endedByServer(): void {
    tail = []
    server.clients.delete(endedByServer)
    backAtClient(() => close())
  }

  function close(): void {
    if (!isOpen) return
    isOpen = false
    server.clients.delete(endedByServer)
    for (const reject of pending) reject(new SimulatedError('the connection has ended'))
    pending.clear()
  }
  server.clients.add(endedByServer)

  /** Runs something at our process when a message that the server sends now arrives, if it does. */
  function backAtClient(run: () => void): void {
    answersAtMs = Math.max(answersAtMs, schedule.now() + network.delay(server.name, process.name))
    process.later(answersAtMs - schedule.now(), () => {
      if (!network.isCut(server.name, process.name)) run()
    })
  }

  function doNext(): void {
    if (isBusy) return
    const next = tail.shift()
    if (next === undefined) return
    isBusy = true
    next()
  }

  function finished(): void {
    isBusy = false
    doNext()
  }

  function perform(execute: Execute, resolve: (reply: unknown) => void, reject: (error: Error) => void): void {
    const settle = (run: () => void) => {
      backAtClient(() => {
        if (pending.delete(reject)) run()
      })
      finished()
    }
    const fail = (code: string) => settle(() => reject(new SimulatedError(code)))
    if (server.failing !== undefined) fail(server.failing)
    else execute(server, (reply) => settle(() => resolve(reply)), fail)
  }

  function arrive(run: () => void): void {
    if (!server.isUp) backAtClient(() => close())
    else if (server.isPaused) server.arrived.push(() => arrive(run))
    else {
      tail.push(run)
      doNext()
    }
  }

  return {
    server,
    get isOpen() {
      return isOpen
    },
    send(execute) {
      return new Promise((resolve, reject) => {
        if (!isOpen) {
          reject(new SimulatedError('the connection has ended'))
          return
        }
        pending.add(reject)
        arrivesAtMs = Math.max(arrivesAtMs, schedule.now() + network.delay(process.name, server.name))
        schedule.later(arrivesAtMs - schedule.now(), () => {
          if (!network.isCut(process.name, server.name)) arrive(() => perform(execute, resolve, reject))
        })
      })
    },
    close,
  }
}

import type { Events } from '../observe/events.ts'

/** Whether a server can be used: it is connected, and its breaker is closed. */
export interface Availability {
  connected(): void
  lost(detail: string): void
  answering(isAnswering: boolean, detail: string): void
  isAvailable(): boolean
  /** Resolves with the first thing that is known. */
  settled(): Promise<void>
  /** Reports nothing any more. */
  stop(): void
}

/** The code of a RESP error, such as WRONGPASS, and not that of a system's error. */
const REFUSAL = /^(?!E[A-Z]+$)[A-Z]+$/
/** Causes of one outage that are told, at most. */
const MOST_CAUSES = 5

/**
 * Puts the two signs together and reports each change once by `storeAvailability`, the first state included; of an outage
 * that goes on, what the server answers, too: a wrong password ends in a closed connection, and that is seen first.
 */
export function availability(events: Pick<Events, 'storeAvailability'>): Availability {
  let isConnected = false
  let isAnswering = true
  let isStopped = false
  let reported: boolean | undefined
  /** Causes that have been told of this outage: the first that is seen is seldom the telling one. */
  const told = new Set<string>()
  const first = Promise.withResolvers<void>()

  function report(detail: string): void {
    const isAvailable = isConnected && isAnswering
    if (isAvailable) told.clear()
    const isCause = !isAvailable && REFUSAL.test(detail) && !told.has(detail) && told.size < MOST_CAUSES
    const isNews = reported !== isAvailable || isCause
    if (isStopped || !isNews) return
    if (!isAvailable) told.add(detail)
    reported = isAvailable
    events.storeAvailability({ isAvailable, detail })
    first.resolve()
  }

  return {
    connected() {
      isConnected = true
      report('connected')
    },
    lost(detail) {
      isConnected = false
      report(detail)
    },
    answering(value, detail) {
      isAnswering = value
      report(detail)
    },
    isAvailable: () => reported === true,
    settled: () => first.promise,
    stop() {
      isStopped = true
      reported = false
      first.resolve()
    },
  }
}

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

/** Puts the two signs together and reports each change once by `storeAvailability`, the first state included. */
export function availability(events: Pick<Events, 'storeAvailability'>): Availability {
  let isConnected = false
  let isAnswering = true
  let isStopped = false
  let reported: boolean | undefined
  const first = Promise.withResolvers<void>()

  function report(detail: string): void {
    const isAvailable = isConnected && isAnswering
    if (isStopped || reported === isAvailable) return
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

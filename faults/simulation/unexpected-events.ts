import type { Events } from '../../src/observe/events.ts'

/** Events to which nobody listens, but for those that say that the code itself is at fault. */
export function unexpectedEvents(onInternalError: (error: unknown) => void): Events {
  const events: Partial<Events> = {
    internalError: ({ error }) => onInternalError(error),
    storeRecordUnreadable: ({ kind, problem }) => onInternalError(new Error(`unreadable ${kind}: ${problem}`)),
  }
  return new Proxy(events as Events, {
    get: (known, name) => Reflect.get(known, name) ?? ignored,
  })
}

function ignored(): undefined {
  return undefined
}

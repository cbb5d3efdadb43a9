import type { Events } from '../../src/observe/events.ts'

type StoreEvents = Pick<Events, 'storeCalled' | 'storeAvailability' | 'storeRecordUnreadable'>
type EventOf<Name extends keyof StoreEvents> = Parameters<StoreEvents[Name]>[0]

/** Events that remember what they were told. */
export interface RecordedEvents extends StoreEvents {
  readonly calls: EventOf<'storeCalled'>[]
  readonly availability: EventOf<'storeAvailability'>[]
  readonly unreadable: EventOf<'storeRecordUnreadable'>[]
}

export function recordedEvents(): RecordedEvents {
  const calls: EventOf<'storeCalled'>[] = []
  const availability: EventOf<'storeAvailability'>[] = []
  const unreadable: EventOf<'storeRecordUnreadable'>[] = []
  return {
    calls,
    availability,
    unreadable,
    storeCalled: (event) => calls.push(event),
    storeAvailability: (event) => availability.push(event),
    storeRecordUnreadable: (event) => unreadable.push(event),
  }
}

import type { Events } from '../../src/observe/events.ts'

type StoreEvents = Pick<
  Events,
  'storeCalled' | 'storeAvailability' | 'storeRecordUnreadable' | 'storeSettingUnsafe' | 'storePasswordFile'
>
type EventOf<Name extends keyof StoreEvents> = Parameters<StoreEvents[Name]>[0]

/** Events that remember what they were told. */
export interface RecordedEvents extends StoreEvents {
  readonly calls: EventOf<'storeCalled'>[]
  readonly availability: EventOf<'storeAvailability'>[]
  readonly unreadable: EventOf<'storeRecordUnreadable'>[]
  readonly settings: EventOf<'storeSettingUnsafe'>[]
  readonly passwords: EventOf<'storePasswordFile'>[]
}

export function recordedEvents(): RecordedEvents {
  const calls: EventOf<'storeCalled'>[] = []
  const availability: EventOf<'storeAvailability'>[] = []
  const unreadable: EventOf<'storeRecordUnreadable'>[] = []
  const settings: EventOf<'storeSettingUnsafe'>[] = []
  const passwords: EventOf<'storePasswordFile'>[] = []
  return {
    calls,
    availability,
    unreadable,
    settings,
    passwords,
    storeCalled: (event) => calls.push(event),
    storeAvailability: (event) => availability.push(event),
    storeRecordUnreadable: (event) => unreadable.push(event),
    storeSettingUnsafe: (event) => settings.push(event),
    storePasswordFile: (event) => passwords.push(event),
  }
}

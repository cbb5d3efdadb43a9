import type { Events } from '../../src/observe/events.ts'

type Told = Pick<
  Events,
  | 'storeRecordUnreadable'
  | 'revocationViewReloaded'
  | 'revocationsRestored'
  | 'clockDisagrees'
  | 'internalError'
  | 'revoked'
>

/** Events that remember what they were told, as `[name, event]`. */
export interface RecordedRevocationEvents extends Told {
  readonly told: readonly (readonly [keyof Told, object])[]
  of<Name extends keyof Told>(name: Name): Parameters<Told[Name]>[0][]
}

export function recordedRevocationEvents(): RecordedRevocationEvents {
  const told: [keyof Told, object][] = []
  const remember = (name: keyof Told) => (event: object) => void told.push([name, event])
  return {
    told,
    of: <Name extends keyof Told>(name: Name) =>
      told.filter(([each]) => each === name).map(([, event]) => event as Parameters<Told[Name]>[0]),
    storeRecordUnreadable: remember('storeRecordUnreadable'),
    revocationViewReloaded: remember('revocationViewReloaded'),
    revocationsRestored: remember('revocationsRestored'),
    clockDisagrees: remember('clockDisagrees'),
    internalError: remember('internalError'),
    revoked: remember('revoked'),
  }
}

import { describe, expect, test } from 'vitest'
import { StoreUnavailableError } from '../../src/policy/errors.ts'
import { memoryRevocationLog } from '../../src/revocation/memory.ts'
import { createRevocationView } from '../../src/revocation/memory-view.ts'
import { createRevoker } from '../../src/revocation/revoker.ts'
import { standingClock } from '../contracts/clock.ts'
import { recordedRevocationEvents } from './recorded.ts'
import { SCOPES } from './scopes.ts'

const MINUTE_MS = 60_000
const DAY_MS = 24 * 60 * MINUTE_MS
const BY = { actor: 'admin', name: 'operator', reason: 'left' } as const

function opened() {
  const clock = standingClock()
  const view = createRevocationView({ monotonicMs: clock.now, now: clock.now, maxStalenessMs: 30_000 })
  const events = recordedRevocationEvents()
  const log = memoryRevocationLog({ now: clock.now })
  const changed: string[] = []
  const onSessionChanged = (sid: string) => void changed.push(sid)
  const revoker = createRevoker({ log, view, events, now: clock.now, onSessionChanged })
  return { clock, view, events, log, changed, revoker, onSessionChanged }
}

describe('a revoker', () => {
  test.for(SCOPES)('records %j, has it in its own view at once, and says on whose behalf', async (scope) => {
    const { clock, view, events, revoker } = opened()
    const { revocation, status } = await revoker.revoke(scope, BY)
    expect(status).toBe('accepted')
    expect(revocation).toEqual({ scope, atMs: clock.now(), expiresAtMs: clock.now() + 30 * DAY_MS + 5 * MINUTE_MS })
    expect([...view.entries()]).toEqual([revocation])
    expect(events.of('revoked')).toEqual([{ scope, by: BY, outcome: 'accepted', holders: 0, wanted: 0 }])
  })

  test.for([
    ['is known', 3 * MINUTE_MS, 8 * MINUTE_MS],
    ['is over', -MINUTE_MS, 5 * MINUTE_MS],
    ['is beyond the longest there is', 90 * DAY_MS, 30 * DAY_MS + 5 * MINUTE_MS],
  ] as const)('keeps the revocation of a session no longer than needed, where its end %s', async ([, endsIn, kept]) => {
    const { clock, revoker } = opened()
    const { revocation } = await revoker.revoke({ kind: 'session', sid: 'sid-1' }, BY, clock.now() + endsIn)
    expect(revocation.expiresAtMs).toBe(clock.now() + kept)
  })

  test('does not mind the end of one session where more than that is revoked', async () => {
    const { clock, revoker } = opened()
    const { revocation } = await revoker.revoke({ kind: 'subject', subject: 'ada' }, BY, clock.now() + MINUTE_MS)
    expect(revocation.expiresAtMs).toBeGreaterThan(clock.now() + 30 * DAY_MS)
  })

  test('takes an address in any case', async () => {
    const { view, revoker } = opened()
    await revoker.revoke({ kind: 'email', email: 'Ada@Example.com' }, BY)
    expect([...view.entries()].map(({ scope }) => scope)).toEqual([{ kind: 'email', email: 'ada@example.com' }])
  })

  test('claims nothing when the store gives no answer', async () => {
    const { view, events, clock, onSessionChanged } = opened()
    const away = async () => Promise.reject(new StoreUnavailableError('away'))
    const log = { record: away, announce: away }
    const revoker = createRevoker({ log, view, events, now: clock.now, onSessionChanged })
    await expect(revoker.revoke({ kind: 'everybody' }, BY)).rejects.toThrow(StoreUnavailableError)
    expect(view.size()).toBe(0)
    expect(events.of('revoked')).toEqual([{ scope: { kind: 'everybody' }, by: BY, outcome: 'unconfirmed' }])
  })

  test('tells its own replica of a changed session first, whatever the store says', async () => {
    const { view, events, clock, changed, log, revoker, onSessionChanged } = opened()
    const { position } = await log.end()
    await revoker.sessionChanged('sid-1')
    expect(await log.read(position, AbortSignal.timeout(1000))).toMatchObject({
      entries: [{ kind: 'session-changed', sid: 'sid-1' }],
    })
    const announce = async () => Promise.reject(new StoreUnavailableError('away'))
    const cutOff = createRevoker({ log: { ...log, announce }, view, events, now: clock.now, onSessionChanged })
    await expect(cutOff.sessionChanged('sid-2')).rejects.toThrow(StoreUnavailableError)
    expect(changed).toEqual(['sid-1', 'sid-2'])
  })
})

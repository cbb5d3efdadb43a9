import { expect, test } from 'vitest'
import { memorySessionStore } from '../../src/sessions/memory.ts'
import { standingClock } from '../contracts/clock.ts'
import { sessionStoreContract } from '../contracts/session-store.ts'
import { HOUR_MS, sampleSession } from './sample-session.ts'

sessionStoreContract('the session store in memory', (now) => memorySessionStore({ now }))

test('expired sessions do not come back when the clock is set back, once they have been swept', async () => {
  const clock = standingClock()
  const store = memorySessionStore({ now: clock.now })
  const expired = sampleSession()
  await store.save(expired)
  clock.advance(2 * HOUR_MS)
  await store.save(sampleSession({ expiresAtMs: clock.now() + HOUR_MS }))
  clock.advance(-2 * HOUR_MS)
  expect(await store.find(expired.sid)).toBeUndefined()
})

import { memoryLockStore } from '../../src/sessions/lock-memory.ts'
import { standingClock } from '../contracts/clock.ts'
import { lockStoreContract } from '../contracts/lock-store.ts'

lockStoreContract('memory', () => {
  const clock = standingClock()
  return { store: memoryLockStore(clock), advance: async (milliseconds) => clock.advance(milliseconds) }
})

import { expect, test } from 'vitest'
import { memoryRevocationLog } from '../../src/revocation/memory.ts'
import { standingClock } from '../contracts/clock.ts'
import { loaded, revocationLogContract } from '../contracts/revocation-log.ts'

const HOUR_MS = 3_600_000

revocationLogContract('the revocation log in memory', async () => memoryRevocationLog({ now: () => Date.now() }))

test('a reader that lags too far behind is told that there is a gap', async () => {
  const log = memoryRevocationLog({ now: standingClock().now })
  const { position } = await log.end()
  for (let index = 0; index < 1001; index += 1) await log.announce(`sid-${index}`)
  expect(await log.read(position, AbortSignal.timeout(5000))).toBe('gap')
})

test('the clock stands still while the process’s goes back', async () => {
  const clock = standingClock()
  const log = memoryRevocationLog({ now: clock.now })
  const { revocation } = await log.record({ kind: 'everybody' }, HOUR_MS)
  clock.advance(-HOUR_MS)
  expect((await log.record({ kind: 'everybody' }, HOUR_MS)).revocation.atMs).toBe(revocation.atMs)
})

test('what has expired goes some time after', async () => {
  const clock = standingClock()
  const log = memoryRevocationLog({ now: clock.now })
  for (let index = 0; index < 5000; index += 1) {
    clock.advance(60_000)
    await log.record({ kind: 'session', sid: `sid-${index}` }, HOUR_MS)
  }
  expect((await loaded(log)).size).toBeLessThan(1100)
})

import { expect, test } from 'vitest'
import { sessionsBeyond } from '../../src/sessions/limit.ts'
import { memorySessionStore } from '../../src/sessions/memory.ts'
import { standingClock } from '../contracts/clock.ts'
import { sampleSession } from './sample-session.ts'

const SUBJECT = 'subject-of-ada'

async function withSessions(count: number) {
  const clock = standingClock()
  const store = memorySessionStore(clock)
  const oldestFirst = Array.from({ length: count }, (_, index) => sampleSession({ createdAtMs: clock.now() + index }))
  await Promise.all(oldestFirst.map((session) => store.save(session)))
  await store.save(sampleSession({ subject: 'subject-of-bob', createdAtMs: clock.now() - 1 }))
  return { store, sids: oldestFirst.map(({ sid }) => sid) }
}

test.each([
  [0, 3, 0],
  [3, 3, 0],
  [4, 3, 1],
  [7, 1, 6],
  [2500, 2, 2498],
])('of %d sessions where %d are allowed, the oldest %d have to end', async (count, maxPerUser, ends) => {
  const { store, sids } = await withSessions(count)
  const beyond = await sessionsBeyond(store, SUBJECT, { maxPerUser, isLive: () => true })
  expect([...beyond].reverse()).toEqual(sids.slice(0, ends))
})

test('sessions that no longer count make no other one end', async () => {
  const { store, sids } = await withSessions(5)
  const revoked = new Set(sids.slice(2, 4))
  const isLive = ({ sid }: { readonly sid: string }) => !revoked.has(sid)
  expect(await sessionsBeyond(store, SUBJECT, { maxPerUser: 3, isLive })).toEqual([])
  expect(await sessionsBeyond(store, SUBJECT, { maxPerUser: 2, isLive })).toEqual([sids[0]])
})

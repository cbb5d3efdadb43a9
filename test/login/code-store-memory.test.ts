import { expect, test } from 'vitest'
import { memoryCodeStore } from '../../src/login/memory.ts'
import { standingClock } from '../contracts/clock.ts'
import { codeStoreContract } from '../contracts/code-store.ts'

codeStoreContract('the code store in memory', () => {
  const clock = standingClock()
  return { store: memoryCodeStore({ now: clock.now }), advance: async (milliseconds) => clock.advance(milliseconds) }
})

test('of more than 100,000 codes the oldest go first', async () => {
  const store = memoryCodeStore({ now: standingClock().now })
  for (let index = 0; index < 100_002; index += 1) await store.put(`key ${index}`, `${index}`, 60)
  expect(await store.take('key 0')).toBeUndefined()
  expect(await store.take('key 1')).toBeUndefined()
  expect(await store.take('key 2')).toBe('2')
  expect(await store.take('key 100001')).toBe('100001')
})

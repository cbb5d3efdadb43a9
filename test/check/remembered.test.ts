import { expect, test } from 'vitest'
import { type AnswerHolder, answerMemory, type RememberedAnswer } from '../../src/check/remembered.ts'
import { sampleApplication, sampleIdentity } from '../policy/sample.ts'

const holder = (): AnswerHolder => ({ remembered: undefined })

function answer(cookies = ''): RememberedAnswer {
  const said = { status: 200, headers: [], body: '' }
  return {
    application: sampleApplication(),
    cookies,
    identity: sampleIdentity(),
    assertion: 'not-wanted',
    answer: said,
    bytes: 0,
  }
}

test('keeps as many answers as it may, and lets the oldest go first', () => {
  const remember = answerMemory(3)
  const holders = Array.from({ length: 5 }, holder)
  for (const one of holders) remember(one, answer())
  expect(holders.map(({ remembered }) => remembered !== undefined)).toEqual([false, false, true, true, true])
})

test('takes no second place for a holder that gets another answer', () => {
  const remember = answerMemory(2)
  const [first, second] = [holder(), holder()]
  const last = answer()
  remember(first, answer())
  for (let round = 0; round < 5; round += 1) remember(second, last)
  expect(first.remembered).toBeDefined()
  expect(second.remembered).toBe(last)
})

test('does not keep answers to heads full of cookies', () => {
  const remember = answerMemory(2)
  const one = holder()
  remember(one, answer('x'.repeat(5000)))
  expect(one.remembered).toBeUndefined()
})

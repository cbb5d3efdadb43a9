import { expect, test } from 'vitest'
import { PROMISED } from '../../faults/bounds.ts'
import { lastLetIn } from '../../faults/last-let-in.ts'
import { check, mint, revoke, signIn, world } from './sample-history.ts'

const issued = [world, signIn(1), mint(30)]

test('the last that was let in counts from the answer to the revocation', () => {
  const history = [...issued, revoke(1000), check(900, 'r1', 'allow'), check(1500, 'r2', 'allow')]
  expect(lastLetIn(history, PROMISED)).toMatchObject({ count: 1, max: 490 })
})

test('nobody let in is no time at all, and what is pending does not count', () => {
  expect(lastLetIn([...issued, revoke(1000), check(1500, 'r2', 'challenge')], PROMISED).max).toBe(0)
  expect(lastLetIn([...issued, revoke(1000, { answer: 'pending' }), check(1500, 'r2', 'allow')], PROMISED).count).toBe(
    0,
  )
})

import { expect, test } from 'vitest'
import { nearest } from '../../src/config/nearest.ts'

test.for([
  ['sesions', 'sessions'],
  ['LISTNERS', 'listeners'],
  ['log', 'log'],
  ['zzzzzz', undefined],
  ['', undefined],
] as const)('%j most likely means %j', ([typed, meant]) => {
  expect(nearest(typed, ['listeners', 'sessions', 'log'])).toBe(meant)
})
